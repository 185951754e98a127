//! Holding what was judged against the truth.

use crate::interval::Share;
use crate::judged::Judged;
use crate::run::World;
use crate::truth::{Campaign, Truth};
use picket_detectors::event::EventTime;
use std::collections::{BTreeMap, HashMap};

/// A campaign counts as found if the principal rises within this time of the thief's first act.
const IN_TIME: i64 = EventTime::DAY;
/// A principal this new has no habits yet.
const NEW: i64 = 14 * EventTime::DAY;
/// Thresholds of the curve.
pub(crate) const THRESHOLDS: [f64; 15] =
    [20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0, 60.0, 65.0, 70.0, 75.0, 80.0, 85.0, 90.0];

/// How one judge did.
#[derive(Debug, Default, Clone)]
pub(crate) struct Score {
    pub(crate) found: Share,
    /// Found at any time.
    pub(crate) ever: Share,
    pub(crate) false_rises: u32,
    pub(crate) true_rises: u32,
    /// Rises of principals that are new.
    pub(crate) early_rises: u32,
    /// Days that honest principals of some age were watched.
    pub(crate) days: f64,
    pub(crate) early_days: f64,
    /// Of them, days at `medium` or above.
    pub(crate) days_at_medium: f64,
    /// Minutes from the thief's first act to the rise.
    pub(crate) minutes: Vec<f64>,
}

impl Score {
    /// False rises per 1,000 principals and day.
    pub(crate) fn rate(&self) -> f64 {
        1_000.0 * f64::from(self.false_rises) / self.days.max(1.0)
    }

    /// Of all rises, those of fallen principals.
    pub(crate) fn precision(&self) -> Share {
        Share { hits: self.true_rises, of: self.true_rises + self.false_rises }
    }

    /// The median time to detect.
    pub(crate) fn median(&self) -> f64 {
        let mut minutes = self.minutes.clone();
        minutes.sort_by(f64::total_cmp);
        minutes.get(minutes.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn add(&mut self, other: Self) {
        for (mine, its) in [(&mut self.found, other.found), (&mut self.ever, other.ever)] {
            mine.hits += its.hits;
            mine.of += its.of;
        }
        self.false_rises += other.false_rises;
        self.true_rises += other.true_rises;
        self.early_rises += other.early_rises;
        self.days += other.days;
        self.early_days += other.early_days;
        self.days_at_medium += other.days_at_medium;
        self.minutes.extend(other.minutes);
    }
}

/// Everything that was measured, of one world or of several.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    pub(crate) picket: Score,
    pub(crate) membership: Vec<Score>,
    pub(crate) peers: Score,
    pub(crate) cold: Share,
    pub(crate) held_out_kinds: Share,
    pub(crate) by_kind: BTreeMap<(String, String), Share>,
    pub(crate) by_workload: BTreeMap<String, Share>,
    pub(crate) false_by_workload: BTreeMap<String, (u32, f64)>,
    /// Recall and false rises by threshold.
    pub(crate) curve: Vec<(Share, u32)>,
    /// By tenths of the score: principal-days whose highest score lay there, and how many were a thief's.
    pub(crate) reliability: [Share; 10],
    pub(crate) misses: Vec<String>,
    pub(crate) causes: BTreeMap<String, (u32, String)>,
}

impl Measured {
    /// Adds another world.
    pub(crate) fn add(&mut self, other: Self) {
        self.picket.add(other.picket);
        self.peers.add(other.peers);
        self.membership.resize_with(other.membership.len(), Score::default);
        for (mine, its) in self.membership.iter_mut().zip(other.membership) {
            mine.add(its);
        }
        let join = |mine: &mut Share, its: Share| {
            mine.hits += its.hits;
            mine.of += its.of;
        };
        join(&mut self.cold, other.cold);
        join(&mut self.held_out_kinds, other.held_out_kinds);
        other.by_kind.into_iter().for_each(|(key, share)| join(self.by_kind.entry(key).or_default(), share));
        other.by_workload.into_iter().for_each(|(key, share)| join(self.by_workload.entry(key).or_default(), share));
        for (key, (count, days)) in other.false_by_workload {
            let mine = self.false_by_workload.entry(key).or_default();
            *mine = (mine.0 + count, mine.1 + days);
        }
        self.curve.resize(THRESHOLDS.len(), (Share::default(), 0));
        for (mine, its) in self.curve.iter_mut().zip(other.curve) {
            join(&mut mine.0, its.0);
            mine.1 += its.1;
        }
        self.reliability.iter_mut().zip(other.reliability).for_each(|(mine, its)| join(mine, its));
        self.misses.extend(other.misses);
        for (cause, (count, example)) in other.causes {
            self.causes.entry(cause).or_insert((0, example)).0 += count;
        }
    }
}

/// Measures one world.
pub(crate) fn measure(world: &World) -> Measured {
    let truth = &world.truth;
    let mut measured = Measured {
        picket: score(&world.picket, world),
        membership: world.membership.iter().map(|judged| score(judged, world)).collect(),
        peers: score(&world.peers, world),
        curve: curve(world),
        ..Measured::default()
    };
    for campaign in &truth.campaigns {
        let found = rise(&world.picket, campaign).is_some();
        if campaign.cold_start {
            measured.cold.count(found);
            continue;
        }
        if campaign.held_out {
            measured.held_out_kinds.count(found);
        }
        let key = (campaign.kind.clone(), campaign.variant.clone());
        measured.by_kind.entry(key).or_default().count(found);
        measured.by_workload.entry(campaign.workload.clone()).or_default().count(found);
        if !found {
            measured.misses.push(miss(&world.picket, campaign));
        }
    }
    false_rises(world, &mut measured);
    reliability(world, &mut measured);
    measured
}

/// The first rise of a campaign's principals in time; a new detection on one that stood at `medium` already counts.
fn rise(judged: &Judged, campaign: &Campaign) -> Option<EventTime> {
    let in_time = |at: &EventTime| (0..=IN_TIME).contains(&at.since(campaign.first));
    let of = |principal: &String| {
        let rises = judged.rises.get(principal).into_iter().flatten().copied();
        let stands = stands_at(judged, principal, campaign.first);
        let again = judged.detections.get(principal).into_iter().flatten().filter(move |_| stands);
        rises.chain(again.filter(|detection| detection.weight >= 0.5).map(|detection| detection.at)).find(in_time)
    };
    campaign.principals.iter().filter_map(of).min()
}

/// Whether a principal stood at `medium` at a moment.
fn stands_at(judged: &Judged, principal: &str, at: EventTime) -> bool {
    let before = |moments: &HashMap<String, Vec<EventTime>>| {
        moments.get(principal).map_or(0, |all| all.iter().filter(|moment| **moment < at).count())
    };
    before(&judged.rises) > before(&judged.falls)
}

fn score(judged: &Judged, world: &World) -> Score {
    let truth = &world.truth;
    let mut score = Score::default();
    let late = |campaign: &Campaign| {
        let after = |at: &EventTime| *at >= campaign.first && *at <= campaign.last.plus(IN_TIME);
        campaign.principals.iter().any(|principal| judged.rises.get(principal).is_some_and(|all| all.iter().any(after)))
    };
    for campaign in truth.campaigns.iter().filter(|campaign| !campaign.cold_start) {
        let rise = rise(judged, campaign);
        score.found.count(rise.is_some());
        score.ever.count(rise.is_some() || late(campaign));
        score.minutes.extend(rise.map(|at| at.since(campaign.first) as f64 / EventTime::MINUTE as f64));
    }
    let fallen = truth.fallen();
    let end = world.start.plus(i64::from(world.days) * EventTime::DAY);
    let days = |from: EventTime, to: EventTime| (to.since(from).max(0)) as f64 / EventTime::DAY as f64;
    for (principal, about) in &truth.principals {
        let honest_until = fallen.get(principal.as_str()).copied().unwrap_or(end);
        let known_from = about.born.plus(NEW).min(honest_until);
        score.early_days += days(about.born, known_from);
        score.days += days(known_from, honest_until);
        let rises = judged.rises.get(principal).map_or(&[][..], Vec::as_slice);
        let falls = judged.falls.get(principal).map_or(&[][..], Vec::as_slice);
        for rise in rises {
            if *rise >= honest_until {
                score.true_rises += 1;
                continue;
            }
            if *rise < known_from {
                score.early_rises += 1;
            } else {
                score.false_rises += 1;
            }
            let fall = falls.iter().find(|fall| *fall > rise).copied().unwrap_or(end);
            score.days_at_medium += days(*rise, fall.min(honest_until));
        }
    }
    score
}

fn false_rises(world: &World, measured: &mut Measured) {
    let truth = &world.truth;
    let fallen = truth.fallen();
    let end = world.start.plus(i64::from(world.days) * EventTime::DAY);
    for (principal, about) in &truth.principals {
        let honest_until = fallen.get(principal.as_str()).copied().unwrap_or(end);
        let entry = measured.false_by_workload.entry(about.kind.clone()).or_default();
        entry.1 += honest_until.since(about.born).max(0) as f64 / EventTime::DAY as f64;
        for rise in world.picket.rises.get(principal).into_iter().flatten().filter(|rise| **rise < honest_until) {
            entry.0 += 1;
            let cause = cause(&world.picket, truth, principal, *rise);
            let age = if rise.since(about.born) < NEW { "new " } else { "" };
            let cause = format!("{cause} [{age}{}]", about.kind);
            measured.causes.entry(cause).or_insert((0, format!("{principal} {rise}"))).0 += 1;
        }
    }
}

/// What raised it, and what its owners had changed.
fn cause(judged: &Judged, truth: &Truth, principal: &str, at: EventTime) -> String {
    let detections = judged.detections.get(principal).map_or(&[][..], Vec::as_slice);
    let last = detections.iter().filter(|detection| detection.at <= at.plus(EventTime::SECOND)).max_by_key(|it| it.at);
    let why = last.map_or_else(|| "?".to_owned(), |last| format!("{}: {}", last.kind, last.facts.join(" + ")));
    format!("{why} <- {}", truth.change_before(principal, at))
}

fn miss(judged: &Judged, campaign: &Campaign) -> String {
    let window = |at: EventTime| at >= campaign.first && at <= campaign.last.plus(IN_TIME);
    let detections = campaign.principals.iter().filter_map(|principal| judged.detections.get(principal)).flatten();
    let best = detections.filter(|it| window(it.at)).max_by(|a, b| a.weight.total_cmp(&b.weight));
    let best = best.map_or_else(
        || "nothing".to_owned(),
        |it| {
            let hours = it.at.since(campaign.first) as f64 / EventTime::HOUR as f64;
            let bits = it.total_bits.unwrap_or_default();
            format!("{} {:.2} ({bits:.1} bits: {}) after {hours:.1} h", it.kind, it.weight, it.facts.join(" + "))
        },
    );
    let Campaign { id, kind, variant, workload, .. } = campaign;
    let principal = campaign.principals.last().map_or("", String::as_str);
    format!("{id} {kind}/{variant} on {workload} {principal} at {}: best {best}", campaign.first)
}

/// What would have been found, and raised falsely, at other thresholds.
fn curve(world: &World) -> Vec<(Share, u32)> {
    let fallen = world.truth.fallen();
    let at_threshold = |threshold: f64| {
        let mut rises: HashMap<&str, Vec<EventTime>> = HashMap::new();
        for (principal, scores) in &world.picket.scores {
            let mut above = false;
            for (at, score) in scores {
                if !above && *score >= threshold {
                    rises.entry(principal).or_default().push(*at);
                }
                // Levels have hysteresis: they are left at eight tenths of where they are entered.
                above = if above { *score >= 0.8 * threshold } else { *score >= threshold };
            }
        }
        let mut found = Share::default();
        for campaign in world.truth.campaigns.iter().filter(|campaign| !campaign.cold_start) {
            let in_time = |at: &EventTime| (0..=IN_TIME).contains(&at.since(campaign.first));
            let of = |principal: &String| rises.get(principal.as_str()).is_some_and(|all| all.iter().any(in_time));
            found.count(campaign.principals.iter().any(of));
        }
        let is_false = |principal: &str, at: EventTime| {
            let known = world.truth.principals.get(principal).is_some_and(|it| at.since(it.born) >= NEW);
            known && fallen.get(principal).is_none_or(|since| at < *since)
        };
        let false_rises =
            rises.iter().map(|(principal, all)| all.iter().filter(|at| is_false(principal, **at)).count() as u32).sum();
        (found, false_rises)
    };
    THRESHOLDS.into_iter().map(at_threshold).collect()
}

fn reliability(world: &World, measured: &mut Measured) {
    let fallen = world.truth.fallen();
    for (principal, scores) in &world.picket.scores {
        let mut highest: BTreeMap<i32, (f64, EventTime)> = BTreeMap::new();
        let mut before = 0.0;
        for (at, score) in scores {
            let rose = *score > before;
            before = *score;
            let best = highest.entry(at.day()).or_insert((0.0, *at));
            if rose && *score > best.0 {
                *best = (*score, *at);
            }
        }
        for (score, at) in highest.into_values().filter(|(score, _)| *score > 0.0) {
            let truly = fallen.get(principal.as_str()).is_some_and(|since| at >= *since);
            if let Some(bin) = measured.reliability.get_mut((score / 10.0) as usize) {
                bin.count(truly);
            }
        }
    }
}
