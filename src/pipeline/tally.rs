//! Counting what became of every record: events, ignored and dead letters add up to records.

use crate::decode::ReasonCode;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What became of records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// All records.
    pub records: u64,
    /// Records that became events, by category.
    pub events: BTreeMap<CompactString, u64>,
    /// Records passed over, by the rule that did it.
    pub ignored: BTreeMap<CompactString, u64>,
    /// Records that could not be understood, by reason.
    pub dead: BTreeMap<CompactString, u64>,
}

/// Different names kept apart; input chooses them, so there must be a bound. The rest is counted under [`OTHER`].
const NAMES: usize = 256;
const OTHER: CompactString = CompactString::const_new("other");

impl Tally {
    /// Counts a record that became events of a category.
    pub fn event(&mut self, category: &'static str) {
        self.records += 1;
        *self.events.entry(CompactString::const_new(category)).or_default() += 1;
    }

    /// Counts a record that was passed over.
    pub fn ignored(&mut self, rule: CompactString) {
        self.records += 1;
        add(&mut self.ignored, rule, 1);
    }

    /// Counts a dead letter.
    pub fn dead(&mut self, code: ReasonCode) {
        self.records += 1;
        *self.dead.entry(CompactString::const_new(code.as_str())).or_default() += 1;
    }

    /// Adds what another counted.
    pub fn add(&mut self, other: Self) {
        self.records += other.records;
        for (mine, theirs) in
            [(&mut self.events, other.events), (&mut self.ignored, other.ignored), (&mut self.dead, other.dead)]
        {
            for (name, count) in theirs {
                add(mine, name, count);
            }
        }
    }

    /// How many records became events.
    pub fn event_count(&self) -> u64 {
        self.events.values().sum()
    }

    /// How many records were passed over.
    pub fn ignored_count(&self) -> u64 {
        self.ignored.values().sum()
    }

    /// How many records could not be understood.
    pub fn dead_count(&self) -> u64 {
        self.dead.values().sum()
    }
}

fn add(counts: &mut BTreeMap<CompactString, u64>, name: CompactString, count: u64) {
    let known = counts.contains_key(&name) || counts.len() < NAMES;
    *counts.entry(if known { name } else { OTHER }).or_default() += count;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_bounded_and_still_add_up() {
        let mut tally = Tally::default();
        for number in 0..2 * NAMES {
            tally.ignored(number.to_string().into());
        }
        assert_eq!((tally.ignored.len(), tally.ignored_count()), (NAMES + 1, 2 * NAMES as u64));
    }
}
