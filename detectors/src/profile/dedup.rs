//! Which events were seen in the last 24 hours of event time: eight bytes each, in hourly chunks.
//!
//! A busy principal's chunks are stored one by one, so that only the hours that changed are written. A quiet one's are
//! few: they are stored within its head, which is written anyway, and need no keys of their own to write and delete.

use crate::event::EventTime;
use crate::state::{Section, SectionChange, StateError};
use std::collections::{BTreeMap, BTreeSet};

/// How many events a principal's memory holds; beyond it the oldest hour is given up early.
pub(crate) const CAPACITY: usize = 4_096;

/// Fingerprints up to which a quiet principal's chunks stay in its head, and down to which a busy one's return there.
const QUIET: (usize, usize) = (32, 16);

/// Chunks as they are stored within the head.
pub(super) type Inline = Vec<(i64, Vec<[u8; 8]>)>;

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
    /// The chunks are stored one by one.
    apart: bool,
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

    /// The hours that are stored one by one, for the head.
    pub(super) fn hours(&self) -> Vec<i64> {
        if self.apart { self.chunks.keys().copied().collect() } else { Vec::new() }
    }

    /// The chunks that are stored within the head.
    pub(super) fn inline(&self) -> Inline {
        if self.apart {
            return Inline::new();
        }
        let bytes = |chunk: &Vec<u64>| chunk.iter().map(|fingerprint| fingerprint.to_le_bytes()).collect();
        self.chunks.iter().map(|(hour, chunk)| (*hour, bytes(chunk))).collect()
    }

    /// Takes in what was stored within the head.
    pub(super) fn load_inline(&mut self, inline: Inline) -> Result<(), StateError> {
        for (hour, chunk) in inline {
            let chunk = chunk.into_iter().map(u64::from_le_bytes).collect();
            self.load_hour(hour, chunk, Section::Head)?;
        }
        Ok(())
    }

    pub(crate) fn load_chunk(&mut self, hour: i64, bytes: &[u8]) -> Result<(), StateError> {
        let (chunks, rest) = bytes.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(StateError::Corrupt { section: Section::Dedup(hour) });
        }
        self.apart = true;
        self.load_hour(hour, chunks.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect(), Section::Dedup(hour))
    }

    fn load_hour(&mut self, hour: i64, chunk: Vec<u64>, section: Section) -> Result<(), StateError> {
        if !chunk.is_sorted() {
            return Err(StateError::Corrupt { section });
        }
        self.count += chunk.len();
        self.newest_hour = self.newest_hour.max(hour);
        self.chunks.insert(hour, chunk);
        Ok(())
    }

    /// The chunks to write and to delete; `stored` are the hours that are stored one by one.
    pub(super) fn take_changes(&mut self, stored: &[i64]) -> Vec<SectionChange> {
        let (most, least) = QUIET;
        let was_apart = self.apart;
        self.apart = self.count > if was_apart { least } else { most };
        let mut changed = std::mem::take(&mut self.changed);
        match (was_apart, self.apart) {
            (false, false) => return Vec::new(),
            (true, false) => return stored.iter().map(|hour| (Section::Dedup(*hour), None)).collect(),
            (false, true) => changed = self.chunks.keys().copied().collect(),
            (true, true) => {}
        }
        changed
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
    use proptest::prelude::*;

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
    fn old_hours_of_a_busy_principal_are_deleted() {
        let mut dedup = Dedup::default();
        for fingerprint in 0..40_u64 {
            dedup.see(at(100 + fingerprint.cast_signed() / 20), fingerprint);
        }
        let written: Vec<_> = dedup.take_changes(&[]).into_iter().map(|(section, _)| section).collect();
        assert_eq!(written, [Section::Dedup(100), Section::Dedup(101)]);
        dedup.see(at(124), 40);
        let changes: Vec<_> = dedup.take_changes(&[100, 101]);
        let kept: Vec<_> = changes.iter().map(|(section, bytes)| (*section, bytes.is_some())).collect();
        assert_eq!(kept, [(Section::Dedup(100), false), (Section::Dedup(124), true)]);
    }

    #[test]
    fn a_principal_that_falls_quiet_takes_its_chunks_back() {
        let mut dedup = Dedup::default();
        for fingerprint in 0..40_u64 {
            dedup.see(at(100), fingerprint);
        }
        dedup.take_changes(&[]);
        assert!(dedup.inline().is_empty());
        dedup.see(at(130), 40);
        assert_eq!(dedup.take_changes(&[100]), [(Section::Dedup(100), None)]);
        assert_eq!(dedup.inline(), [(130, vec![40_u64.to_le_bytes()])]);
    }

    proptest! {
        #[test]
        fn what_is_saved_is_what_is_loaded(events in proptest::collection::vec((0_i64..80, 0_u64..200), 0..200), every in 1_usize..50) {
            let mut dedup = Dedup::default();
            let mut stored = BTreeMap::<i64, Vec<u8>>::new();
            let mut hours = Vec::new();
            for (number, (hour, fingerprint)) in events.iter().enumerate() {
                dedup.see(at(*hour), *fingerprint);
                if number % every == 0 {
                    for (section, bytes) in dedup.take_changes(&hours) {
                        let Section::Dedup(hour) = section else { panic!("{section:?}") };
                        match bytes {
                            Some(bytes) => stored.insert(hour, bytes),
                            None => stored.remove(&hour),
                        };
                    }
                    hours = dedup.hours();
                    prop_assert_eq!(&hours, &stored.keys().copied().collect::<Vec<_>>());
                    let mut loaded = Dedup::default();
                    loaded.load_inline(dedup.inline()).expect("sorted");
                    for (hour, bytes) in &stored {
                        loaded.load_chunk(*hour, bytes).expect("sorted");
                    }
                    prop_assert_eq!(&loaded.chunks, &dedup.chunks);
                    prop_assert_eq!((loaded.count, loaded.apart), (dedup.count, dedup.apart));
                }
            }
        }
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
