//! The progress bar of a replay: only on a terminal, only when it takes longer than a moment.

use crate::clock::Stopwatch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Replays shorter than this show no bar.
const PATIENCE: Duration = Duration::from_secs(2);

/// A bar over the bytes of the files.
#[derive(Debug)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    read: Arc<AtomicU64>,
    began: Stopwatch,
}

impl Progress {
    /// A bar that follows `read`.
    pub(super) fn new(files: &[PathBuf], read: Arc<AtomicU64>) -> Self {
        let began = Stopwatch::start();
        if !std::io::stderr().is_terminal() {
            return Self { bar: None, read, began };
        }
        let total = files.iter().filter_map(|path| std::fs::metadata(path).ok()).map(|found| found.len()).sum();
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        let template = "{bar:32} {percent:>3}%  {msg} records  {decimal_bytes_per_sec}  {eta} left";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self { bar: Some(bar.with_style(style)), read, began }
    }

    /// Shows how far it is.
    pub(super) fn show(&self, records: u64) {
        let Some(bar) = &self.bar else { return };
        bar.set_position(self.read.load(Ordering::Relaxed));
        bar.set_message(records.to_string());
        if bar.is_hidden() && self.began.elapsed() > PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// How long it has been, in seconds.
    pub(super) fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
