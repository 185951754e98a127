//! What every real or published record becomes. Read the snapshot when it changes.

use crate::samples::all;
use crate::summary::summary;
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn data() -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if data.is_dir() {
        return Some(data);
    }
    println!("skipped: there is no ../shared/data beside the repository");
    None
}

fn write_outcomes(out: &mut String, name: &str, bytes: &[u8]) {
    let seen = all(bytes);
    assert!(!seen.is_empty(), "{name}: every record has an outcome");
    for one in seen {
        writeln!(out, "{name}: {}", summary(&one.outcome)).expect("written");
    }
}

#[test]
fn every_published_event_becomes_what_the_snapshot_says() {
    let Some(data) = data() else { return };
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(data.join("events"))
        .into_iter()
        .map(|entry| entry.expect("readable").into_path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "json" || kind == "jsonl"))
        .filter(|path| !path.to_string_lossy().contains("github-webhooks"))
        .collect();
    files.sort();
    let mut out = String::new();
    for file in files {
        let bytes = std::fs::read(&file).expect("readable");
        let name = file.strip_prefix(&data).expect("below").display().to_string();
        if !name.contains("datadog") && !name.contains("splunk") {
            write_outcomes(&mut out, &name, &bytes);
            continue;
        }
        for (at, line) in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).enumerate() {
            let case: Value = serde_json::from_slice(line).expect("JSON");
            write_outcomes(&mut out, &format!("{name}:{}", at + 1), case["event"].to_string().as_bytes());
        }
    }
    insta::assert_snapshot!(out);
}

#[test]
fn every_published_entry_of_a_code_host_becomes_what_the_snapshot_says() {
    let Some(data) = data() else { return };
    let lines = std::fs::read_to_string(data.join("peer-cases/panther-codescan.jsonl")).expect("readable");
    let mut out = String::new();
    for line in lines.lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        if case["category"] == "GitHub.Audit" {
            let name =
                format!("{} / {}", case["rule_id"].as_str().expect("text"), case["case"].as_str().expect("text"));
            write_outcomes(&mut out, &name, case["event"].to_string().as_bytes());
        }
    }
    insta::assert_snapshot!(out);
}

#[test]
fn every_published_case_of_a_peer_becomes_what_the_snapshot_says() {
    let Some(data) = data() else { return };
    let lines = std::fs::read_to_string(data.join("peer-cases/panther.jsonl")).expect("readable");
    let mut out = String::new();
    for line in lines.lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let name = format!("{} / {}", case["rule_id"].as_str().expect("text"), case["case"].as_str().expect("text"));
        write_outcomes(&mut out, &name, case["event"].to_string().as_bytes());
    }
    insta::assert_snapshot!(out);
}
