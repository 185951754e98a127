//! The stream clock: what time it is in the stream of events, so that ticks fall at the same place in every run.
//!
//! A tick is due when the stream passes a full hour. One record with a wild time must not move the clock by years, so:
//!
//! - Times before 2000 and after 2100 never move it: no log of interest is that old, and no honest one that young.
//! - An event is never younger than five minutes after it was taken in.
//! - A jump of more than 366 days counts only when a second event, of another time, is as far ahead: one broken record,
//!   delivered once or often, is not a year's pause.

use picket_detectors::event::EventTime;
use serde::{Deserialize, Serialize};

/// 2000-01-01T00:00:00Z.
const OLDEST: EventTime = EventTime::from_micros(946_684_800 * EventTime::SECOND);
/// 2100-01-01T00:00:00Z.
const YOUNGEST: EventTime = EventTime::from_micros(4_102_444_800 * EventTime::SECOND);
/// Longer than any pause in a log that is worth replaying.
const JUMP: i64 = 366 * EventTime::DAY;

/// The stream clock. It never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StreamClock {
    now: Option<EventTime>,
    /// A time far ahead that one event claimed.
    suspect: Option<EventTime>,
}

impl StreamClock {
    /// The time of the stream; `None` before the first event.
    pub fn now(&self) -> Option<EventTime> {
        self.now
    }

    /// Takes in the time of one event. Gives the full hours passed: after the first, up to the last.
    pub fn advance(&mut self, time: EventTime, ingested: EventTime) -> Option<PassedHours> {
        let time = time.min(ingested.plus(5 * EventTime::MINUTE));
        if time < OLDEST || time > YOUNGEST {
            return None;
        }
        let Some(now) = self.now else {
            self.now = Some(time);
            return None;
        };
        if time <= now {
            return None;
        }
        if time.since(now) > JUMP {
            let Some(suspect) = self.suspect else {
                self.suspect = Some(time);
                return None;
            };
            if time == suspect {
                return None;
            }
            let confirmed = suspect.min(time);
            self.suspect = Some(suspect.max(time));
            return self.step(now, confirmed);
        }
        self.suspect = None;
        self.step(now, time)
    }

    fn step(&mut self, from: EventTime, to: EventTime) -> Option<PassedHours> {
        self.now = Some(to);
        (to.hour() > from.hour()).then(|| PassedHours { after: from.hour(), through: to.hour() })
    }
}

/// Full hours that passed: those in `after + 1 ..= through`, as hours since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassedHours {
    /// The hour in which the clock stood.
    pub after: i64,
    /// The hour in which it stands.
    pub through: i64,
}

impl PassedHours {
    /// The first full hour passed at which something due at `due` gets its tick; `None` if it is not due yet.
    pub fn tick_for(self, due: EventTime) -> Option<i64> {
        let full_hour =
            due.micros().div_euclid(EventTime::HOUR) + i64::from(due.micros().rem_euclid(EventTime::HOUR) != 0);
        let hour = full_hour.max(self.after + 1);
        (hour <= self.through).then_some(hour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAR: EventTime = EventTime::from_micros(i64::MAX);

    fn at(year: i32, month: u32, hour: u32) -> EventTime {
        EventTime::from_civil(year, month, 1, hour, 30, 0, 0).expect("a date")
    }

    #[test]
    fn passing_hours_is_told_once() {
        let mut clock = StreamClock::default();
        assert_eq!(clock.advance(at(2026, 5, 1), FAR), None);
        let passed = clock.advance(at(2026, 5, 3), FAR).expect("two hours passed");
        assert_eq!(passed.through - passed.after, 2);
        assert_eq!(clock.advance(at(2026, 5, 3), FAR), None);
        assert_eq!(clock.advance(at(2026, 5, 2), FAR), None);
    }

    #[test]
    fn wild_times_move_nothing() {
        let mut clock = StreamClock::default();
        clock.advance(at(1601, 1, 0), FAR);
        clock.advance(at(2026, 5, 1), FAR);
        for wild in [at(9999, 1, 0), at(9999, 1, 1), at(2090, 1, 0), at(2090, 1, 0), at(1601, 1, 0)] {
            assert_eq!(clock.advance(wild, FAR), None);
        }
        assert_eq!(clock.now(), Some(at(2026, 5, 1)));
    }

    #[test]
    fn a_pause_of_years_is_believed_when_a_second_event_confirms_it() {
        let mut clock = StreamClock::default();
        clock.advance(at(2020, 1, 0), FAR);
        assert_eq!(clock.advance(at(2026, 1, 0), FAR), None);
        assert!(clock.advance(at(2026, 1, 1), FAR).is_some());
        assert_eq!(clock.now(), Some(at(2026, 1, 0)));
    }

    #[test]
    fn an_event_is_not_younger_than_its_arrival_allows() {
        let mut clock = StreamClock::default();
        clock.advance(at(2026, 5, 1), at(2026, 5, 1));
        clock.advance(at(2026, 6, 1), at(2026, 5, 2));
        assert_eq!(clock.now(), Some(at(2026, 5, 2).plus(5 * EventTime::MINUTE)));
    }

    #[test]
    fn what_is_due_gets_its_tick_at_the_next_full_hour() {
        let passed = PassedHours { after: 10, through: 12 };
        let hours = |hours: i64| EventTime::from_micros(hours * EventTime::HOUR);
        let cases = [(3, Some(11)), (11, Some(11)), (12, Some(12)), (13, None)];
        for (due, expected) in cases {
            assert_eq!(passed.tick_for(hours(due)), expected, "due at {due}");
        }
        assert_eq!(passed.tick_for(hours(11).plus(1)), Some(12));
        assert_eq!(passed.tick_for(hours(12).plus(1)), None);
    }
}
