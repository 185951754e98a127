//! Which campaigns take place, when, and against whom.

use super::super::change::within;
use super::super::random::Random;
use super::super::workload::Workload;
use super::script::script;
use super::{Campaign, CampaignKind, Variant};
use picket_detectors::event::EventTime;
use std::collections::BTreeSet;

/// Plans campaigns of these kinds: each in both variants, once or more often as the tenant is large. No principal falls
/// twice.
pub(in crate::simulate) fn plan(
    seed: u64,
    kinds: &[CampaignKind],
    workloads: &[Workload],
    (start, days): (EventTime, i64),
) -> Vec<Campaign> {
    let rounds = workloads.len().div_ceil(1_000);
    let mut taken = BTreeSet::new();
    let mut campaigns = Vec::new();
    for kind in kinds {
        // A kind has numbers of its own: what else is planned changes nothing for it, but for who is left.
        let mut random = Random::of(seed, &[5, *kind as u64]);
        for round in 0..rounds {
            for variant in Variant::ALL {
                if kind.is_benign() && (round + variant as usize) % 2 == 1 {
                    continue;
                }
                let begins = begin(start, days, &mut random);
                let victims = victims(*kind, workloads, begins, &mut taken, &mut random);
                if victims.is_empty() {
                    continue;
                }
                let mut script = script(*kind, variant, victims.len(), &mut random);
                script.reverse();
                let number = campaigns.len();
                let random = Random::of(seed, &[6, *kind as u64, round as u64, variant as u64]);
                let kind = *kind;
                campaigns.push(Campaign {
                    number,
                    kind,
                    variant,
                    victims,
                    start: begins,
                    script,
                    random,
                    patience: 400,
                    under_way: None,
                });
            }
        }
    }
    campaigns
}

/// Any time in the second half, or later than 18 days where there are more.
fn begin(start: EventTime, days: i64, random: &mut Random) -> EventTime {
    let quiet = (days / 2).min(18);
    let length = (days - quiet - (days / 8).min(4)).max(1) * EventTime::DAY;
    within(start.plus(quiet * EventTime::DAY), length, random)
}

/// Principals that the kind befalls, of one tenant.
fn victims(
    kind: CampaignKind,
    workloads: &[Workload],
    begins: EventTime,
    taken: &mut BTreeSet<usize>,
    random: &mut Random,
) -> Vec<usize> {
    let (low, high) = kind.victims();
    let wanted = random.whole(low as i64, high as i64) as usize;
    let mut found: Vec<usize> = Vec::new();
    let mut estate = None;
    // Where fewer are fit than wanted, the draw ends.
    for _ in 0..20_000 {
        let at = random.below(workloads.len());
        let Some(workload) = workloads.get(at) else { break };
        let fits = kind.befalls(workload) && workload.born < begins && !taken.contains(&at);
        if fits && estate.is_none_or(|estate| estate == workload.estate) && related(kind, &found, workload, workloads) {
            estate = Some(workload.estate);
            taken.insert(at);
            found.push(at);
        }
        if found.len() == wanted {
            break;
        }
    }
    if found.len() < low {
        return Vec::new();
    }
    found
}

/// The agents of one campaign share their blueprint.
fn related(kind: CampaignKind, found: &[usize], workload: &Workload, workloads: &[Workload]) -> bool {
    let first = found.first().and_then(|at| workloads.get(*at));
    kind != CampaignKind::AgentBlueprint || first.is_none_or(|first| first.blueprint == workload.blueprint)
}
