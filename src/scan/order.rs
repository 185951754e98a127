//! Results in the order of the work, whoever finished first.

use super::finding::Finding;
use super::notice::Notice;
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// What one batch of work gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What was found, in order.
    pub findings: Vec<Finding>,
    /// What could not be scanned.
    pub notices: Vec<Notice>,
    /// How much was done.
    pub tally: Tally,
}

impl Outcome {
    /// Adds another to the end.
    pub(super) fn append(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.notices.extend(other.notices);
        self.tally += other.tally;
    }
}

/// How much was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Documents searched: files, members of archives, blobs.
    pub documents: u64,
    /// Bytes searched.
    pub bytes: u64,
    /// Documents passed over because they hold no text.
    pub binary: u64,
    /// Findings that a comment allows.
    pub allowed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.documents += other.documents;
        self.bytes += other.bytes;
        self.binary += other.binary;
        self.allowed += other.allowed;
    }
}

/// Gives outcomes away in the order of their numbers.
#[derive(Debug, Default)]
pub(super) struct InOrder {
    next: u64,
    waiting: BTreeMap<u64, Outcome>,
}

impl InOrder {
    /// Takes the outcome of a number in.
    pub(super) fn put(&mut self, number: u64, outcome: Outcome) {
        self.waiting.insert(number, outcome);
    }

    /// The next outcome, if it is there.
    pub(super) fn take(&mut self) -> Option<Outcome> {
        let outcome = self.waiting.remove(&self.next)?;
        self.next += 1;
        Some(outcome)
    }

    /// How many numbers lie between the next one and this.
    pub(super) fn lead(&self, number: u64) -> u64 {
        number.saturating_sub(self.next)
    }
}
