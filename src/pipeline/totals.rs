//! Totals since the store was made, kept in it so that they survive a crash exactly.

use super::{Judgement, Tally};
use crate::store::OutputKind;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was counted since the store was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// What became of records.
    pub tally: Tally,
    /// Observations that reached an entity.
    pub observations: u64,
    /// Of these, seen before.
    pub duplicates: u64,
    /// Of these, later than the allowed disorder.
    pub late: u64,
    /// Principals seen.
    pub principals: u64,
    /// Detections by type.
    pub detections: BTreeMap<CompactString, u64>,
    /// What detectors in shadow would have told, by type.
    pub shadowed: BTreeMap<CompactString, u64>,
    /// Transitions by the level after.
    pub transitions: BTreeMap<CompactString, u64>,
}

impl Totals {
    /// Counts a batch.
    pub fn add(&mut self, judgement: &Judgement, tally: &Tally) {
        self.tally.add(tally.clone());
        self.observations += judgement.counts.observations();
        self.duplicates += judgement.counts.duplicates;
        self.late += judgement.counts.late;
        self.principals += judgement.counts.new_principals;
        for output in &judgement.outputs {
            let counts = match output.kind {
                OutputKind::Detection => &mut self.detections,
                OutputKind::Transition => &mut self.transitions,
                OutputKind::RiskState | OutputKind::DeadLetter | OutputKind::Incident => continue,
            };
            *counts.entry(CompactString::const_new(output.label)).or_default() += 1;
        }
        for name in &judgement.shadowed {
            *self.shadowed.entry(CompactString::const_new(name)).or_default() += 1;
        }
    }

    /// All detections.
    pub fn detection_count(&self) -> u64 {
        self.detections.values().sum()
    }
}
