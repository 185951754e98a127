//! `picket scan`, by the real program.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that meets the unexpected shall stop")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says so")]
#![expect(dead_code, reason = "not every test binary needs all of the support")]

#[path = "../support/mod.rs"]
mod support;

mod altered;
mod canary;
mod codes;
mod content;
mod formats;
mod git;
mod issuer;
mod planted;
mod verify;
mod walking;

use std::path::Path;
use std::process::{Command, Output};

/// `picket scan` in a folder.
fn scan<S: AsRef<std::ffi::OsStr>>(folder: &Path, args: impl IntoIterator<Item = S>) -> Command {
    let mut command = support::program::picket(["scan"]);
    command.args(args).current_dir(folder);
    command
}

/// The findings of a run with `--format json` that ends with this code.
fn findings<S: AsRef<std::ffi::OsStr>>(
    folder: &Path,
    args: impl IntoIterator<Item = S>,
    code: i32,
) -> Vec<serde_json::Value> {
    lines(&support::program::expect_code(scan(folder, args).args(["--format", "json"]), code))
}

/// The objects of NDJSON.
fn lines(output: &Output) -> Vec<serde_json::Value> {
    let text = support::program::stdout(output);
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Paths of findings.
fn paths(findings: &[serde_json::Value]) -> Vec<&str> {
    findings.iter().map(|finding| finding["path"].as_str().expect("a path")).collect()
}

/// Writes a file and the folders it lies in.
fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("makes folders");
    std::fs::write(path, content).expect("writes");
}
