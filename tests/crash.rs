//! Killed at any instant and restarted, the program writes what an undisturbed run writes.

#![cfg(feature = "failpoints")]
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that meets the unexpected shall stop")]
#![expect(dead_code, reason = "the other test binaries use the rest of the support")]

#[path = "support/mod.rs"]
mod support;

#[path = "crash/faults.rs"]
mod faults;
#[path = "crash/long.rs"]
mod long;
#[path = "crash/power.rs"]
mod power;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::corpus::{Corpus, Options, Random};
use support::program::{eventually, expect_code, outputs, picket, write_lines};

/// What the seeds of all crash points come from; printed with every failure.
const SEED: u64 = 20_260_504;
const RECORDS: usize = 200_000;
const CRASHES: usize = 50;

/// Both sides of every write.
const POINTS: [&str; 7] = [
    "commit.before",
    "commit.after_batch",
    "commit.after_sync",
    "publish.before_append",
    "publish.after_append",
    "publish.after_fsync",
    "publish.after_cursor",
];

fn run(file: &Path, folder: &Path) -> Command {
    let mut command = picket(["run", "--once", "--batch-records", "1000", "--log-level", "error"]);
    command.arg(file).arg("--data").arg(folder.join("data")).arg("--out").arg(folder.join("out"));
    command
}

fn corpus(folder: &Path, records: usize) -> PathBuf {
    let options = Options { records, principals: 2_000, seed: SEED, ..Options::default() };
    write_lines(&folder.join("corpus.ndjson"), Corpus::new(options))
}

/// The number of the last commit, from the mark beside the store.
fn commits(folder: &Path) -> u64 {
    let mark = std::fs::read(folder.join("data/commits")).unwrap_or_default();
    mark.get(..8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes)
}

/// Dies at a fail point that has been passed `passes` times. False if the run came to its end before.
fn dies_at(command: &mut Command, point: &str, passes: usize) -> bool {
    command.env("FAILPOINTS", format!("{point}={passes}*off->panic")).env("FAILPOINTS_ABORT", "1");
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("starts");
    assert!(status.success() || status.code().is_none(), "seed {SEED}, {point} after {passes}: {status}");
    !status.success()
}

/// Dies by SIGKILL when some more commits are made. False if the run came to its end before.
fn dies_after(more: u64, file: &Path, folder: &Path) -> bool {
    let until = commits(folder) + more;
    let mut child = run(file, folder).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    let ended = eventually("a commit or the end", || {
        let ended = child.try_wait().expect("waits");
        (ended.is_some() || commits(folder) >= until).then_some(ended)
    });
    child.kill().expect("kills");
    child.wait().expect("ends");
    ended.is_none()
}

#[test]
fn fifty_crashes_leave_no_trace() {
    let folder = tempfile::tempdir().expect("a folder");
    let (calm, stormy) = (folder.path().join("calm"), folder.path().join("stormy"));
    let file = corpus(folder.path(), RECORDS);
    expect_code(&mut run(&file, &calm), 0);
    let mut random = Random::new(SEED);
    let mut crashes = 0;
    for number in 0..CRASHES {
        // One in five by a plain kill, the others at fail points in turn, after up to five passes.
        let died = if number % 5 == 4 {
            dies_after(1 + random.below(4) as u64, &file, &stormy)
        } else {
            dies_at(&mut run(&file, &stormy), POINTS[number % POINTS.len()], random.below(5))
        };
        crashes += usize::from(died);
    }
    assert!(crashes >= CRASHES * 9 / 10, "seed {SEED}: only {crashes} crashes before the end");
    expect_code(&mut run(&file, &stormy), 0);
    let (calm, stormy) = (outputs(&calm.join("out")), outputs(&stormy.join("out")));
    assert!(calm["risk-detections"].len() > 10_000, "too little happens in this corpus");
    for (name, bytes) in &calm {
        assert!(bytes == &stormy[name], "seed {SEED}: {name}.ndjson differs from that of an undisturbed run");
    }
}
