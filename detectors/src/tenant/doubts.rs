//! How often a tenant's principals do what is only doubtful: the measure of how common honest change is there.
//!
//! Evidence is compared with how common honest change is. Where principals change more than the shipped numbers assume,
//! the same evidence is worth less. What is nearly sure to be a theft is not counted, so that thefts don't excuse thefts.

use crate::event::Day;
use serde::{Deserialize, Serialize};

/// The evidence that is counted, each by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DoubtKind {
    /// Sign-ins.
    SignIn,
    /// Calls of APIs.
    ApiTraffic,
    /// Additions of credentials.
    CredentialAddition,
}

impl DoubtKind {
    /// How many kinds there are.
    pub const COUNT: usize = 3;

    const fn place(self) -> usize {
        match self {
            Self::SignIn => 0,
            Self::ApiTraffic => 1,
            Self::CredentialAddition => 2,
        }
    }
}

/// A doubtful finding, as a principal tells its tenant of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// Of what.
    pub kind: DoubtKind,
    /// When.
    pub day: Day,
}

/// The doubtful findings of a while, and how many principals they are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Doubts {
    findings: [u32; DoubtKind::COUNT],
    /// Principals times days.
    pub principal_days: u32,
}

impl Doubts {
    /// How many findings of a kind.
    pub fn of(&self, kind: DoubtKind) -> u32 {
        self.findings.get(kind.place()).copied().unwrap_or_default()
    }

    fn add(&mut self, kind: DoubtKind) {
        if let Some(count) = self.findings.get_mut(kind.place()) {
            *count = count.saturating_add(1);
        }
    }
}

/// The doubtful findings by day.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct DoubtsByDay {
    /// Newest last.
    days: Vec<(Day, Doubts)>,
}

impl DoubtsByDay {
    /// How many days count.
    const DAYS: Day = 30;

    pub(crate) fn count(&mut self, doubt: Doubt) {
        let at = match self.days.binary_search_by_key(&doubt.day, |(day, _)| *day) {
            Ok(at) => at,
            Err(at) => {
                self.days.insert(at, (doubt.day, Doubts::default()));
                at
            }
        };
        if let Some((_, doubts)) = self.days.get_mut(at) {
            doubts.add(doubt.kind);
        }
        let newest = self.days.last().map_or(doubt.day, |(day, _)| *day);
        self.days.retain(|(day, _)| *day >= newest - Self::DAYS - 1);
    }

    /// Those of the days before one, of so many principals that are known since a day.
    pub(crate) fn before(&self, today: Day, principals: u32, since: Day) -> Doubts {
        let from = since.max(today - Self::DAYS);
        let days = u32::try_from(today - from).unwrap_or_default();
        let mut sum = Doubts { principal_days: principals.saturating_mul(days), ..Doubts::default() };
        for (_, doubts) in self.days.iter().filter(|(day, _)| (from..today).contains(day)) {
            for (all, one) in sum.findings.iter_mut().zip(doubts.findings) {
                *all = all.saturating_add(one);
            }
        }
        sum
    }

    pub(crate) fn any_since(&self, today: Day) -> bool {
        self.days.iter().any(|(day, _)| *day >= today - Self::DAYS)
    }

    pub(crate) fn memory(&self) -> usize {
        self.days.capacity() * size_of::<(Day, Doubts)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_before_count_and_no_more_than_thirty() {
        let mut by_day = DoubtsByDay::default();
        for day in 0..100 {
            by_day.count(Doubt { kind: DoubtKind::SignIn, day });
        }
        by_day.count(Doubt { kind: DoubtKind::ApiTraffic, day: 99 });
        let doubts = by_day.before(99, 50, 0);
        assert_eq!((doubts.of(DoubtKind::SignIn), doubts.of(DoubtKind::ApiTraffic)), (30, 0));
        assert_eq!(doubts.principal_days, 1_500);
        assert_eq!(by_day.before(99, 50, 89).principal_days, 500);
        assert!(by_day.days.len() <= 32);
    }
}
