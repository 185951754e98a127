//! The same input gives the same bytes.

use crate::support::corpus::{Corpus, Distribution, Options};
use crate::support::program::{assert_same, expect_code, outputs, picket, stdout, write_lines};
use std::path::{Path, PathBuf};

fn replay(files: &[PathBuf], out: &Path, args: &[&str]) -> serde_json::Value {
    let mut command = picket(["replay", "--json"]);
    command.args(files).arg("--out").arg(out).args(args);
    serde_json::from_str(&stdout(&expect_code(&mut command, 0))).expect("one object")
}

fn corpus_with_mistakes() -> Vec<String> {
    let mut lines: Vec<String> = Corpus::new(Options { records: 6_000, hours: 1, ..Options::default() }).collect();
    lines.insert(17, "{\"category\":\"AuditLogs\",\"properties\":".to_owned());
    lines.insert(400, "{\"category\":\"SignInLogs\",\"properties\":{}}".to_owned());
    lines.insert(4_000, "{\"neither\": \"this nor that\"}".to_owned());
    lines
}

#[test]
fn the_summary_adds_up_and_detections_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = corpus_with_mistakes();
    let file = write_lines(&folder.path().join("a.ndjson"), lines.clone());
    let out = folder.path().join("out");
    let summary = replay(&[file], &out, &[]);
    let number = |name: &str| summary[name].as_u64().expect("a number");
    assert_eq!(number("records"), lines.len() as u64);
    assert_eq!(number("records"), number("events") + number("ignored") + number("dead_letters"));
    assert_eq!((number("ignored"), number("dead_letters")), (1, 2));
    assert!(number("observations") >= number("events"));
    assert!(number("principals") > 100, "{summary}");
    assert!(number("detections") > 0, "the thefts in the corpus are not found: {summary}");
    let outputs = outputs(&out);
    let count = |name| outputs[name].iter().filter(|byte| **byte == b'\n').count() as u64;
    assert_eq!((count("dead-letters"), count("risk-detections")), (2, number("detections")));
}

#[test]
fn batch_size_and_threads_change_no_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = write_lines(&folder.path().join("a.ndjson"), corpus_with_mistakes());
    let tunings: [&[&str]; 4] = [
        &[],
        &["--batch-records", "7", "--threads", "1"],
        &["--batch-records", "1000", "--threads", "5"],
        &["--batch-records", "100000"],
    ];
    let out = |number: usize| folder.path().join(number.to_string());
    for (number, tuning) in tunings.iter().enumerate() {
        replay(std::slice::from_ref(&file), &out(number), tuning);
        assert_same(&out(number), &out(0), &format!("{tuning:?}"));
    }
    for kind in ["risk-transitions", "incidents"] {
        assert!(!outputs(&out(0))[kind].is_empty(), "no {kind} in this corpus");
    }
}

#[test]
fn that_holds_however_records_fall_on_principals() {
    let folder = tempfile::tempdir().expect("a folder");
    for distribution in [Distribution::Uniform, Distribution::OneKey] {
        let options = Options { records: 3_000, distribution, seed: 5, hours: 1, ..Options::default() };
        let file = write_lines(&folder.path().join("a.ndjson"), Corpus::new(options));
        let (large, small) = (folder.path().join("1"), folder.path().join("2"));
        replay(std::slice::from_ref(&file), &large, &[]);
        replay(&[file], &small, &["--batch-records", "50"]);
        assert_same(&small, &large, &format!("{distribution:?}"));
    }
}

#[test]
fn a_small_cache_changes_no_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = write_lines(&folder.path().join("a.ndjson"), corpus_with_mistakes());
    replay(std::slice::from_ref(&file), &folder.path().join("1"), &["--batch-records", "500"]);
    let out = folder.path().join("2");
    let mut command = picket(["replay", "--batch-records", "500"]);
    command.arg(&file).arg("--out").arg(&out).env("PICKET__STORE__STATE_BYTES", "20000");
    expect_code(&mut command, 0);
    assert_same(&out, &folder.path().join("1"), "a cache of 20 kB");
}

#[test]
fn the_order_of_files_and_how_records_are_spread_over_them_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: Vec<String> = Corpus::new(Options { records: 6_000, hours: 1, ..Options::default() }).collect();
    let whole = write_lines(&folder.path().join("whole.ndjson"), lines.clone());
    let is_audit = |line: &&String| line.contains("AuditLogs");
    let (audit, sign_ins): (Vec<&String>, Vec<&String>) = lines.iter().partition(is_audit);
    let audit = write_lines(&folder.path().join("z.ndjson"), audit.into_iter().cloned());
    let sign_ins = write_lines(&folder.path().join("a.ndjson"), sign_ins.into_iter().cloned());
    let out = |name: &str| folder.path().join(name);
    replay(&[whole], &out("1"), &[]);
    for (name, files) in [("2", [audit.clone(), sign_ins.clone()]), ("3", [sign_ins, audit])] {
        replay(&files, &out(name), &[]);
        assert_same(&out(name), &out("1"), &format!("{files:?}"));
    }
}

#[test]
fn a_run_over_files_gives_the_detections_whatever_its_batches() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = write_lines(&folder.path().join("a.ndjson"), corpus_with_mistakes());
    let out = |name: &str| folder.path().join(name).join("out");
    let run = |name: &str, args: &[&str]| {
        let mut command = picket(["run", "--once"]);
        command
            .arg(&file)
            .arg("--data")
            .arg(folder.path().join(name).join("data"))
            .arg("--out")
            .arg(out(name))
            .args(args);
        expect_code(&mut command, 0);
    };
    run("1", &[]);
    run("2", &["--batch-records", "100", "--threads", "1"]);
    assert!(!outputs(&out("1"))["risk-detections"].is_empty());
    assert_same(&out("2"), &out("1"), "batches of 100 on one thread");
}
