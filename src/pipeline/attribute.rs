//! Event to observations: who each event is about, from what the record itself says.

use picket_detectors::event::{Event, EventTime};
use picket_detectors::observation::Observation;
use smallvec::SmallVec;
use std::sync::Arc;

/// Gives the observations of one event, in the order in which they are folded.
pub fn attribute(_event: &Arc<Event>, _ingested: EventTime) -> SmallVec<[Observation; 2]> {
    SmallVec::new()
}
