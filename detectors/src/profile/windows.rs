//! Matches that correlation rules count, for as long as their windows reach.

use crate::event::{CorrelationKind, CorrelationPart, EventTime, hash};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One match, as small as it can be told from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Counted {
    time: EventTime,
    /// Hash of the correlation's id.
    rule: u32,
    group: u32,
    value: u32,
    part: u8,
    /// Until when it can matter.
    until: EventTime,
}

/// The matches that may still make a correlation whole, in bounded number.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Windows {
    counted: Vec<Counted>,
}

impl Windows {
    /// How many matches are kept; the oldest is given up first. No correlation needs more.
    const CAPACITY: usize = CorrelationPart::MOST as usize;

    /// Whether a match makes its correlation whole, with what is kept. The order in which they come does not matter: any
    /// window that holds this match counts.
    pub(crate) fn makes_whole(&self, part: &CorrelationPart, time: EventTime) -> bool {
        let mut near: Vec<Counted> = self.near(part, time).copied().collect();
        near.push(counted(part, time));
        near.sort_unstable();
        let ends = near.iter().filter(|one| one.time >= time).map(|one| one.time);
        ends.into_iter().any(|end| {
            let inside = near.iter().filter(|one| one.time <= end && end.since(one.time) < part.window);
            is_whole(part, inside)
        })
    }

    fn near<'a>(&'a self, part: &CorrelationPart, time: EventTime) -> impl Iterator<Item = &'a Counted> {
        let (rule, group, window) = (hash(&part.whole.rule), part.group, part.window);
        self.counted
            .iter()
            .filter(move |one| one.rule == rule && one.group == group && one.time.since(time).saturating_abs() < window)
    }

    /// Keeps a match, and gives up what can't matter any more.
    pub(crate) fn keep(&mut self, part: &CorrelationPart, time: EventTime, newest: EventTime) {
        self.counted.retain(|one| one.until >= newest);
        self.counted.push(counted(part, time));
        if self.counted.len() > Self::CAPACITY {
            let oldest = self.counted.iter().enumerate().min_by_key(|(_, one)| **one).map(|(at, _)| at);
            oldest.map(|at| self.counted.swap_remove(at));
        }
    }

    /// Roughly how much memory it takes.
    pub(crate) fn memory(&self) -> usize {
        self.counted.len() * size_of::<Counted>()
    }
}

fn counted(part: &CorrelationPart, time: EventTime) -> Counted {
    let until = time.plus(part.window).plus(crate::detect::ALLOWED_DISORDER);
    Counted { time, rule: hash(&part.whole.rule), group: part.group, value: part.value, part: part.part, until }
}

/// Whether the matches of one window, in order of time, are what the correlation asks for.
fn is_whole<'a>(part: &CorrelationPart, inside: impl Iterator<Item = &'a Counted>) -> bool {
    match part.kind {
        CorrelationKind::EventCount => inside.count() >= part.least as usize,
        CorrelationKind::ValueCount => {
            inside.map(|one| one.value).collect::<BTreeSet<_>>().len() >= part.least as usize
        }
        CorrelationKind::Temporal => {
            inside.map(|one| one.part).collect::<BTreeSet<_>>().len() >= usize::from(part.parts)
        }
        CorrelationKind::TemporalOrdered => {
            inside.fold(0, |next, one| if one.part == next { next + 1 } else { next }) >= part.parts
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{About, Maturity, RuleLevel, RuleMatch};
    use proptest::prelude::*;

    fn part(kind: CorrelationKind, number: u8, value: u32) -> CorrelationPart {
        let whole = RuleMatch {
            rule: "c".into(),
            title: "c".into(),
            level: RuleLevel::High,
            maturity: Maturity::Proven,
            weight: None,
            about: About::Target,
            attack: Vec::new(),
        };
        CorrelationPart { whole, kind, part: number, parts: 2, group: 1, value, window: 10, least: 3 }
    }

    /// At which of the matches the correlation is whole.
    fn run(kind: CorrelationKind, matches: &[(i64, u8, u32)]) -> Vec<bool> {
        let mut windows = Windows::default();
        let newest = EventTime::from_micros(100);
        let mut whole = Vec::new();
        for (time, number, value) in matches {
            let (part, time) = (part(kind, *number, *value), EventTime::from_micros(*time));
            whole.push(windows.makes_whole(&part, time));
            windows.keep(&part, time, newest);
        }
        whole
    }

    #[test]
    fn windows_count_what_they_are_asked_to() {
        use CorrelationKind::*;
        assert_eq!(run(EventCount, &[(0, 0, 0), (5, 0, 0), (9, 0, 0)]), [false, false, true]);
        assert_eq!(
            run(EventCount, &[(0, 0, 0), (5, 0, 0), (10, 0, 0)]),
            [false; 3],
            "the window's end does not belong to it"
        );
        assert_eq!(run(EventCount, &[(9, 0, 0), (0, 0, 0), (5, 0, 0)]), [false, false, true], "whatever comes first");
        assert_eq!(run(ValueCount, &[(0, 0, 1), (1, 0, 1), (2, 0, 2), (3, 0, 3)]), [false, false, false, true]);
        assert_eq!(run(Temporal, &[(5, 1, 0), (0, 0, 0)]), [false, true]);
        assert_eq!(run(TemporalOrdered, &[(0, 1, 0), (5, 0, 0)]), [false, false], "the wrong way round");
        assert_eq!(run(TemporalOrdered, &[(5, 1, 0), (0, 0, 0)]), [false, true], "in order of time, not of arrival");
    }

    proptest! {
        #[test]
        fn a_correlation_is_whole_in_the_end_whatever_the_order(mut matches in prop::collection::vec((0_i64..40, 0_u8..2, 0_u32..4), 1..12), kind in 0_usize..4) {
            let kind = [CorrelationKind::EventCount, CorrelationKind::ValueCount, CorrelationKind::Temporal, CorrelationKind::TemporalOrdered][kind];
            let ever = |matches: &[(i64, u8, u32)]| run(kind, matches).contains(&true);
            let forward = ever(&matches);
            matches.reverse();
            prop_assert_eq!(ever(&matches), forward);
            matches.sort_unstable();
            prop_assert_eq!(ever(&matches), forward);
        }

        #[test]
        fn memory_is_bounded(times in prop::collection::vec(0_i64..1_000, 0..600)) {
            let mut windows = Windows::default();
            for time in times {
                windows.keep(&part(CorrelationKind::EventCount, 0, 0), EventTime::from_micros(time), EventTime::from_micros(0));
            }
            prop_assert!(windows.counted.len() <= Windows::CAPACITY);
        }
    }
}
