//! How far a scan is: bytes and their rate, only on a terminal, only when it takes longer than a moment.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the line is drawn; a scan shorter than the first of these shows none.
const BEAT: Duration = Duration::from_millis(500);

/// A line that follows a counter until it is dropped.
pub(super) struct ScanProgress {
    stop: Arc<AtomicBool>,
    drawing: Option<JoinHandle<()>>,
}

impl ScanProgress {
    /// Draws how many bytes were read.
    pub(super) fn start(read: Arc<AtomicU64>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        if !std::io::stderr().is_terminal() {
            return Self { stop, drawing: None };
        }
        let stopped = Arc::clone(&stop);
        let draw = move || {
            let style = ProgressStyle::with_template("{spinner} {decimal_bytes} searched  {decimal_bytes_per_sec}");
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            loop {
                std::thread::park_timeout(BEAT);
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                bar.set_position(read.load(Ordering::Relaxed));
                bar.tick();
            }
            bar.finish_and_clear();
        };
        // Without a thread there is no line, and no harm.
        Self { stop, drawing: std::thread::Builder::new().name("progress".to_owned()).spawn(draw).ok() }
    }
}

impl Drop for ScanProgress {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(drawing) = self.drawing.take() {
            drawing.thread().unpark();
            let _it_only_drew = drawing.join().is_err();
        }
    }
}
