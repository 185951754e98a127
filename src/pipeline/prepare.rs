//! Values to observations: everything that needs no state, in parallel.

use super::{Tally, attribute, dead_letter};
use crate::decode::{Context, Decoded, Decoder, Outcome};
use crate::ingest::{Batch, FilePosition};
use crate::record::Value;
use picket_detectors::event::{Event, EventTime};
use picket_detectors::observation::Observation;
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An event with its observations.
#[derive(Debug)]
pub struct PreparedEvent {
    /// When it happened, as its record says.
    pub time: EventTime,
    /// When it was taken in.
    pub ingested: EventTime,
    /// Whether it says anything of when it is: an inventory does not.
    pub dated: bool,
    /// Where it stands in a log of observations, if it was read from one.
    pub position: Option<(i32, i64)>,
    /// The observations, in the order in which they are folded.
    pub observations: SmallVec<[Observation; 1]>,
}

impl PreparedEvent {
    /// Attributes an event.
    pub fn new(event: Event, ingested: EventTime) -> Self {
        let event = Arc::new(event);
        let dated = !is_inventory(&event);
        let observations = attribute(&event, ingested);
        Self { time: event.time, ingested, dated, position: None, observations }
    }
}

/// Whether the event describes what is, and not what happened.
fn is_inventory(event: &Event) -> bool {
    use picket_detectors::event::Body;
    matches!(event.body, Body::InventoryApplication(_) | Body::InventoryServicePrincipal(_))
}

/// A batch with everything that needs no state done.
#[derive(Debug, Default)]
pub struct Prepared {
    /// The events, in order, in the portions that were decoded together: one list of all would be large, and new memory
    /// for every batch.
    pub events: Vec<Vec<PreparedEvent>>,
    /// Dead letters, in order: JSON lines.
    pub dead: Vec<Vec<u8>>,
    /// What became of the records.
    pub tally: Tally,
    /// How far each file was read.
    pub files: BTreeMap<String, FilePosition>,
    /// Bodies of the inbox in the batch, with their sizes.
    pub bodies: Vec<(u64, usize)>,
    /// What its ticks and ingest times go by.
    pub timing: Timing,
}

/// What ticks and ingest times of a batch go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Timing {
    /// Ticks fall between events, by their own times; nothing happened later than it was taken in.
    #[default]
    Events,
    /// Ticks fall between events, and so does the taking in: no wall clock may reach what a replay writes, so an event
    /// counts as taken in when the stream had come to it.
    Replay,
    /// Ticks fall between batches; it is this late.
    Wall(EventTime),
}

impl Prepared {
    /// Adds what comes next.
    pub(super) fn append(&mut self, mut later: Self) {
        self.events.append(&mut later.events);
        self.dead.append(&mut later.dead);
        self.tally.add(later.tally);
        self.files.append(&mut later.files);
        self.bodies.append(&mut later.bodies);
        self.timing = later.timing;
    }

    fn take(&mut self, value: &Value, decoded: Decoded<'_>, context: &Context) -> SmallVec<[Event; 1]> {
        match decoded.outcome {
            Outcome::Events(events) => {
                self.tally.event(events.first().map_or("Empty", |event| event.body.category()));
                return events;
            }
            Outcome::Ignored(rule) => self.tally.ignored(rule),
            Outcome::Dead(reason) => {
                self.tally.dead(reason.code);
                self.dead.push(dead_letter(&value.origin, decoded.index, decoded.bytes, &reason, &context.scrubber));
            }
        }
        SmallVec::new()
    }
}

/// Decodes and attributes a batch, or a piece of it.
pub fn prepare(batch: Batch, decoder: &Decoder) -> Prepared {
    let decoder = decoder.current();
    let mut prepared = Prepared::default();
    let mut portion = Vec::with_capacity(batch.values.len());
    for value in &batch.values {
        decoder.decode(&value.bytes, &mut |decoded| {
            let events = prepared.take(value, decoded, decoder.context);
            portion.extend(events.into_iter().map(|event| PreparedEvent::new(event, value.ingested)));
        });
    }
    prepared.events.push(portion);
    let timing = batch.now.map_or(Timing::Events, Timing::Wall);
    Prepared { files: batch.files, bodies: batch.bodies, timing, ..prepared }
}
