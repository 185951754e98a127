//! The cases as they lie in the shared data; none where that is absent.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// One case.
pub(crate) struct Case {
    /// Rule and case, or file and line.
    pub(crate) name: String,
    /// Whether it must be reported.
    pub(crate) expected: bool,
    /// The record.
    pub(crate) record: String,
}

fn shared(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(part);
    if !path.exists() {
        println!("skipped: there is no ../shared/data/{part}");
    }
    path.exists().then_some(path)
}

fn lines(part: &str) -> Vec<Value> {
    let text = shared(part).and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// The tests of the peers' rules; events that a collector has labelled with ideas; a chain that is all malicious.
pub(crate) fn cases() -> Vec<Case> {
    // Of code hosts those whose audit log is taken in.
    let hosts =
        lines("peer-cases/panther-codescan.jsonl").into_iter().filter(|line| text(line, "category") == "GitHub.Audit");
    let panther = lines("peer-cases/panther.jsonl").into_iter().chain(hosts).map(|line| Case {
        name: format!("{} / {}", text(&line, "rule_id"), text(&line, "case")),
        expected: line.get("expected").and_then(Value::as_bool).unwrap_or_default(),
        record: line.get("event").map(Value::to_string).unwrap_or_default(),
    });
    let labelled = ["events/splunk-data-sources/events.jsonl", "events/datadog-normaliser-tests/events.jsonl"];
    let labelled = labelled.into_iter().flat_map(|part| {
        lines(part).into_iter().enumerate().filter_map(move |(at, line)| {
            let ideas: Vec<&str> = line.get("ideas")?.as_array()?.iter().filter_map(Value::as_str).collect();
            // Without a label it was not judged.
            let record = line.get("event")?;
            let name = format!("{part}:{} {}", at + 1, ideas.join(" "));
            (!ideas.is_empty()).then(|| Case { name, expected: true, record: record.to_string() })
        })
    });
    let golden = lines("events/otrf-golden-saml/AADAuditEvents.jsonl").into_iter().enumerate().map(|(at, line)| Case {
        name: format!("golden SAML:{} {}", at + 1, text(&line, "OperationName")),
        expected: true,
        record: line.to_string(),
    });
    panther.chain(labelled).chain(golden).collect()
}
