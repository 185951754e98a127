//! The power fails: what was not synced is gone. A library loaded into the program keeps a copy of every file as of its
//! last sync; the program is killed and goes on from that copy.

use super::{commits, corpus, run};
use crate::support::corpus::Random;
use crate::support::program::{assert_same, expect_code};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Builds the library; `None` where there is no C compiler.
#[expect(clippy::print_stderr, reason = "a skipped test must say so")]
fn power_library(folder: &Path) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash/power.c");
    let library = folder.join("power.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).args(["-ldl", "-lpthread"]);
    match compiler.status() {
        Ok(status) => {
            assert!(status.success(), "the library does not build");
            Some(library)
        }
        Err(error) => {
            eprintln!("skipped: no C compiler ({error})");
            None
        }
    }
}

#[test]
fn a_power_failure_loses_nothing_that_was_synced() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(library) = power_library(folder.path()) else { return };
    let file = corpus(folder.path(), 20_000);
    let calm = folder.path().join("calm");
    expect_code(&mut run(&file, &calm), 0);
    let mut random = Random::new(super::SEED);
    let mut machine = folder.path().join("machine-0");
    std::fs::create_dir_all(&machine).expect("creates");
    let mut acknowledged = 0;
    let points = ["commit.after_sync", "publish.after_cursor", "commit.before", "publish.after_fsync"];
    for (number, point) in points.into_iter().enumerate() {
        let disk = folder.path().join(format!("machine-{}", number + 1));
        std::fs::create_dir_all(&disk).expect("creates");
        copy(&machine, &disk);
        let mut command = run(&file, &machine);
        command.env("FAILPOINTS", format!("{point}={}*off->panic", 2 + random.below(3)));
        command.env("FAILPOINTS_ABORT", "1").env("LD_PRELOAD", &library);
        command.env("POWER_ROOT", &machine).env("POWER_SHADOW", &disk);
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("starts");
        assert_eq!(status.code(), None, "{point}: it was to be killed");
        acknowledged = commits(&machine).max(acknowledged);
        // The mark is never synced; the disk it stood on is gone, but what it says must hold of what is left.
        let mark = std::fs::read(machine.join("data/commits")).expect("reads");
        std::fs::write(disk.join("data/commits"), mark).expect("writes");
        keep_names(&machine, &disk);
        machine = disk;
    }
    assert!(acknowledged > 4, "nothing was committed");
    expect_code(&mut run(&file, &machine), 0);
    assert_same(&machine.join("out"), &calm.join("out"), "outputs");
}

/// Names of folders and files are metadata, which counts as written: a file that was never synced is empty.
fn keep_names(machine: &Path, disk: &Path) {
    for entry in walkdir::WalkDir::new(machine).into_iter().filter_map(Result::ok) {
        let target = disk.join(entry.path().strip_prefix(machine).expect("below"));
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target).expect("creates");
        } else {
            std::fs::File::options().create(true).append(true).open(&target).expect("creates");
        }
    }
}

/// What the disk held before: the copy starts from it.
fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().filter_map(Result::ok) {
        let target = to.join(entry.path().strip_prefix(from).expect("below"));
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target).expect("creates");
        } else {
            std::fs::copy(entry.path(), &target).expect("copies");
        }
    }
}
