//! One micro-batch of values, and the positions after it.

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

/// Values to be judged and committed together.
#[derive(Debug, Default)]
pub struct Batch {
    /// The values, in order.
    pub values: Vec<Value>,
    /// How far each file was read, by its name in the store.
    pub files: BTreeMap<String, FilePosition>,
    /// Bodies of the inbox that are in this batch, with their sizes.
    pub bodies: Vec<(u64, usize)>,
    /// What time it is, where ticks follow the wall clock.
    pub now: Option<EventTime>,
}

/// Fills a batch up to its limits.
#[derive(Debug)]
pub struct BatchBuilder {
    batch: Batch,
    limits: BatchLimits,
    bytes: usize,
}

impl BatchBuilder {
    /// An empty batch.
    pub fn new(limits: BatchLimits) -> Self {
        Self { batch: Batch::default(), limits, bytes: 0 }
    }

    /// Whether nothing more should be added. A single value may go over the limit of bytes.
    pub fn is_full(&self) -> bool {
        self.batch.values.len() >= self.limits.records || self.bytes >= self.limits.bytes
    }

    /// Whether there is nothing in it, not even a position.
    pub fn is_empty(&self) -> bool {
        self.batch.values.is_empty() && self.batch.files.is_empty()
    }

    /// Adds a value.
    pub fn push(&mut self, value: Value) {
        self.bytes += value.bytes.len();
        self.batch.values.push(value);
    }

    /// Says how far a file was read.
    pub fn read_through(&mut self, name: &str, position: FilePosition) {
        match self.batch.files.get_mut(name) {
            Some(old) => *old = position,
            None => {
                self.batch.files.insert(name.to_owned(), position);
            }
        }
    }

    /// Says that a body of the inbox is in the batch.
    pub fn took_body(&mut self, sequence: u64, bytes: usize) {
        self.batch.bodies.push((sequence, bytes));
    }

    /// The batch.
    pub fn finish(self) -> Batch {
        self.batch
    }
}
