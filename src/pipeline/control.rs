//! Stopping: once to drain, at once when a stage fails.

use crate::ingest::Wake;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// 0 is running.
const DRAINING: u8 = 1;
const FAILED: u8 = 2;

/// What the stages share: whether to go on, and the reader's bell.
#[derive(Debug, Default)]
pub struct Control {
    state: AtomicU8,
    wake: Arc<Wake>,
}

impl Control {
    /// Takes no new input; what was taken is judged, committed and published.
    pub fn drain(&self) {
        self.raise(DRAINING);
    }

    /// Stops: a stage can't go on, and nothing more may be committed.
    pub fn fail(&self) {
        self.raise(FAILED);
    }

    /// Whether the order to stop was given.
    pub fn is_draining(&self) -> bool {
        self.state.load(Ordering::Acquire) >= DRAINING
    }

    /// Whether a stage has failed.
    pub fn has_failed(&self) -> bool {
        self.state.load(Ordering::Acquire) == FAILED
    }

    /// The reader's bell.
    pub fn wake(&self) -> &Arc<Wake> {
        &self.wake
    }

    fn raise(&self, state: u8) {
        self.state.fetch_max(state, Ordering::AcqRel);
        self.wake.ring();
    }
}
