//! Expected changes: windows in which what is found is told and does not count.

use crate::event::{EventTime, Window};
use serde::{Deserialize, Serialize};

/// The windows of one principal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExpectedChanges(Vec<Window>);

impl ExpectedChanges {
    /// How many windows are kept; the one that closes first is given up first.
    const CAPACITY: usize = 8;

    /// Opens a window, or replaces the one of the same id by a newer word.
    pub(crate) fn open(&mut self, window: &Window) {
        match self.0.iter_mut().find(|known| known.id == window.id) {
            Some(known) if known.said <= window.said => known.clone_from(window),
            Some(_) => {}
            None => self.0.push(window.clone()),
        }
        if self.0.len() > Self::CAPACITY {
            let first = self.0.iter().enumerate().min_by_key(|(at, window)| (window.until, *at));
            if let Some((at, _)) = first {
                self.0.remove(at);
            }
        }
    }

    /// The window that holds a finding of this type at this time.
    pub(crate) fn holding(&self, risk_event_type: &str, time: EventTime) -> Option<&Window> {
        self.0.iter().find(|window| window.holds(risk_event_type, time))
    }

    pub(crate) fn memory(&self) -> usize {
        self.0.len() * size_of::<Window>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Id;

    fn window(id: &str, said: i64, until: i64) -> Window {
        let days = |days: i64| EventTime::from_micros(days * EventTime::DAY);
        Window {
            id: Id::parse(id).expect("an id"),
            said: days(said),
            from: days(0),
            until: days(until),
            risk_event_types: Vec::new(),
            author: "ops".into(),
            reason: "a deployment".into(),
        }
    }

    #[test]
    fn a_newer_word_replaces_a_window_and_an_older_one_does_not() {
        let mut expected = ExpectedChanges::default();
        expected.open(&window("a", 1, 5));
        expected.open(&window("a", 2, 2));
        expected.open(&window("a", 1, 5));
        let noon = |day: i64| EventTime::from_micros(day * EventTime::DAY + EventTime::DAY / 2);
        assert!(expected.holding("suspiciousSignins", noon(1)).is_some());
        assert!(expected.holding("suspiciousSignins", noon(3)).is_none());
    }

    #[test]
    fn it_is_bounded_and_keeps_what_closes_last() {
        let mut expected = ExpectedChanges::default();
        (0..50).for_each(|n| expected.open(&window(&n.to_string(), 1, n)));
        assert_eq!(expected.0.len(), ExpectedChanges::CAPACITY);
        assert!(expected.holding("x", EventTime::from_micros(48 * EventTime::DAY)).is_some());
    }
}
