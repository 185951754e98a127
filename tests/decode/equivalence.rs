//! Properties: decoding never panics, loses nothing, and sees through every rewriting of a record.

use crate::samples::*;
use picket::decode::Outcome;
use proptest::prelude::*;
use serde_json::Value;

fn records() -> Vec<Value> {
    vec![sign_in_record(), managed_identity_record(), audit_record(), graph_record(), risk_record()]
}

/// Members that exports write as JSON inside a string.
const FOLDED: [&str; 10] = [
    "properties",
    "location",
    "status",
    "initiatedBy",
    "targetResources",
    "additionalDetails",
    "modifiedProperties",
    "networkLocationDetails",
    "authenticationProcessingDetails",
    "managedServiceIdentity",
];

/// Rewrites a record as exports do, by turns of `choices`: names in another case, numbers as text, objects as text.
fn rewrite(value: &Value, choices: &mut impl Iterator<Item = u8>) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let mut inner = rewrite(value, choices);
                if FOLDED.contains(&name.as_str()) && choices.next().unwrap_or(0).is_multiple_of(4) {
                    inner = Value::String(inner.to_string());
                }
                let name = match choices.next().unwrap_or(0) % 4 {
                    0 => name.to_lowercase(),
                    1 => name.to_uppercase(),
                    2 => format!("{}{}", name[..1].to_uppercase(), &name[1..]),
                    _ => name.clone(),
                };
                (name, inner)
            })
            .collect(),
        Value::Array(items) => items.iter().map(|item| rewrite(item, choices)).collect(),
        Value::Number(number) if choices.next().unwrap_or(0).is_multiple_of(2) => Value::String(number.to_string()),
        other => other.clone(),
    }
}

/// What can be said of any outcome: all of the value is accounted for, in order.
fn check(bytes: &[u8]) {
    let seen = all(bytes);
    for (at, one) in seen.iter().enumerate() {
        assert_eq!(one.index as usize, at);
        if let Outcome::Events(events) = &one.outcome {
            assert!(!events.is_empty());
        }
    }
    let blank = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).iter().all(u8::is_ascii_whitespace);
    assert!(!blank || seen.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_decoded_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        check(&bytes);
    }

    #[test]
    fn anything_like_json_is_decoded_without_panic(text in r#"([\[\]{},:" \n\\a0]|"records"|"value"|"category"|"properties"|AuditLogs|null|\{\}){0,60}"#) {
        check(text.as_bytes());
    }

    #[test]
    fn damaged_records_are_decoded_without_panic(
        which in 0_usize..5,
        envelope: bool,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let record = &records()[which];
        let mut bytes = if envelope { format!(r#"{{"records":[{record},{record}]}}"#) } else { record.to_string() }.into_bytes();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check(&bytes);
        check(&bytes[..cut.index(bytes.len())]);
    }

    #[test]
    fn a_rewritten_record_is_the_same_event(which in 0_usize..5, choices in proptest::collection::vec(any::<u8>(), 64)) {
        let record = &records()[which];
        let rewritten = rewrite(record, &mut choices.iter().copied().cycle());
        prop_assert_eq!(event(&rewritten), event(record), "{}", rewritten);
    }
}
