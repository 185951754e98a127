//! The same input gives the same bytes.

use crate::support::corpus::{Corpus, Distribution, Options};
use crate::support::program::{expect_code, outputs, picket, stdout, write_lines};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn replay(files: &[PathBuf], out: &Path, args: &[&str]) -> (BTreeMap<&'static str, Vec<u8>>, serde_json::Value) {
    let mut command = picket(["replay", "--json"]);
    command.args(files).arg("--out").arg(out).args(args);
    let summary = serde_json::from_str(&stdout(&expect_code(&mut command, 0))).expect("one object");
    (outputs(out), summary)
}

fn corpus_with_mistakes() -> Vec<String> {
    let mut lines: Vec<String> = Corpus::new(Options { records: 6_000, ..Options::default() }).collect();
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
    let (outputs, summary) = replay(&[file], &folder.path().join("out"), &[]);
    let number = |name: &str| summary[name].as_u64().expect("a number");
    assert_eq!(number("records"), lines.len() as u64);
    assert_eq!(number("records"), number("events") + number("ignored") + number("dead_letters"));
    assert_eq!((number("ignored"), number("dead_letters")), (1, 2));
    assert!(number("observations") >= number("events"));
    assert!(number("principals") > 100, "{summary}");
    assert!(number("detections") > 0, "the thefts in the corpus are not found: {summary}");
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
    let run = |number: usize| replay(&[file.clone()], &folder.path().join(number.to_string()), tunings[number]).0;
    let first = run(0);
    assert!(!first["risk-transitions"].is_empty(), "nothing happens in this corpus");
    for number in 1..tunings.len() {
        assert_eq!(run(number), first, "{:?}", tunings[number]);
    }
}

#[test]
fn that_holds_however_records_fall_on_principals() {
    let folder = tempfile::tempdir().expect("a folder");
    for distribution in [Distribution::Uniform, Distribution::OneKey] {
        let options = Options { records: 3_000, distribution, seed: 5, ..Options::default() };
        let file = write_lines(&folder.path().join("a.ndjson"), Corpus::new(options));
        let large = replay(&[file.clone()], &folder.path().join("1"), &[]).0;
        let small = replay(&[file], &folder.path().join("2"), &["--batch-records", "50"]).0;
        assert_eq!(large, small, "{distribution:?}");
    }
}

#[test]
fn a_small_cache_changes_no_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = write_lines(&folder.path().join("a.ndjson"), corpus_with_mistakes());
    let (expected, _) = replay(&[file.clone()], &folder.path().join("1"), &["--batch-records", "500"]);
    let out = folder.path().join("2");
    let mut command = picket(["replay", "--batch-records", "500"]);
    command.arg(&file).arg("--out").arg(&out).env("PICKET__STORE__STATE_BYTES", "20000");
    expect_code(&mut command, 0);
    assert_eq!(outputs(&out), expected);
}

#[test]
fn the_order_of_files_and_how_records_are_spread_over_them_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: Vec<String> = Corpus::new(Options { records: 6_000, ..Options::default() }).collect();
    let whole = write_lines(&folder.path().join("whole.ndjson"), lines.clone());
    let is_audit = |line: &&String| line.contains("AuditLogs");
    let (audit, sign_ins): (Vec<&String>, Vec<&String>) = lines.iter().partition(is_audit);
    let audit = write_lines(&folder.path().join("z.ndjson"), audit.into_iter().cloned());
    let sign_ins = write_lines(&folder.path().join("a.ndjson"), sign_ins.into_iter().cloned());
    let run = |files: &[PathBuf], out: &str| replay(files, &folder.path().join(out), &[]).0;
    let expected = run(&[whole], "1");
    assert_eq!(run(&[audit.clone(), sign_ins.clone()], "2"), expected);
    assert_eq!(run(&[sign_ins, audit], "3"), expected);
}

#[test]
fn a_run_over_files_gives_the_detections_whatever_its_batches() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = write_lines(&folder.path().join("a.ndjson"), corpus_with_mistakes());
    let run = |name: &str, args: &[&str]| {
        let out = folder.path().join(name).join("out");
        let mut command = picket(["run", "--once"]);
        command.arg(&file).arg("--data").arg(folder.path().join(name).join("data")).arg("--out").arg(&out).args(args);
        expect_code(&mut command, 0);
        outputs(&out)
    };
    let first = run("1", &[]);
    assert!(!first["risk-detections"].is_empty());
    assert_eq!(run("2", &["--batch-records", "100", "--threads", "1"]), first);
}
