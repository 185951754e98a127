//! One micro-batch of values, and the positions after it.
//!
//! A batch is handed on piece by piece, so that its first values are decoded, and their memory is used again, while the
//! next ones are read. It is judged and committed as one.

use super::FilePosition;
use crate::record::Value;
use picket_detectors::event::EventTime;
use std::collections::BTreeMap;
use std::time::Duration;

/// When a batch is full.
#[derive(Debug, Clone, Copy)]
pub struct BatchLimits {
    /// Values.
    pub records: usize,
    /// Bytes of all values.
    pub bytes: usize,
    /// How long a live source waits for more once it has something.
    pub linger: Duration,
}

/// Whether a batch goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// Another piece of the same batch follows.
    More,
    /// This is all, or the end of it.
    #[default]
    Last,
}

/// Values to be judged and committed together, or a piece of them.
#[derive(Debug, Default)]
pub struct Batch {
    /// The values, in order.
    pub values: Vec<Value>,
    /// How far each file was read, by its name in the store.
    pub files: BTreeMap<String, FilePosition>,
    /// Bodies of the inbox that are in this batch, with their sizes.
    pub bodies: Vec<(u64, usize)>,
    /// What time it is, where ticks follow the wall clock; known of the last piece only.
    pub now: Option<EventTime>,
    /// Whether it goes on.
    pub part: Part,
}

/// Fills a batch up to its limits, piece by piece.
#[derive(Debug)]
pub struct BatchBuilder {
    piece: Batch,
    piece_bytes: usize,
    limits: BatchLimits,
    /// Values and bytes in the pieces that were handed on.
    handed_on: (usize, usize),
}

impl BatchBuilder {
    /// Values of one piece, which one task decodes: enough that handing them out costs nothing.
    const PIECE: usize = 128;
    /// Bytes of one piece: few enough to stay in a processor's cache.
    const PIECE_BYTES: usize = 256 << 10;

    /// An empty batch.
    pub fn new(limits: BatchLimits) -> Self {
        Self { piece: Batch::default(), piece_bytes: 0, limits, handed_on: (0, 0) }
    }

    /// Whether nothing more should be added to this piece. A single value may go over the limit of bytes.
    pub fn is_full(&self) -> bool {
        self.piece.values.len() >= Self::PIECE || self.piece_bytes >= Self::PIECE_BYTES || self.is_complete()
    }

    /// Whether the batch as a whole has reached its limits.
    pub fn is_complete(&self) -> bool {
        let (values, bytes) = self.handed_on;
        values + self.piece.values.len() >= self.limits.records || bytes + self.piece_bytes >= self.limits.bytes
    }

    /// Whether there is nothing in the batch, not even a position.
    pub fn is_empty(&self) -> bool {
        self.handed_on == (0, 0) && self.piece.values.is_empty() && self.piece.files.is_empty()
    }

    /// Adds a value.
    pub fn push(&mut self, value: Value) {
        self.piece_bytes += value.bytes.len();
        self.piece.values.push(value);
    }

    /// Says how far a file was read.
    pub fn read_through(&mut self, name: &str, position: FilePosition) {
        match self.piece.files.get_mut(name) {
            Some(old) => *old = position,
            None => {
                self.piece.files.insert(name.to_owned(), position);
            }
        }
    }

    /// Says that a body of the inbox is in the batch.
    pub fn took_body(&mut self, sequence: u64, bytes: usize) {
        self.piece.bodies.push((sequence, bytes));
    }

    /// The piece, while the batch goes on.
    pub fn hand_on(&mut self) -> Batch {
        self.handed_on.0 += self.piece.values.len();
        self.handed_on.1 += std::mem::take(&mut self.piece_bytes);
        Batch { part: Part::More, ..std::mem::take(&mut self.piece) }
    }

    /// The last piece.
    pub fn finish(self) -> Batch {
        self.piece
    }
}
