//! How fast is asked: so many requests in any minute, and no more.

use std::collections::VecDeque;
use std::time::Duration;

const WINDOW: Duration = Duration::from_mins(1);

/// The requests of the last minute.
#[derive(Debug)]
pub(super) struct Pace {
    per_minute: usize,
    asked: VecDeque<Duration>,
}

impl Pace {
    pub(super) fn new(per_minute: usize) -> Self {
        Self { per_minute: per_minute.max(1), asked: VecDeque::new() }
    }

    /// How long to wait at a moment (of any clock that goes forward) before the next request.
    pub(super) fn wait(&self, now: Duration) -> Duration {
        let limiting = self.asked.len().checked_sub(self.per_minute).and_then(|at| self.asked.get(at));
        limiting.map_or(Duration::ZERO, |asked| (*asked + WINDOW).saturating_sub(now))
    }

    /// Counts a request.
    pub(super) fn count(&mut self, now: Duration) {
        if self.asked.len() == self.per_minute {
            self.asked.pop_front();
        }
        self.asked.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_minute_has_more_requests_than_allowed() {
        let second = Duration::from_secs;
        let mut pace = Pace::new(2);
        assert_eq!(pace.wait(second(0)), second(0));
        pace.count(second(0));
        assert_eq!(pace.wait(second(10)), second(0));
        pace.count(second(10));
        assert_eq!(pace.wait(second(10)), second(50));
        assert_eq!(pace.wait(second(60)), second(0));
        pace.count(second(60));
        assert_eq!(pace.wait(second(60)), second(10), "the second one still counts");
        assert_eq!(pace.wait(second(600)), second(0));
    }
}
