//! Which events were seen in the last 24 hours of event time: eight bytes each, in hourly chunks.

use crate::event::EventTime;
use crate::state::{Section, SectionChange, StateError};
use std::collections::{BTreeMap, BTreeSet};

/// How many events a principal's memory holds; beyond it the oldest hour is given up early.
pub(crate) const CAPACITY: usize = 4_096;

/// How far back it reaches.
const HOURS: i64 = 24;

/// What the memory says of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Not before.
    New,
    /// Before.
    Already,
    /// It can't tell: the event is older than its memory reaches.
    BeyondMemory,
}

/// Fingerprints by hour, sorted.
#[derive(Debug, Default)]
pub(crate) struct Dedup {
    chunks: BTreeMap<i64, Vec<u64>>,
    count: usize,
    newest_hour: i64,
    changed: BTreeSet<i64>,
}

impl Dedup {
    /// Asks and remembers at once.
    pub(crate) fn see(&mut self, time: EventTime, fingerprint: u64) -> Seen {
        let hour = time.hour();
        self.advance(hour);
        if hour <= self.newest_hour - HOURS {
            return Seen::BeyondMemory;
        }
        if self.chunks.get(&hour).is_some_and(|chunk| chunk.binary_search(&fingerprint).is_ok()) {
            return Seen::Already;
        }
        self.make_room();
        let chunk = self.chunks.entry(hour).or_default();
        let at = chunk.partition_point(|known| *known < fingerprint);
        chunk.insert(at, fingerprint);
        self.count += 1;
        self.changed.insert(hour);
        Seen::New
    }

    fn advance(&mut self, hour: i64) {
        if hour <= self.newest_hour {
            return;
        }
        self.newest_hour = hour;
        while let Some(oldest) = self.chunks.keys().next().copied().filter(|oldest| *oldest <= hour - HOURS) {
            self.forget(oldest);
        }
    }

    /// Gives up the oldest hour, which may be the only one: a repeat that is not recognised does no harm (decision 4).
    fn make_room(&mut self) {
        while self.count >= CAPACITY {
            let Some(oldest) = self.chunks.keys().next().copied() else { return };
            self.forget(oldest);
        }
    }

    fn forget(&mut self, hour: i64) {
        if let Some(chunk) = self.chunks.remove(&hour) {
            self.count -= chunk.len();
            self.changed.insert(hour);
        }
    }

    /// The hours that are stored, for the head.
    pub(crate) fn hours(&self) -> Vec<i64> {
        self.chunks.keys().copied().collect()
    }

    pub(crate) fn load_chunk(&mut self, hour: i64, bytes: &[u8]) -> Result<(), StateError> {
        let corrupt = StateError::Corrupt { section: Section::Dedup(hour) };
        let (chunks, rest) = bytes.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(corrupt);
        }
        let chunk: Vec<u64> = chunks.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
        if !chunk.is_sorted() {
            return Err(corrupt);
        }
        self.count += chunk.len();
        self.newest_hour = self.newest_hour.max(hour);
        self.chunks.insert(hour, chunk);
        Ok(())
    }

    pub(crate) fn take_changes(&mut self) -> Vec<SectionChange> {
        std::mem::take(&mut self.changed)
            .into_iter()
            .map(|hour| {
                let bytes = self.chunks.get(&hour).map(|chunk| chunk.iter().flat_map(|f| f.to_le_bytes()).collect());
                (Section::Dedup(hour), bytes)
            })
            .collect()
    }

    pub(crate) fn memory(&self) -> usize {
        self.count * 8 + self.chunks.len() * 64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> EventTime {
        EventTime::from_micros(hour * EventTime::HOUR)
    }

    #[test]
    fn a_repeat_is_seen_within_a_day() {
        let mut dedup = Dedup::default();
        assert_eq!(dedup.see(at(100), 1), Seen::New);
        assert_eq!(dedup.see(at(123), 2), Seen::New);
        assert_eq!(dedup.see(at(100), 1), Seen::Already);
        assert_eq!(dedup.see(at(99), 1), Seen::BeyondMemory);
    }

    #[test]
    fn old_hours_are_deleted() {
        let mut dedup = Dedup::default();
        dedup.see(at(100), 1);
        dedup.take_changes();
        dedup.see(at(124), 2);
        let changes = dedup.take_changes();
        assert_eq!(
            changes.first().map(|(section, bytes)| (*section, bytes.is_some())),
            Some((Section::Dedup(100), false))
        );
    }

    #[test]
    fn the_memory_is_bounded_and_keeps_the_newest_hour() {
        let mut dedup = Dedup::default();
        for n in 0..20_000_i64 {
            dedup.see(at(100 + n / 4_000), n.unsigned_abs());
        }
        assert!(dedup.count <= CAPACITY);
        assert_eq!(dedup.see(at(104), 19_999), Seen::Already);
    }
}
