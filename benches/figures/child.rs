//! Runs a program and says what it cost.

use std::fs;
use std::io::{self, Error};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What a run cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// User and system time of the process and its threads, in seconds.
    pub(crate) cpu: f64,
    /// From start to end, in seconds.
    pub(crate) wall: f64,
    /// The most memory it held, in bytes.
    pub(crate) peak: u64,
}

/// The kernel's clock ticks a second in `/proc`: 100 on every Linux that anybody runs.
const TICKS: f64 = 100.0;

/// Runs to the end, which must be a good one; what it prints is dropped.
pub(crate) fn run(command: &mut Command) -> io::Result<Cost> {
    let (cost, status) = run_to_any_end(command)?;
    if !status.success() {
        return Err(Error::other(format!("{command:?} ended with {status}")));
    }
    Ok(cost)
}

/// Runs to the end, whatever it is: scanners end with a code of their own when they find something.
pub(crate) fn run_to_any_end(command: &mut Command) -> io::Result<(Cost, ExitStatus)> {
    let (before, started) = (waited_for()?, Instant::now());
    let mut child = command.stdout(Stdio::null()).spawn()?;
    let peak = watch(&mut child)?;
    let wall = started.elapsed().as_secs_f64();
    let status = child.wait()?;
    Ok((Cost { cpu: waited_for()? - before, wall, peak }, status))
}

/// Waits for the end and gives the high-water mark of resident memory, to within the last few milliseconds.
fn watch(child: &mut Child) -> io::Result<u64> {
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        peak = peak.max(peak_of(child.id()));
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(peak)
}

/// The most memory a living process has held, in bytes.
pub(crate) fn peak_of(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1_024
}

/// Seconds of processor time of all children that have ended.
fn waited_for() -> io::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name in brackets may hold blanks; the fields after it are counted from the third on.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    Ok((ticks(13) + ticks(14)) / TICKS)
}
