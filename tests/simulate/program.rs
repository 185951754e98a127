//! `picket simulate`, by the real program.

use crate::world::options;
use picket::simulate::{Simulation, Stream};
use std::path::Path;
use std::process::{Command, Output};

fn run(args: &[&str], out: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_picket"));
    command.args(args).arg("--out").arg(out).env("NO_COLOR", "1").output().expect("starts")
}

fn lines(path: &Path) -> usize {
    std::fs::read_to_string(path).expect("a file").lines().count()
}

#[test]
fn files_hold_what_the_simulation_gives_and_replay_reads_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("sim");
    let output = run(&["simulate", "--seed", "5", "--principals", "30", "--days", "4"], &out);
    assert!(output.status.success(), "{output:?}");
    let expected = picket::simulate::Options { principals: 30, days: 4, ..options(5) };
    let expected: Vec<_> = Simulation::new(&expected).collect();
    let count = |stream| expected.iter().filter(|delivered| delivered.stream == stream).count();
    assert_eq!(lines(&out.join("labels.ndjson")), count(Stream::Labels));
    assert_eq!(lines(&out.join("logs/service-principal-sign-ins.ndjson")), count(Stream::ServicePrincipals));
    let mut replay = Command::new(env!("CARGO_BIN_EXE_picket"));
    replay.args(["replay", "--json"]).arg(out.join("logs")).arg("--inventory").arg(out.join("inventory.ndjson"));
    let replayed = replay.arg("--out").arg(folder.path().join("out")).output().expect("starts");
    let summary: serde_json::Value = serde_json::from_slice(&replayed.stdout).expect("one object");
    let records = expected.iter().filter(|delivered| delivered.stream != Stream::Labels).count();
    assert_eq!(summary["records"].as_u64(), Some(records as u64));
    assert_eq!(summary["dead_letters"].as_u64(), Some(0));
}

#[test]
fn it_ends_after_so_many_records() {
    let folder = tempfile::tempdir().expect("a folder");
    let args = ["simulate", "--principals", "10", "--events", "500", "--campaigns", "none"];
    assert!(run(&args, folder.path()).status.success());
    let logs = std::fs::read_dir(folder.path().join("logs")).expect("a folder");
    let written: usize = logs.map(|entry| lines(&entry.expect("an entry").path())).sum();
    assert_eq!(written, 500);
}

#[test]
fn mistakes_are_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    for (args, words) in [
        (["simulate", "--campaigns", "phishing"], "use all, none, or some of stolenSecret"),
        (["simulate", "--start", "tomorrow"], "write it as 2026-03-02"),
        (["simulate", "--start", "2026-02-30"], "not in the calendar"),
    ] {
        let output = run(&args, folder.path());
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && text.contains(words), "{args:?}: {text}");
    }
}
