//! Merging files of history by event time, so that their order on the command line changes nothing.
//!
//! Each file is read ahead by a bounded number of records, so a file may be out of order within that bound, and files of
//! different categories interleave as their events happened. Ties are broken by the events' ids, then by their records'
//! bytes, never by a file's name. What is no event keeps its place after the event before it.

use super::{Prepared, PreparedEvent, Tally, Timing, dead_letter};
use crate::decode::{CurrentDecoder, Decoded, Decoder, Outcome};
use crate::ingest::{IngestError, Piece, ValueReader, open};
use crate::record::Origin;
use picket_detectors::event::{Event, EventId, EventTime};
use rayon::prelude::*;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::hash::{BuildHasher, Hasher};
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Records of one file that are read ahead.
const LOOK_AHEAD: usize = 65_536;
/// Records of all files together that are read ahead, so that memory does not grow with the number of files; each file
/// still gets [`LOOK_AHEAD_MIN`].
const LOOK_AHEAD_ALL: usize = 262_144;
const LOOK_AHEAD_MIN: usize = 1_024;
/// Values that are decoded together.
const CHUNK: usize = 4_096;
/// Bytes of values that are decoded together.
const CHUNK_BYTES: usize = 16 << 20;

/// One thing read from a file, in its place.
#[derive(Debug)]
struct Item {
    time: EventTime,
    hash: u64,
    index: u32,
    what: What,
}

#[derive(Debug)]
enum What {
    Event(Box<Event>),
    Dead(Vec<u8>),
}

impl Item {
    fn id(&self) -> Option<&EventId> {
        match &self.what {
            What::Event(event) => Some(&event.id),
            What::Dead(_) => None,
        }
    }

    fn letter(&self) -> Option<&[u8]> {
        match &self.what {
            What::Event(_) => None,
            What::Dead(line) => Some(line),
        }
    }
}

impl Ord for Item {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_time = self.time.cmp(&other.time).then_with(|| self.id().cmp(&other.id()));
        let by_bytes = || self.hash.cmp(&other.hash).then(self.index.cmp(&other.index));
        by_time.then_with(by_bytes).then_with(|| self.letter().cmp(&other.letter()))
    }
}

impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Item {}

/// One file with what was read ahead of it. Lanes compare by their first item.
struct Lane {
    path: PathBuf,
    name: Arc<str>,
    reader: Option<ValueReader<Box<dyn Read + Send>>>,
    ahead: BinaryHeap<Reverse<Item>>,
    /// Time of the last event read.
    last: EventTime,
}

impl Lane {
    fn first(&self) -> Option<&Item> {
        self.ahead.peek().map(|Reverse(item)| item)
    }
}

impl Ord for Lane {
    /// Reversed, since a heap gives its greatest; a lane without items is never in the heap.
    fn cmp(&self, other: &Self) -> Ordering {
        other.first().cmp(&self.first())
    }
}

impl PartialOrd for Lane {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Lane {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Lane {}

/// Reads files as one stream in the order of event time.
pub struct Merge {
    lanes: BinaryHeap<Lane>,
    look_ahead: usize,
    decoder: Decoder,
    pool: Arc<rayon::ThreadPool>,
    tally: Tally,
}

impl std::fmt::Debug for Merge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Merge").field("lanes", &self.lanes.len()).finish_non_exhaustive()
    }
}

impl Merge {
    /// Opens the files and reads ahead; bytes read from disk are counted into `progress`.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn new(
        files: Vec<PathBuf>,
        decoder: Decoder,
        pool: Arc<rayon::ThreadPool>,
        progress: &Arc<AtomicU64>,
    ) -> Result<Self, IngestError> {
        let share = LOOK_AHEAD_ALL / files.len().max(1);
        let look_ahead = share.clamp(LOOK_AHEAD_MIN, LOOK_AHEAD);
        let mut merge = Self { lanes: BinaryHeap::new(), look_ahead, decoder, pool, tally: Tally::default() };
        for path in files {
            let opened = open(&path, 0, progress)?;
            let reader = ValueReader::new(opened.bytes, 0, merge.decoder.context.limits.value_bytes);
            let name = path.to_string_lossy().into();
            let last = EventTime::from_micros(i64::MIN);
            let mut lane = Lane { path, name, reader: Some(reader), ahead: BinaryHeap::new(), last };
            merge.read_ahead(&mut lane)?;
            if lane.first().is_some() {
                merge.lanes.push(lane);
            }
        }
        Ok(merge)
    }

    /// The next batch of at most `records` events and dead letters; `None` at the end.
    ///
    /// # Errors
    /// When a file can't be read on.
    pub fn next_batch(&mut self, records: usize) -> Result<Option<Prepared>, IngestError> {
        let mut events = Vec::new();
        let mut prepared = Prepared { timing: Timing::Replay, ..Prepared::default() };
        while events.len() + prepared.dead.len() < records {
            match self.next_item()? {
                Some(What::Event(event)) => events.push(event),
                Some(What::Dead(line)) => prepared.dead.push(line),
                None => break,
            }
        }
        prepared.tally = std::mem::take(&mut self.tally);
        if events.is_empty() && prepared.dead.is_empty() && prepared.tally.records == 0 {
            return Ok(None);
        }
        let portion = self.pool.install(|| {
            let events = events.into_par_iter().with_min_len(64);
            events.map(|event| (event.time, *event)).map(|(time, event)| PreparedEvent::new(event, time)).collect()
        });
        prepared.events.push(portion);
        Ok(Some(prepared))
    }

    fn next_item(&mut self) -> Result<Option<What>, IngestError> {
        let Some(lane) = self.lanes.peek_mut() else { return Ok(None) };
        let mut lane = lane;
        let item = lane.ahead.pop().map(|Reverse(item)| item.what);
        if lane.ahead.len() >= self.look_ahead || (lane.reader.is_none() && lane.first().is_some()) {
            return Ok(item);
        }
        let mut lane = PeekMut::pop(lane);
        self.read_ahead(&mut lane)?;
        if lane.first().is_some() {
            self.lanes.push(lane);
        }
        Ok(item)
    }

    /// Reads chunk after chunk until enough of the file is read ahead.
    fn read_ahead(&mut self, lane: &mut Lane) -> Result<(), IngestError> {
        while lane.reader.is_some() && lane.ahead.len() <= self.look_ahead {
            let chunk = next_chunk(lane)?;
            if chunk.is_empty() {
                lane.reader = None;
            }
            let decoder = self.decoder.current();
            let parts: Vec<(Vec<Item>, Tally)> = self.pool.install(|| {
                let pieces = chunk.par_iter().with_min_len(32);
                pieces.map(|piece| decode_piece(piece, &lane.name, &decoder)).collect()
            });
            for (items, tally) in parts {
                self.tally.add(tally);
                for mut item in items {
                    match item.what {
                        What::Event(_) => lane.last = item.time,
                        What::Dead(_) => item.time = lane.last,
                    }
                    lane.ahead.push(Reverse(item));
                }
            }
        }
        Ok(())
    }
}

fn next_chunk(lane: &mut Lane) -> Result<Vec<Piece>, IngestError> {
    let Some(reader) = &mut lane.reader else { return Ok(Vec::new()) };
    let mut chunk = Vec::new();
    let mut bytes = 0;
    while chunk.len() < CHUNK && bytes < CHUNK_BYTES {
        let offset = reader.offset();
        let broken = |source| IngestError::Broken { path: lane.path.clone(), offset, source };
        let Some(piece) = reader.next_piece().map_err(broken)? else { break };
        bytes += piece.bytes.len();
        chunk.push(piece);
    }
    Ok(chunk)
}

fn decode_piece(piece: &Piece, name: &Arc<str>, decoder: &CurrentDecoder<'_>) -> (Vec<Item>, Tally) {
    let origin = Origin { source: Arc::clone(name), position: piece.offset };
    let mut tally = Tally::default();
    let mut items = Vec::new();
    decoder.decode(&piece.bytes, &mut |Decoded { index, bytes, outcome }| match outcome {
        Outcome::Events(events) => {
            tally.event(events.first().map_or("Empty", |event| event.body.category()));
            let hash = hash(bytes);
            let numbered = events.into_iter().zip(0..);
            items.extend(numbered.map(|(event, index)| {
                let what = What::Event(Box::new(event));
                Item { time: time_of(&what), hash, index, what }
            }));
        }
        Outcome::Ignored(rule) => tally.ignored(rule),
        Outcome::Dead(reason) => {
            tally.dead(reason.code);
            let what = What::Dead(dead_letter(&origin, index, bytes, &reason, &decoder.context.scrubber));
            items.push(Item { time: time_of(&what), hash: hash(bytes), index, what });
        }
    });
    (items, tally)
}

fn time_of(what: &What) -> EventTime {
    match what {
        What::Event(event) => event.time,
        What::Dead(_) => EventTime::default(),
    }
}

/// The same for the same bytes in every run: it decides ties.
fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = foldhash::fast::FixedState::default().build_hasher();
    hasher.write(bytes);
    hasher.finish()
}
