//! Blobs in which nothing was found: most of a history is the same files again.

use gix::ObjectId;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// How many are remembered: 20 bytes each, and as much again for the table.
const MOST: usize = 2_000_000;

/// The blobs known to be clean, shared by all workers. Beyond [`MOST`] no more are remembered, and some are searched
/// twice.
#[derive(Debug, Default)]
pub(super) struct CleanBlobs {
    known: Mutex<HashSet<ObjectId, foldhash::fast::RandomState>>,
}

impl CleanBlobs {
    /// Whether the blob is known.
    pub(super) fn knows(&self, blob: &ObjectId) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).contains(blob)
    }

    /// Remembers a blob; false if another worker did before.
    pub(super) fn add(&self, blob: ObjectId) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST { !known.contains(&blob) } else { known.insert(blob) }
    }
}
