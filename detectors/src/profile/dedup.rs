//! Which events were seen in the last 24 hours of event time: eight bytes each, in hourly chunks.
//!
//! A busy principal's chunks are stored one by one, so that only the hours that changed are written. A quiet one's are
//! few: they are stored within its head, which is written anyway, and need no keys of their own to write and delete.

use crate::event::EventTime;
use crate::state::{Section, SectionChange, StateError};

/// How many events a principal's memory holds; beyond it the oldest hour is given up early.
pub(crate) const CAPACITY: usize = 4_096;

/// Fingerprints up to which a quiet principal's chunks stay in its head, and down to which a busy one's return there.
const QUIET: (usize, usize) = (32, 16);

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

/// The fingerprints of one hour, sorted.
#[derive(Debug, PartialEq)]
struct Chunk {
    hour: i64,
    fingerprints: Vec<u64>,
    /// Not saved as it is.
    changed: bool,
}

impl Chunk {
    fn to_bytes(&self) -> impl Iterator<Item = u8> {
        self.fingerprints.iter().flat_map(|fingerprint| fingerprint.to_le_bytes())
    }
}

/// Fingerprints by hour.
#[derive(Debug, Default)]
pub(crate) struct Dedup {
    /// Sorted by hour; hardly more than a day has.
    chunks: Vec<Chunk>,
    count: usize,
    newest_hour: i64,
    /// Hours given up since the last save.
    forgotten: Vec<i64>,
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
        let known = self.place(hour).ok().and_then(|at| self.chunks.get(at));
        if known.is_some_and(|chunk| chunk.fingerprints.binary_search(&fingerprint).is_ok()) {
            return Seen::Already;
        }
        self.make_room();
        let chunk = self.chunk(hour);
        let at = chunk.fingerprints.partition_point(|known| *known < fingerprint);
        chunk.fingerprints.insert(at, fingerprint);
        chunk.changed = true;
        self.count += 1;
        Seen::New
    }

    fn place(&self, hour: i64) -> Result<usize, usize> {
        self.chunks.binary_search_by_key(&hour, |chunk| chunk.hour)
    }

    /// The chunk of an hour, made if it is not there.
    fn chunk(&mut self, hour: i64) -> &mut Chunk {
        let at = self.place(hour).unwrap_or_else(|at| {
            self.chunks.insert(at, Chunk { hour, fingerprints: Vec::new(), changed: true });
            at
        });
        #[expect(clippy::indexing_slicing, reason = "found or inserted just above")]
        &mut self.chunks[at]
    }

    fn advance(&mut self, hour: i64) {
        if hour <= self.newest_hour {
            return;
        }
        self.newest_hour = hour;
        while self.chunks.first().is_some_and(|oldest| oldest.hour <= hour - HOURS) {
            self.forget_oldest();
        }
    }

    /// Gives up the oldest hour, which may be the only one: a repeat that is not recognised does no harm (decision 4).
    fn make_room(&mut self) {
        while self.count >= CAPACITY && !self.chunks.is_empty() {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let oldest = self.chunks.remove(0);
        self.count -= oldest.fingerprints.len();
        self.forgotten.push(oldest.hour);
    }

    /// The hours that are stored one by one, for the head.
    pub(super) fn hours(&self) -> Vec<i64> {
        if self.apart { self.chunks.iter().map(|chunk| chunk.hour).collect() } else { Vec::new() }
    }

    /// Adds the chunks that are stored within the head to its bytes: hour and number, then the fingerprints.
    pub(super) fn write_inline(&self, mut head: Vec<u8>) -> Vec<u8> {
        for chunk in self.chunks.iter().filter(|_| !self.apart) {
            head = super::codec::append(&(chunk.hour, chunk.fingerprints.len()), head);
            head.extend(chunk.to_bytes());
        }
        head
    }

    /// Takes in what was stored within the head.
    pub(super) fn load_inline(&mut self, mut inline: &[u8]) -> Result<(), StateError> {
        const CORRUPT: StateError = StateError::Corrupt { section: Section::Head };
        while !inline.is_empty() {
            let ((hour, count), rest) = super::codec::decode_front::<(i64, usize)>(Section::Head, inline)?;
            let length = count.checked_mul(8).ok_or(CORRUPT)?;
            let (bytes, rest) = rest.split_at_checked(length).ok_or(CORRUPT)?;
            self.load_hour(hour, bytes, Section::Head)?;
            inline = rest;
        }
        Ok(())
    }

    pub(crate) fn load_chunk(&mut self, hour: i64, bytes: &[u8]) -> Result<(), StateError> {
        self.apart = true;
        self.load_hour(hour, bytes, Section::Dedup(hour))
    }

    fn load_hour(&mut self, hour: i64, bytes: &[u8], section: Section) -> Result<(), StateError> {
        let (fingerprints, rest) = bytes.as_chunks::<8>();
        let fingerprints: Vec<u64> = fingerprints.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
        if !rest.is_empty() || !fingerprints.is_sorted() {
            return Err(StateError::Corrupt { section });
        }
        self.count += fingerprints.len();
        self.newest_hour = self.newest_hour.max(hour);
        let chunk = self.chunk(hour);
        chunk.fingerprints = fingerprints;
        chunk.changed = false;
        Ok(())
    }

    /// The chunks to write and to delete; `stored` are the hours that are stored one by one.
    pub(super) fn take_changes(&mut self, stored: &[i64]) -> Vec<SectionChange> {
        let (most, least) = QUIET;
        let was_apart = self.apart;
        self.apart = self.count > if was_apart { least } else { most };
        let mut forgotten = std::mem::take(&mut self.forgotten);
        if !self.apart {
            self.chunks.iter_mut().for_each(|chunk| chunk.changed = false);
            let stored = if was_apart { stored } else { &[] };
            return stored.iter().map(|hour| (Section::Dedup(*hour), None)).collect();
        }
        // An hour that was given up may have come back; those that were never stored need no deletion.
        forgotten.retain(|hour| was_apart && self.place(*hour).is_err());
        forgotten.sort_unstable();
        forgotten.dedup();
        let deleted = forgotten.into_iter().map(|hour| (Section::Dedup(hour), None));
        let written = self.chunks.iter_mut().filter(|chunk| !was_apart || chunk.changed).map(|chunk| {
            chunk.changed = false;
            (Section::Dedup(chunk.hour), Some(chunk.to_bytes().collect()))
        });
        deleted.chain(written).collect()
    }

    pub(crate) fn memory(&self) -> usize {
        self.count * 8 + self.chunks.capacity() * size_of::<Chunk>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

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
        assert!(dedup.write_inline(Vec::new()).is_empty());
        dedup.see(at(130), 40);
        assert_eq!(dedup.take_changes(&[100]), [(Section::Dedup(100), None)]);
        let mut loaded = Dedup::default();
        loaded.load_inline(&dedup.write_inline(Vec::new())).expect("as it was written");
        assert_eq!(loaded.chunks, [Chunk { hour: 130, fingerprints: vec![40], changed: false }]);
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
                    loaded.load_inline(&dedup.write_inline(Vec::new())).expect("as it was written");
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
