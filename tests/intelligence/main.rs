//! Indicators: files with anything done to them give what can be taken and complaints that name the file; nothing panics.
#![expect(clippy::expect_used, reason = "a test that meets the unexpected shall stop")]

use picket::intelligence::{Reading, read};
use proptest::prelude::*;
use std::path::Path;

/// Every form in which indicators come.
const FILES: [&str; 4] = [
    "# confidence: 80\n# source: ours\n# until: 2027-01-31\n203.0.113.0/24 ; SBL1\n\nAS64496\n2001:db8::/32\n\
     b0000000-0000-4000-8000-000000000001\nevil.example # seen\n10.0.0.0/7\n",
    "type,indicator,confidence,valid_from,valid_until,description,source\nip,203.0.113.7,90,2026-01-31,2027-01-31,\"a, \"\"b\"\"\",x\n\
     asn,AS64496,,,,,\ndomain,evil.example,101,never,,,\n",
    "{\"cidr\":\"203.0.113.0/24\",\"sblid\":\"SBL1\",\"rir\":\"x\"}\n{\"asn\":64496,\"asname\":\"BAD\"}\n\
     {\"type\":\"metadata\",\"records\":2,\"timestamp\":1750000000}\n{\"cidr\":\"0.0.0.0/0\"}\n",
    r#"{"type":"bundle","id":"bundle--1","objects":[
        {"type":"identity","id":"identity--1","name":"A team"},
        {"type":"indicator","id":"indicator--1","name":"relay","created_by_ref":"identity--1","pattern":"[ipv4-addr:value = '203.0.113.7' OR ipv6-addr:value ISSUBSET '2001:db8::/32'] OR [autonomous-system:number = 64496]","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","valid_until":"2027-01-01T00:00:00Z","confidence":85},
        {"type":"indicator","id":"indicator--2","revoked":true,"pattern":"[domain-name:value = 'evil.example']"}]}"#,
];

fn read_bytes(bytes: &[u8]) -> Reading {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a list.txt"), bytes).expect("writes");
    read(&[folder.path().to_owned()])
}

/// Complaints name the file, and what was taken can be shown.
fn check(bytes: &[u8]) -> Result<Reading, TestCaseError> {
    let reading = read_bytes(bytes);
    for complaint in &reading.complaints {
        prop_assert!(complaint.to_string().contains("a list.txt"), "{}", complaint);
    }
    for indicator in &reading.indicators {
        prop_assert!(!indicator.subject.to_string().is_empty() && indicator.confidence <= 100);
    }
    Ok(reading)
}

#[test]
fn a_broken_object_of_a_bundle_takes_no_other_with_it() {
    let indicator =
        |members: &str| format!(r#"{{"type":"indicator","pattern":"[ipv4-addr:value = '203.0.113.7']"{members}}}"#);
    for (broken, is_told) in [
        ("5".to_owned(), true),
        ("{}".to_owned(), true),
        (indicator(r#","confidence":300"#), true),
        (indicator(r#","confidence":"high""#), true),
        (indicator(r#","name":["a"]"#), true),
        (r#"{"type":"malware","name":7,"revoked":"no"}"#.to_owned(), false),
        (indicator(r#","revoked":true"#), false),
    ] {
        let whole = indicator(r#","revoked":null,"confidence":85,"created_by_ref":"identity--1""#);
        let bundle = format!(
            r#"{{"type":"bundle","objects":[{broken},{{"type":"identity","id":"identity--1","name":"A team"}},{whole}]}}"#
        );
        let reading = read_bytes(bundle.as_bytes());
        let [taken] = reading.indicators.as_slice() else { panic!("{broken}: {reading:?}") };
        assert_eq!((taken.source.as_str(), taken.confidence), ("A team", 85), "{broken}");
        let told: Vec<Option<usize>> = reading.complaints.iter().map(|complaint| complaint.line).collect();
        assert_eq!(told, if is_told { vec![Some(1)] } else { vec![] }, "{broken}: {:?}", reading.complaints);
    }
}

#[test]
fn an_envelope_of_a_collection_is_read_like_a_bundle() {
    let object = r#"{"type":"indicator","pattern":"[ipv4-addr:value = '203.0.113.7']"}"#;
    let reading = read_bytes(format!(r#"{{"more":false,"objects":[{object}]}}"#).as_bytes());
    assert_eq!((reading.indicators.len(), reading.complaints.len()), (1, 0), "{reading:?}");
    let reading = read_bytes(format!(r#"{{"type":"report","objects":[{object}]}}"#).as_bytes());
    assert_eq!((reading.indicators.len(), reading.complaints.len()), (0, 1), "{reading:?}");
}

fn places() -> impl Strategy<Value = Vec<(f64, usize, Vec<u8>)>> {
    let pieces = prop::sample::select(vec![
        "\"",
        "\\",
        "'",
        ",",
        "[",
        "]",
        "{",
        "}",
        "/",
        "/0",
        "/999",
        ":",
        "::",
        " OR ",
        " AND ",
        "(",
        ")",
        "=",
        "#",
        ";",
        "\n",
        "\r",
        "\t",
        "\0",
        "AS99999999999",
        "1e999",
        "null",
        "-1",
        "9999-99-99",
        "é",
        "\u{2013}",
        "xn--",
        ".",
        "..",
    ]);
    let insert =
        prop_oneof![pieces.prop_map(|text| text.as_bytes().to_vec()), proptest::collection::vec(any::<u8>(), 0..12),];
    proptest::collection::vec((0.0..1.0, 0..40_usize, insert), 0..6)
}

fn mutated(text: &str, places: &[(f64, usize, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (place, removed, insert) in places {
        let at = (place * bytes.len() as f64) as usize;
        let end = (at + removed).min(bytes.len());
        bytes.splice(at..end, insert.iter().copied());
    }
    bytes
}

#[test]
fn the_files_are_good_before_anything_is_done_to_them() {
    for text in FILES {
        assert!(read_bytes(text.as_bytes()).indicators.len() >= 2, "{text}");
    }
}

#[test]
fn a_list_that_is_not_there_is_complained_about() {
    let reading = read(&[Path::new("no such list").to_owned()]);
    assert_eq!((reading.indicators.len(), reading.complaints.len()), (0, 1));
}

proptest! {
    #[test]
    fn a_list_with_anything_done_to_it_gives_indicators_and_complaints(
        file in prop::sample::select(&FILES[..]), places in places(),
    ) {
        check(&mutated(file, &places))?;
    }

    #[test]
    fn arbitrary_bytes_are_no_danger(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        check(&bytes)?;
    }

    #[test]
    fn a_good_line_of_a_plain_list_lives_beside_a_bad_one(bad in "[^\n\r#;]{1,30}") {
        prop_assume!(!bad.trim_start().starts_with(['{', '#', ';']));
        let reading = check(format!("203.0.113.9\n{bad}\n203.0.113.10\n").as_bytes())?;
        let shown: Vec<String> = reading.indicators.iter().map(|one| one.subject.to_string()).collect();
        prop_assert!(["203.0.113.9", "203.0.113.10"].iter().all(|good| shown.iter().any(|one| one.starts_with(good))), "{:?}", shown);
    }
}
