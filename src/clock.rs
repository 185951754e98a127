//! The wall clock: the only place that asks what time it is.

use picket_detectors::event::EventTime;
use std::time::{SystemTime, UNIX_EPOCH};

/// The time by the wall clock.
pub fn now() -> EventTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    EventTime::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
