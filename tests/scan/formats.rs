//! The forms in which findings are written.

use super::planted::{assignment, entra_secret};
use super::support::program::{expect_code, picket, stderr, stdout};
use super::{findings, scan, write};
use serde_json::Value;

/// A file with one finding at a known place.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "conf, 1/app.env", format!("# settings\n{}", assignment(1)));
    folder
}

fn report(format: &str) -> String {
    stdout(&expect_code(&mut scan(folder().path(), [".", "--format", format]), 1))
}

#[test]
fn json_has_a_line_a_finding_with_all_that_is_known() {
    let found = findings(folder().path(), ["."], 1);
    let [finding] = &*found else { panic!("one finding, not {found:?}") };
    for name in ["rule", "title", "provider", "kind", "severity", "confidence", "redacted", "fingerprint"] {
        assert!(finding[name].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
    assert_eq!(finding["path"], "conf, 1/app.env");
    let numbers = ["line", "column", "end_line", "end_column"].map(|name| finding[name].as_u64());
    assert_eq!(numbers, [2, 21, 2, 61].map(Some));
    assert!(finding["owner"].is_object() && finding["reasons"].is_array());
}

#[test]
fn sarif_is_what_code_scanning_takes() {
    let log: Value = serde_json::from_str(&report("sarif")).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let (rules, results) = (&run["tool"]["driver"]["rules"], run["results"].as_array().expect("results"));
    let [result] = &**results else { panic!("one result") };
    let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
    assert_eq!(rules[index]["id"], result["ruleId"]);
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "conf%2C%201/app.env");
    assert_eq!(place["region"], serde_json::json!({"startLine": 2, "startColumn": 21, "endLine": 2, "endColumn": 61}));
    let message = result["message"]["text"].as_str().expect("a message");
    assert!(!message.is_empty() && result["partialFingerprints"].is_object());
    assert!(matches!(result["level"].as_str(), Some("error" | "warning" | "note")));
}

#[test]
fn sarif_without_findings_is_a_log_too() {
    let empty = tempfile::tempdir().expect("a folder");
    for format in ["sarif", "gitlab"] {
        let text = stdout(&expect_code(&mut scan(empty.path(), [".", "--format", format]), 0));
        serde_json::from_str::<Value>(&text).expect("JSON");
    }
}

#[test]
fn github_gets_annotations() {
    let text = report("github");
    let line = text.lines().next().expect("a line");
    assert!(line.starts_with("::"), "{line}");
    assert!(line.contains(" file=conf%2C 1/app.env,line=2,endLine=2,col=21,endColumn=61,title="), "{line}");
}

#[test]
fn gitlab_gets_its_report() {
    let log: Value = serde_json::from_str(&report("gitlab")).expect("JSON");
    let vulnerability = &log["vulnerabilities"][0];
    assert_eq!(vulnerability["location"]["file"], "conf, 1/app.env");
    assert_eq!(vulnerability["location"]["start_line"], 2);
    assert!(vulnerability["location"]["commit"]["sha"].is_string());
    assert!(vulnerability["identifiers"][0]["value"].is_string());
    assert_eq!(log["scan"]["type"], "secret_detection");
}

#[test]
fn text_names_the_place_and_the_rule_and_sums_up() {
    let output = expect_code(&mut scan(folder().path(), ["."]), 1);
    let text = stdout(&output);
    assert!(text.starts_with("conf, 1/app.env:2:21: "), "{text}");
    assert!(text.contains("fingerprint "), "{text}");
    assert!(stderr(&output).starts_with("1 finding"), "{}", stderr(&output));
    assert!(!text.contains(&entra_secret(1)));
}

#[test]
fn help_says_what_there_is() {
    let help = expect_code(&mut picket(["scan", "--help"]), 0);
    insta::assert_snapshot!(stdout(&help));
}
