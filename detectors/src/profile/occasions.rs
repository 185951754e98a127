//! Counting by occasions: a value counts once on each day it appears, and old days count less.
//!
//! Forward decay: a day's weight grows with its date (it doubles every 30 days), so nothing changes by time passing and
//! adding is commutative. Weights are fixed-point integers, so sums don't depend on their order.

use crate::event::Day;
use serde::{Deserialize, Serialize};

/// The half-life of a day's weight: recent enough to follow a workload through its releases, long enough to remember
/// a monthly job (design, *Learning what is normal*).
pub(super) const HALF_LIFE_DAYS: i32 = 30;

/// Weights are relative to a landmark on a fixed grid of this many days (32 half-lives).
const GRID_DAYS: i32 = 32 * HALF_LIFE_DAYS;

/// Fraction bits of a weight.
const FRACTION_BITS: u32 = 10;

/// How many days back from its newest day a counter still tells days apart; what is later is not counted.
pub(super) const REMEMBERED_DAYS: i32 = 16;

/// `2^(i/30)` in units of 2^-10, rounded: the weight of a day `i` days after a whole number of half-lives.
const STEPS: [u64; 30] = [
    1024, 1048, 1072, 1097, 1123, 1149, 1176, 1204, 1232, 1261, 1290, 1320, 1351, 1383, 1415, 1448, 1482, 1517, 1552,
    1588, 1625, 1663, 1702, 1742, 1783, 1825, 1867, 1911, 1956, 2001,
];

/// The landmark of the grid cell that a day lies in.
pub(crate) fn landmark(day: Day) -> Day {
    day.div_euclid(GRID_DAYS) * GRID_DAYS
}

/// The weight of one day relative to a landmark.
fn weight(day: Day, landmark: Day) -> u64 {
    let age = day - landmark;
    let step = STEPS.get(age.rem_euclid(HALF_LIFE_DAYS) as usize).copied().unwrap_or(1 << FRACTION_BITS);
    match age.div_euclid(HALF_LIFE_DAYS) {
        halves @ 0..=50 => step << halves,
        halves @ -20..0 => step >> -halves,
        halves if halves < 0 => 0,
        _ => u64::MAX >> 8,
    }
}

/// A decayed number of days, with the newest of them told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Occasions {
    total: u64,
    newest: Day,
    /// Bit `i`: the day `newest - i` is counted in `total`.
    recent: u16,
}

impl Occasions {
    /// Counts a day, unless it is counted already or too old to tell. True if something changed.
    pub fn add(&mut self, day: Day, landmark: Day) -> bool {
        if self.recent == 0 && self.total == 0 {
            *self = Self { total: weight(day, landmark), newest: day, recent: 1 };
            return true;
        }
        let behind = self.newest.saturating_sub(day);
        if behind >= REMEMBERED_DAYS || self.counts(day) {
            return false;
        }
        if behind < 0 {
            self.recent = self.recent.checked_shl(behind.unsigned_abs()).unwrap_or(0) | 1;
            self.newest = day;
        } else {
            self.recent |= 1 << behind;
        }
        self.total = self.total.saturating_add(weight(day, landmark));
        true
    }

    /// Whether the day is counted, as far back as days are told apart.
    pub fn counts(&self, day: Day) -> bool {
        let behind = self.newest.saturating_sub(day);
        (0..REMEMBERED_DAYS).contains(&behind) && self.recent >> behind & 1 == 1
    }

    /// The newest day counted.
    pub fn newest(&self) -> Day {
        self.newest
    }

    /// How many of the days told apart are counted.
    pub fn recent_days(&self) -> u32 {
        self.recent.count_ones()
    }

    /// The days told apart, newest first.
    pub fn days(self) -> impl Iterator<Item = Day> {
        (0..REMEMBERED_DAYS)
            .filter(move |behind| self.recent >> behind & 1 == 1)
            .map(move |behind| self.newest - behind)
    }

    /// The number of days before `cutoff`, decayed to `cutoff`: what a judgement on that day may know.
    pub fn before(&self, cutoff: Day, landmark: Day) -> f64 {
        let total = self.total_before(cutoff, landmark);
        if total == 0 { 0.0 } else { total as f64 / weight(cutoff, landmark).max(1) as f64 }
    }

    /// Whether any day before `cutoff` is counted.
    pub fn has_before(&self, cutoff: Day, landmark: Day) -> bool {
        self.total_before(cutoff, landmark) > 0
    }

    /// The weights of the days before `cutoff`.
    fn total_before(&self, cutoff: Day, landmark: Day) -> u64 {
        let mut later = 0_u64;
        for behind in 0..=self.newest.saturating_sub(cutoff).min(REMEMBERED_DAYS - 1) {
            if self.recent >> behind & 1 == 1 {
                later = later.saturating_add(weight(self.newest - behind, landmark));
            }
        }
        self.total.saturating_sub(later)
    }

    /// The decayed days of several counters together before `cutoff`.
    pub fn sum_before<'a>(counters: impl Iterator<Item = &'a Self>, cutoff: Day, landmark: Day) -> f64 {
        let unit = weight(cutoff, landmark).max(1) as f64;
        counters.map(|days| days.total_before(cutoff, landmark) as f64 / unit).sum()
    }

    /// The order by which the least valuable counter is given up when a table is full.
    pub fn value(&self) -> (u64, Day) {
        (self.total, self.newest)
    }

    /// Moves the total to the next landmark of the grid.
    pub fn rebase(&mut self, cells: u32) {
        self.total = self.total.checked_shr(32 * cells).unwrap_or(0);
    }
}

/// How many grid cells lie between two landmarks; 0 if the second is not later.
pub(super) fn cells_between(from: Day, to: Day) -> u32 {
    u32::try_from((to - from) / GRID_DAYS).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_step_table_doubles_in_thirty_days() {
        for (i, step) in STEPS.iter().enumerate() {
            let exact = 1024.0 * (i as f64 / 30.0).exp2();
            assert!((*step as f64 - exact).abs() <= 0.5, "step {i}: {step} is not {exact}");
        }
        assert_eq!(weight(30, 0), 2 * weight(0, 0));
    }

    #[test]
    fn a_day_counts_once() {
        let mut days = Occasions::default();
        assert!(days.add(100, 0));
        assert!(!days.add(100, 0));
        assert!((days.before(101, 0) - 1.0).abs() < 0.03);
    }

    #[test]
    fn a_judgement_does_not_know_its_own_day() {
        let mut days = Occasions::default();
        days.add(99, 0);
        let known = days.before(100, 0);
        days.add(100, 0);
        days.add(101, 0);
        assert_eq!(days.before(100, 0).to_bits(), known.to_bits());
    }

    #[test]
    fn a_day_is_worth_half_after_thirty() {
        let mut days = Occasions::default();
        days.add(100, 0);
        assert!((days.before(130, 0) - 0.5).abs() < 0.01);
    }

    proptest! {
        #[test]
        fn the_order_of_days_does_not_matter(mut days in proptest::collection::vec(1_000_i32..1_000 + REMEMBERED_DAYS, 1..20), seed in 0_usize..1_000) {
            let count = |days: &[i32]| { let mut o = Occasions::default(); for d in days { o.add(*d, landmark(1_000)); } o };
            let forward = count(&days);
            let middle = seed % days.len();
            days.rotate_left(middle);
            days.reverse();
            prop_assert_eq!(count(&days), forward);
        }

        #[test]
        fn rebasing_keeps_the_decayed_count(day in 0_i32..900) {
            let mut days = Occasions::default();
            days.add(day, 0);
            let cutoff = 1_000;
            let before = days.before(cutoff, 0);
            days.rebase(cells_between(0, landmark(cutoff)));
            // What is left after 32 half-lives may round to nothing.
            prop_assert!((days.before(cutoff, landmark(cutoff)) - before).abs() < 0.01 || before < 1e-3);
        }
    }
}
