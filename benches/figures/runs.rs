//! Runs of the real program over made-up files.

use crate::child::{Cost, run};
use crate::corpus::{Corpus, Keys};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where corpora and results of a run lie: under `target`, which nobody commits.
pub(crate) fn folder() -> io::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The corpus' file; written if it is not there yet.
pub(crate) fn corpus(keys: Keys, records: u64, days: u64) -> io::Result<PathBuf> {
    let path = folder()?.join(format!("{}-{records}-{days}d.ndjson", keys.name()));
    if !path.exists() {
        let partial = path.with_extension("partial");
        Corpus::new(keys, records, days).write(&partial)?;
        fs::rename(partial, &path)?;
    }
    Ok(path)
}

/// How `picket run --once` is run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cores(pub(crate) usize);

/// A command held to so many cores.
pub(crate) fn on_cores(cores: Cores, program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", &format!("0-{}", cores.0 - 1), program]);
    command
}

/// `picket run --once` from an empty store to the end of the file, at default durability.
pub(crate) fn once(file: &Path, cores: Cores, extra: &[&str]) -> io::Result<Cost> {
    let work = folder()?.join("work");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    warm(file)?;
    let mut command = on_cores(cores, env!("CARGO_BIN_EXE_picket"));
    command.args(["run", "--once", "--log-level", "warn", "--threads", &cores.0.to_string()]);
    command.arg("--data").arg(work.join("data")).arg("--out").arg(work.join("out"));
    run(command.args(extra).arg(file))
}

/// Reads the file, so that it lies in memory: what is compared is work, not whether the kernel has given its pages away.
fn warm(file: &Path) -> io::Result<()> {
    io::copy(&mut fs::File::open(file)?, &mut io::sink()).map(drop)
}

/// The least of several runs: what others on the machine do only ever adds.
pub(crate) fn best(costs: &[Cost]) -> Cost {
    let least = |of: fn(&Cost) -> f64| costs.iter().map(of).fold(f64::INFINITY, f64::min);
    let peak = costs.iter().map(|cost| cost.peak).max().unwrap_or_default();
    Cost { cpu: least(|cost| cost.cpu), wall: least(|cost| cost.wall), peak }
}
