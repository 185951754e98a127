//! Hostile input: nothing panics, nothing is lost, and the good records beside it live.

use crate::samples::*;
use picket::decode::{Context, Limits, Outcome, ReasonCode};
use serde_json::json;

fn codes(bytes: &[u8]) -> Vec<Option<ReasonCode>> {
    codes_with(bytes, &context())
}

fn codes_with(bytes: &[u8], context: &Context) -> Vec<Option<ReasonCode>> {
    let code = |outcome: Outcome| match outcome {
        Outcome::Dead(reason) => Some(reason.code),
        Outcome::Events(_) | Outcome::Ignored(_) => None,
    };
    all_with(bytes, context).into_iter().map(|seen| code(seen.outcome)).collect()
}

#[test]
fn a_bad_record_in_a_good_envelope_kills_only_itself() {
    let good = sign_in_record().to_string();
    for (bad, code) in [
        (r#"{"category":"AuditLogs",}"#, ReasonCode::Malformed),
        (r#"{"category" "AuditLogs"}"#, ReasonCode::Malformed),
        (r#"{"category":"\ud800"}"#, ReasonCode::Malformed),
        (r#""text""#, ReasonCode::UnknownShape),
        ("null", ReasonCode::UnknownShape),
        ("[[[[[1]]]]]", ReasonCode::UnknownShape),
        (r#"{"records":7}"#, ReasonCode::UnknownShape),
    ] {
        for text in [
            format!(r#"{{"records":[{good},{bad},{good}]}}"#),
            format!("[{good},{bad},{good}]"),
            format!("{good}\n{bad}\n{good}"),
        ] {
            assert_eq!(codes(text.as_bytes()), [None, Some(code), None], "{bad}");
        }
        let late = format!(r#"{{"first":1,"records":[{good},{bad},{good}]}}"#);
        assert_eq!(codes(late.as_bytes()), [None, Some(code), None], "{bad}");
    }
}

#[test]
fn bytes_that_are_no_utf8_kill_only_their_record() {
    let good = sign_in_record().to_string().into_bytes();
    let bad = b"{\"category\":\"\xff\xfe\"}".to_vec();
    let mut envelope = b"{\"records\":[".to_vec();
    envelope.extend([&good[..], b",", &bad, b",", &good, b"]}"].concat());
    assert_eq!(codes(&envelope), [None, Some(ReasonCode::InvalidUtf8), None]);
    assert_eq!(codes(&[&good[..], b"\n", &bad, b"\n", &good].concat()), [None, Some(ReasonCode::InvalidUtf8), None]);
    assert_eq!(codes(b"\xff\xff\xff"), [Some(ReasonCode::UnknownShape)]);
}

#[test]
fn a_cut_off_envelope_is_one_dead_letter_with_all_its_bytes() {
    let good = sign_in_record();
    for whole in [json!({"records": [good, good]}).to_string(), json!([good, good]).to_string()] {
        for cut in [13, whole.len() / 2, whole.len() - 3, whole.len() - 1] {
            let seen = all(&whole.as_bytes()[..cut]);
            assert_eq!(seen.len(), 1, "cut at {cut}");
            assert!(matches!(&seen[0].outcome, Outcome::Dead(reason) if reason.code == ReasonCode::Malformed));
            assert_eq!(seen[0].bytes, &whole.as_bytes()[..cut]);
        }
    }
}

#[test]
fn a_cut_off_line_leaves_the_next_ones_alone() {
    let good = sign_in_record().to_string();
    let text = format!("{}\n{good}\n{good}", &good[..100]);
    assert_eq!(codes(text.as_bytes()), [Some(ReasonCode::Malformed), None, None]);
    assert_eq!(all(text.as_bytes())[0].bytes, &good.as_bytes()[..100]);
}

#[test]
fn limits_are_kept() {
    let small =
        Context { limits: Limits { value_bytes: 4_000, record_bytes: 2_000, records: 2, depth: 10 }, ..context() };
    let good = sign_in_record().to_string();
    assert_eq!(codes_with(good.as_bytes(), &small), [None]);
    let long = with(sign_in_record(), "/note", json!("x".repeat(2_000))).to_string();
    assert_eq!(codes_with(long.as_bytes(), &small), [Some(ReasonCode::TooLarge)]);
    let huge = format!("{good}\n{good}\n{good}\n{good}");
    assert_eq!(codes_with(huge.as_bytes(), &small), [Some(ReasonCode::TooLarge)]);
    assert_eq!(codes_with(b"[{},{},{}]", &small), [Some(ReasonCode::TooLarge)]);
    for (depth, dead) in [(8, false), (11, true), (60, true)] {
        let deep = format!(r#"{{"category":"x","a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert_eq!(codes_with(deep.as_bytes(), &small), [dead.then_some(ReasonCode::TooDeep)], "{depth}");
    }
}

#[test]
fn deep_nesting_anywhere_is_no_danger() {
    for name in ["unknown", "properties", "location", "id", "targetResources", "records"] {
        for depth in [100, 1_000, 100_000] {
            let deep = format!(r#"{{"category":"AuditLogs","{name}":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
            let seen = codes(deep.as_bytes());
            assert!(!seen.is_empty() && seen.iter().all(Option::is_some), "{name} {depth}: {seen:?}");
        }
    }
    assert_eq!(codes("[".repeat(1_000_000).as_bytes()), [Some(ReasonCode::TooDeep)]);
    assert_eq!(codes("{\"a\":".repeat(100_000).as_bytes()), [Some(ReasonCode::TooDeep)]);
}

#[test]
fn a_huge_record_is_dead_and_its_neighbours_live() {
    let huge = with(sign_in_record(), "/note", json!("x".repeat(50 << 20))).to_string();
    let good = sign_in_record().to_string();
    let text = format!(r#"{{"records":[{good},{huge},{good}]}}"#);
    assert_eq!(codes(text.as_bytes()), [None, Some(ReasonCode::TooLarge), None]);
}

#[test]
fn time_and_memory_stay_linear() {
    for text in ["{\"a\":\n".repeat(1 << 17), "{\n".repeat(1 << 18), "[{},".repeat(1 << 18), "{}\n".repeat(1 << 18)] {
        let seen = codes(text.as_bytes());
        assert!(seen.len() <= Limits::default().records + 1, "{}", seen.len());
    }
}

#[test]
fn long_texts_are_cut() {
    let mut record = sign_in_record();
    for name in
        ["servicePrincipalName", "userAgent", "id", "resourceDisplayName", "servicePrincipalCredentialThumbprint"]
    {
        record = with(record, &format!("/properties/{name}"), json!("é".repeat(10_000)));
    }
    let event = event(&record);
    assert!(format!("{event:?}").len() < 4_000);
}

#[test]
fn duplicate_and_unknown_members_do_no_harm() {
    let text = sign_in_record().to_string().replacen('{', r#"{"category":"AuditLogs","surprise":{"a":[1,{}]},"#, 1);
    assert_eq!(codes(text.as_bytes()), [None]);
}

#[test]
fn a_reason_never_quotes_the_record() {
    for text in
        [r#"{"made-up-secret": tru"#, r#"{"a":"made-up-secret" "b"}"#, "made-up-secret", r#"[{"made-up-secret"}]"#]
    {
        for seen in all(text.as_bytes()) {
            assert!(!format!("{:?}", seen.outcome).contains("made-up"), "{:?}", seen.outcome);
        }
    }
}
