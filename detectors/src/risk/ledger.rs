//! The ledger of one principal's risk: contributions by cause, the level they give, and how it falls by itself.
//!
//! The score is a function of time: `100·(1 − Π(1 − wᵢ·2^(−Δtᵢ/hᵢ)))`. Within a cause the greatest weight counts;
//! causes combine by noisy-or, so independent evidence adds up and repeats of the same do not.

use super::decay::half_to_the;
use super::{Contribution, RiskDetail, RiskLevel, RiskStatus};
use crate::event::{EventTime, KeyId, Window};
use crate::scoring::Levels;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What has become of one contribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Fate {
    /// It counts.
    Stands,
    /// Its ground was taken away.
    Remediated,
    /// An administrator has said it does not count.
    Waived,
}

/// One contribution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// What it is counted under.
    pub(crate) cause: CompactString,
    /// The detection that made it.
    pub(crate) detection: Uuid,
    /// That detection's type.
    pub(crate) risk_event_type: CompactString,
    /// 0 to 1.
    pub(crate) weight: f64,
    /// Event time from which it fades.
    pub(crate) since: EventTime,
    /// Hours in which it fades by half; `None` while its ground stands (a live leaked credential).
    pub(crate) half_life_hours: Option<u32>,
    /// The credential it hangs on: removing that remediates it.
    pub(crate) key: Option<KeyId>,
    /// When its ground ends by itself: a leaked credential expires.
    pub(crate) ends: Option<EventTime>,
    /// Whether it counts.
    pub(crate) fate: Fate,
    /// The greatest weight told while a change was expected, which does not count.
    pub(crate) held: f64,
}

impl Entry {
    fn weight_at(&self, time: EventTime) -> f64 {
        if self.fate != Fate::Stands || self.ends.is_some_and(|ends| ends <= time) {
            return 0.0;
        }
        let Some(half_life) = self.half_life_hours else { return self.weight };
        let age = time.since(self.since).max(0) as f64;
        self.weight * half_to_the(age / (f64::from(half_life.max(1)) * EventTime::HOUR as f64))
    }
}

/// A step down that time alone makes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fall {
    /// The computed moment.
    pub(crate) time: EventTime,
    /// The level before.
    pub(crate) from: RiskLevel,
    /// The level after.
    pub(crate) to: RiskLevel,
    /// The state after.
    pub(crate) status: RiskStatus,
}

/// The ledger.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    level: RiskLevel,
    status: RiskStatus,
    detail: RiskDetail,
    updated: EventTime,
    /// When the level next falls by itself, if nothing happens before.
    falls_at: Option<EventTime>,
    /// The time of the newest command obeyed.
    commanded: Option<EventTime>,
}

impl Ledger {
    /// How many contributions are kept; the least is given up first.
    const CAPACITY: usize = 32;

    pub(crate) fn level(&self) -> RiskLevel {
        self.level
    }

    pub(crate) fn status(&self) -> RiskStatus {
        self.status
    }

    pub(crate) fn detail(&self) -> RiskDetail {
        self.detail
    }

    pub(crate) fn updated(&self) -> EventTime {
        self.updated
    }

    pub(crate) fn falls_at(&self) -> Option<EventTime> {
        self.falls_at
    }

    /// The contribution counted under a cause, and its weight at a time.
    pub(crate) fn find(&self, cause: &str, time: EventTime) -> Option<(&Entry, f64)> {
        self.entries.iter().find(|entry| entry.cause == cause).map(|entry| (entry, entry.weight_at(time)))
    }

    /// Whether anything stands under a cause of one detector that ends so.
    pub(crate) fn stands_like(&self, risk_event_type: &str, suffix: &str) -> bool {
        let stands = |entry: &Entry| entry.fate == Fate::Stands && entry.risk_event_type == risk_event_type;
        self.entries.iter().any(|entry| stands(entry) && entry.cause.ends_with(suffix))
    }

    /// What stands on a credential by the word of one detector.
    pub(crate) fn standing_on(&self, key: &KeyId, risk_event_type: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| {
            entry.fate == Fate::Stands && entry.key.as_ref() == Some(key) && entry.risk_event_type == risk_event_type
        })
    }

    /// Whether a command of this time is news: commands are obeyed in the order of their own times, each once.
    pub(crate) fn obeys(&self, time: EventTime) -> bool {
        self.commanded.is_none_or(|newest| time > newest)
    }

    /// Whether a leak or a rogue credential stands behind the risk.
    pub(crate) fn rests_on_a_live_credential(&self) -> bool {
        self.entries
            .iter()
            .filter(|entry| entry.fate == Fate::Stands && entry.weight > 0.0)
            .any(|entry| entry.key.is_some() && entry.half_life_hours.is_none())
    }

    /// Enters a contribution. Under a cause that stands the greater weight counts, as it has faded until then; one that
    /// was remediated stands again if this is younger; one that was waived stays so.
    pub(crate) fn enter(&mut self, entry: Entry) {
        let Some(at) = self.entries.iter().position(|known| known.cause == entry.cause) else {
            self.make_room(entry.since);
            self.entries.push(entry);
            return;
        };
        let Some(known) = self.entries.get_mut(at) else { return };
        known.held = known.held.max(entry.held);
        let since = known.since.max(entry.since);
        let replaces = match known.fate {
            Fate::Stands => entry.weight > known.weight_at(since),
            Fate::Remediated => entry.since > known.since,
            Fate::Waived => false,
        };
        if replaces {
            *known = Entry { since, held: known.held, ..entry };
        }
    }

    /// Somebody announces, perhaps afterwards, that what comes in a window is expected: what stands since then counts no
    /// more. The level before, if level or state changed.
    pub(crate) fn hold(&mut self, window: &Window, now: EventTime, levels: &Levels) -> Option<RiskLevel> {
        let is_held =
            |entry: &&mut Entry| entry.fate == Fate::Stands && window.holds(&entry.risk_event_type, entry.since);
        for entry in self.entries.iter_mut().filter(is_held) {
            entry.held = entry.held.max(entry.weight);
            entry.weight = 0.0;
        }
        let previous = self.settle(now, levels)?;
        if self.level == RiskLevel::None {
            self.status = RiskStatus::Dismissed;
        }
        Some(previous)
    }

    /// More of what stands under a cause: it fades anew from then on, and the greater weight counts.
    pub(crate) fn renew(&mut self, cause: &str, weight: f64, time: EventTime) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.cause == cause && entry.fate == Fate::Stands) {
            // More of what is held counts no more than what is held.
            if weight > entry.held {
                entry.weight = entry.weight.max(weight);
            }
            entry.since = entry.since.max(time);
        }
    }

    fn make_room(&mut self, time: EventTime) {
        if self.entries.len() < Self::CAPACITY {
            return;
        }
        let least = self.entries.iter().enumerate().min_by(|(i, a), (j, b)| {
            a.weight_at(time).total_cmp(&b.weight_at(time)).then(a.since.cmp(&b.since)).then(i.cmp(j))
        });
        if let Some((at, _)) = least {
            self.entries.remove(at);
        }
    }

    /// Takes the ground away from what hangs on a credential. True if something changed.
    pub(crate) fn remediate_key(&mut self, key: &KeyId) -> bool {
        self.settle_fate(Fate::Remediated, |entry| entry.key.as_ref() == Some(key))
    }

    /// Takes the ground away from what stood until then under a cause, or under causes that begin with it.
    pub(crate) fn remediate_cause(&mut self, cause: &str, until: EventTime) -> bool {
        let is_it = |entry: &Entry| {
            entry.cause.strip_prefix(cause).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        };
        self.settle_fate(Fate::Remediated, |entry| is_it(entry) && entry.since <= until)
    }

    /// An administrator waives everything that stood until then.
    fn waive(&mut self, until: EventTime) {
        self.settle_fate(Fate::Waived, |entry| entry.since <= until);
    }

    fn settle_fate(&mut self, fate: Fate, which: impl Fn(&Entry) -> bool) -> bool {
        let mut changed = false;
        for entry in self.entries.iter_mut().filter(|entry| entry.fate == Fate::Stands && which(entry)) {
            entry.fate = fate;
            changed = true;
        }
        changed
    }

    /// The score at a time, 0 to 100.
    pub(crate) fn score(&self, time: EventTime) -> f64 {
        let quiet: f64 = self.entries.iter().map(|entry| 1.0 - entry.weight_at(time)).product();
        100.0 * (1.0 - quiet)
    }

    /// The lines that add up to the score, greatest first.
    pub(crate) fn contributions(&self, time: EventTime) -> Vec<Contribution> {
        let score = self.score(time);
        let logs = |entry: &Entry| -(1.0 - entry.weight_at(time)).max(f64::MIN_POSITIVE).ln();
        let sum: f64 = self.entries.iter().map(logs).sum();
        let mut lines: Vec<Contribution> = self
            .entries
            .iter()
            .filter(|entry| entry.weight_at(time) > 0.0)
            .map(|entry| Contribution {
                cause: entry.cause.clone(),
                detection_id: entry.detection,
                risk_event_type: entry.risk_event_type.clone(),
                weight: entry.weight,
                current_weight: entry.weight_at(time),
                share: score * logs(entry) / sum.max(f64::MIN_POSITIVE),
            })
            .collect();
        lines.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.cause.cmp(&b.cause)));
        lines
    }

    /// Brings level and state up to what the entries give at a time. The level before, if level or state changed.
    pub(crate) fn settle(&mut self, time: EventTime, levels: &Levels) -> Option<RiskLevel> {
        let (previous, previous_status) = (self.level, self.status);
        if self.status != RiskStatus::ConfirmedCompromised {
            self.level = levels.level(self.score(time), self.level);
            self.status = self.status_for(previous);
            if self.level > previous {
                self.detail = RiskDetail::None;
            }
        }
        self.plan_fall(time, levels);
        let changed = self.level != previous || self.status != previous_status;
        changed.then(|| {
            self.updated = self.updated.max(time);
            previous
        })
    }

    fn status_for(&self, previous: RiskLevel) -> RiskStatus {
        let remediated = self.entries.iter().any(|entry| entry.fate == Fate::Remediated);
        match self.level {
            RiskLevel::None if previous == RiskLevel::None => self.status,
            RiskLevel::None if remediated => RiskStatus::Remediated,
            RiskLevel::None => RiskStatus::None,
            RiskLevel::Low | RiskLevel::Medium | RiskLevel::High => RiskStatus::AtRisk,
        }
    }

    /// An administrator confirms the compromise: high, whatever the score. The level before.
    pub(crate) fn pin(&mut self, said: EventTime, now: EventTime) -> RiskLevel {
        let previous = std::mem::replace(&mut self.level, RiskLevel::High);
        self.status = RiskStatus::ConfirmedCompromised;
        self.detail = RiskDetail::AdminConfirmedServicePrincipalCompromised;
        self.commanded = Some(said);
        self.updated = self.updated.max(now);
        self.falls_at = None;
        previous
    }

    /// An administrator clears what stood until then; what has risen since goes on. The level before.
    pub(crate) fn clear(
        &mut self,
        said: EventTime,
        now: EventTime,
        levels: &Levels,
        (status, detail): (RiskStatus, RiskDetail),
    ) -> RiskLevel {
        self.waive(said);
        let previous = self.level;
        self.level = levels.level(self.score(now), RiskLevel::None);
        let cleared = self.level == RiskLevel::None;
        (self.status, self.detail) = if cleared { (status, detail) } else { (RiskStatus::AtRisk, RiskDetail::None) };
        self.commanded = Some(said);
        self.updated = self.updated.max(now);
        self.plan_fall(now, levels);
        previous
    }

    /// The falls due until `to`, in order; each at its computed moment, however late it is asked for.
    pub(crate) fn advance(&mut self, to: EventTime, levels: &Levels) -> Vec<Fall> {
        let mut falls = Vec::new();
        while let Some(time) = self.falls_at.filter(|at| *at <= to) {
            match self.settle(time, levels) {
                Some(from) => falls.push(Fall { time, from, to: self.level, status: self.status }),
                None => self.falls_at = None,
            }
        }
        falls
    }

    fn plan_fall(&mut self, time: EventTime, levels: &Levels) {
        let pinned = self.level == RiskLevel::None || self.status == RiskStatus::ConfirmedCompromised;
        self.falls_at = if pinned { None } else { self.moment_below(levels.fall(self.level), time) };
    }

    /// The first microsecond at which the score is below a threshold; `None` if it never will be.
    fn moment_below(&self, threshold: f64, from: EventTime) -> Option<EventTime> {
        let mut low = from;
        let mut high = from.plus(10 * 366 * EventTime::DAY);
        if !Levels::is_below(self.score(high), threshold) {
            return None;
        }
        while high.since(low) > 1 {
            let middle = low.plus(high.since(low) / 2);
            if Levels::is_below(self.score(middle), threshold) { high = middle } else { low = middle }
        }
        Some(high)
    }

    /// Roughly how much memory it takes.
    pub(crate) fn memory(&self) -> usize {
        self.entries.len() * size_of::<Entry>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::Scoring;
    use proptest::prelude::*;

    fn entry(cause: &str, weight: f64, half_life_hours: Option<u32>) -> Entry {
        Entry {
            cause: cause.into(),
            detection: Uuid::nil(),
            risk_event_type: "suspiciousSignins".into(),
            weight,
            since: EventTime::from_micros(0),
            half_life_hours,
            key: None,
            ends: None,
            fate: Fate::Stands,
            held: 0.0,
        }
    }

    fn after_hours(hours: i64) -> EventTime {
        EventTime::from_micros(hours * EventTime::HOUR)
    }

    #[test]
    fn a_level_falls_step_by_step_at_computed_moments() {
        let levels = Scoring::builtin().levels;
        let mut ledger = Ledger::default();
        ledger.enter(entry("a", 0.9, Some(24)));
        assert_eq!(ledger.settle(after_hours(0), &levels), Some(RiskLevel::None));
        assert_eq!(ledger.level(), RiskLevel::High);
        let falls = ledger.advance(after_hours(24 * 30), &levels);
        let steps: Vec<_> = falls.iter().map(|fall| (fall.from, fall.to)).collect();
        assert_eq!(
            steps,
            [
                (RiskLevel::High, RiskLevel::Medium),
                (RiskLevel::Medium, RiskLevel::Low),
                (RiskLevel::Low, RiskLevel::None)
            ]
        );
        let mut by_hours = Ledger::default();
        by_hours.enter(entry("a", 0.9, Some(24)));
        by_hours.settle(after_hours(0), &levels);
        let ticked: Vec<_> = (0..24 * 30).flat_map(|hour| by_hours.advance(after_hours(hour), &levels)).collect();
        assert_eq!(ticked, falls, "the moment does not depend on when it is asked for");
    }

    #[test]
    fn what_rests_on_a_live_credential_does_not_fade_until_it_is_removed() {
        let levels = Scoring::builtin().levels;
        let mut ledger = Ledger::default();
        let key = KeyId::parse("k").expect("an id");
        ledger.enter(Entry { key: Some(key.clone()), ..entry("leak", 0.9, None) });
        ledger.settle(after_hours(0), &levels);
        assert_eq!(ledger.falls_at(), None);
        assert!(ledger.remediate_key(&key));
        assert_eq!(ledger.settle(after_hours(1), &levels), Some(RiskLevel::High));
        assert_eq!((ledger.level(), ledger.status()), (RiskLevel::None, RiskStatus::Remediated));
    }

    #[test]
    fn the_greatest_weight_of_a_cause_counts_once() {
        let mut ledger = Ledger::default();
        for weight in [0.3, 0.6, 0.2] {
            ledger.enter(entry("episode", weight, Some(24)));
        }
        assert!((ledger.score(after_hours(0)) - 60.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn shares_add_up_to_a_score_within_bounds(weights in proptest::collection::vec(0.0_f64..0.99, 0..40), hours in 0_i64..1_000) {
            let mut ledger = Ledger::default();
            for (n, weight) in weights.iter().enumerate() {
                ledger.enter(entry(&format!("cause {n}"), *weight, Some(24)));
            }
            let score = ledger.score(after_hours(hours));
            prop_assert!((0.0..=100.0).contains(&score));
            let sum: f64 = ledger.contributions(after_hours(hours)).iter().map(|line| line.share).sum();
            prop_assert!((sum - score).abs() < 1e-6, "{sum} is not {score}");
            prop_assert!(ledger.score(after_hours(hours + 1)) <= score);
        }

        #[test]
        fn the_order_of_entries_does_not_change_the_score(mut weights in proptest::collection::vec((0_u8..5, 0.01_f64..0.99), 1..10)) {
            let total = |weights: &[(u8, f64)]| {
                let mut ledger = Ledger::default();
                for (cause, weight) in weights {
                    ledger.enter(entry(&format!("{cause}"), *weight, Some(24)));
                }
                ledger.score(after_hours(5))
            };
            let forward = total(&weights);
            weights.reverse();
            prop_assert!((total(&weights) - forward).abs() < 1e-9);
        }
    }
}
