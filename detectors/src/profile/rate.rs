//! How much happens in an hour: the running count of the current hour and the one before, so that a record that comes a
//! little late still counts where it belongs.

use crate::event::EventTime;
use serde::{Deserialize, Serialize};

/// A running count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourlyCount {
    hour: i64,
    count: u32,
    before: u32,
}

impl HourlyCount {
    /// Counts one event; gives the number in its hour so far, 0 for an hour long gone.
    pub fn add(&mut self, time: EventTime) -> u32 {
        let hour = time.hour();
        match hour - self.hour {
            0 => self.count = self.count.saturating_add(1),
            1 => *self = Self { hour, count: 1, before: self.count },
            2.. => *self = Self { hour, count: 1, before: 0 },
            -1 => {
                self.before = self.before.saturating_add(1);
                return self.before;
            }
            _ => return 0,
        }
        self.count
    }

    /// What [`HourlyCount::add`] would give.
    pub fn next(mut self, time: EventTime) -> u32 {
        self.add(time)
    }
}

/// A count as a power of two: 1, 2 to 3, 4 to 7, ….
pub fn magnitude(count: u32) -> Option<u32> {
    count.checked_ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_counts_by_itself_and_the_last_one_still_takes_late_records() {
        let at = |hour: i64| EventTime::from_micros(hour * EventTime::HOUR);
        let mut count = HourlyCount::default();
        let counted: Vec<u32> = [5, 5, 6, 5, 6, 3, 9].into_iter().map(|hour| count.add(at(hour))).collect();
        assert_eq!(counted, [1, 2, 1, 3, 2, 0, 1]);
    }
}
