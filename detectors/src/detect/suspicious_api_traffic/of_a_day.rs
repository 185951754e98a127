//! What a day's calls amount to: how many endpoints are new, how many things are touched, how often it calls.

use super::super::finding::fact;
use super::super::{Findings, Scene, episode, spike};
use super::{DESCRIPTOR, endpoint_value, finding, novelty, sought_value, steadiness, taken_further};
use crate::detect::episode::Factor;
use crate::event::ApiActivity;
use crate::profile::{OddityKind, Property, magnitude};
use crate::scoring::Episodes;
use compact_str::{CompactString, format_compact};

/// Judges the day as it stands with this call.
pub(super) fn judge(scene: &Scene<'_>, call: &ApiActivity, findings: &mut Findings) {
    breadth(scene, call, findings);
    reach(scene, call, findings);
    volume(scene, call, findings);
}

/// Endpoints of a kind that are new on one day.
struct Kind {
    what: &'static str,
    words: &'static str,
    new: f64,
    /// How often as many as expected doubles to these.
    doublings: f64,
    /// What there being any says by itself.
    bits: f64,
}

/// Many endpoints that are new on one day: looking around. Of those that thieves go for, and of those that refuse it, fewer
/// are many. How many of them is counted once, where it is the most; that some are of a kind is said beside. Neither depends
/// on which of them comes first.
fn breadth(scene: &Scene<'_>, call: &ApiActivity, findings: &mut Findings) {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let (novelty, is_new) = novelty(scene, endpoint_value(call));
    if !is_new {
        return;
    }
    let kind = |property, what, words, expected: f64, bits| {
        let new = f64::from(new_today(scene, property));
        Kind { what, words, new, doublings: (new / expected).log2(), bits: if new > 0.0 { bits } else { 0.0 } }
    };
    let (sought, refused) = (numbers.sought.bits(), numbers.refused.bits());
    let kinds = [
        kind(Property::Endpoint, "breadth", "endpoints", numbers.breadth_expected, 0.0),
        kind(
            Property::Sought,
            "soughtBreadth",
            "endpoints that intruders look at",
            numbers.sought_breadth_expected,
            sought,
        ),
        kind(
            Property::Refused,
            "refusedBreadth",
            "endpoints that refused it",
            numbers.refused_breadth_expected,
            refused,
        ),
    ];
    let of_kinds: f64 = kinds.iter().map(|kind| kind.bits).sum();
    let most = kinds.into_iter().max_by(|one, other| one.doublings.total_cmp(&other.doublings));
    let Some(Kind { what, words, new, doublings, .. }) = most.filter(|kind| kind.doublings > 0.0) else { return };
    let doublings = doublings * steadiness(scene, endpoint_value(call));
    let bits = novelty + of_kinds + doublings * numbers.breadth_bits_a_doubling;
    let seen = format_compact!("{new} {words} never called before on one day");
    let act = [Factor::of(Property::Endpoint, endpoint_value(call), what, bits, is_new)];
    taken_further(scene, OddityKind::Act, act.iter(), || seen.clone(), findings);
    let cause = episode::cause(scene, &DESCRIPTOR, &[]);
    told_by_itself(scene, call, (what, cause, &numbers.episodes), seen, bits, findings);
}

/// Values that were first seen on the day of the call, those held apart too.
fn new_today(scene: &Scene<'_>, property: Property) -> u32 {
    let day = scene.time.day();
    let held = scene.profile.findings.quarantine.held_on(property, day);
    (scene.profile.habits.new_on(property, day) + held) as u32
}

/// Far more different things in a day than on any day before.
fn reach(scene: &Scene<'_>, call: &ApiActivity, findings: &mut Findings) {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let Some(object) = call.object else { return };
    let count = scene.profile.head.reach.next(object, scene.time.day());
    let Some(surprise) = spike::surprise(scene, Property::Reach, count, &numbers.reach) else { return };
    let bits = surprise + if sought_value(scene.engine, call).is_some() { numbers.sought.bits() } else { 0.0 };
    let seen = format_compact!("about {count} in a day");
    let act = [Factor::of(Property::Reach, magnitude(count).unwrap_or_default(), "reach", bits, true)];
    taken_further(scene, OddityKind::Act, act.iter(), || format_compact!("touched {seen}"), findings);
    told_by_itself(scene, call, ("reach", size_cause(scene), &numbers.episodes), seen, bits, findings);
}

/// Far more calls in an hour than in the busiest hour before.
fn volume(scene: &Scene<'_>, call: &ApiActivity, findings: &mut Findings) {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let count = scene.profile.head.calls.next(scene.time);
    let Some(bits) = spike::surprise(scene, Property::CallRate, count, &numbers.volume) else { return };
    let seen = format_compact!("{count} calls in an hour");
    let episodes = Episodes { weight_cap: numbers.volume_cap, ..numbers.episodes };
    told_by_itself(scene, call, ("volume", size_cause(scene), &episodes), seen, bits, findings);
}

/// Who touches more calls more often: it counts once.
fn size_cause(scene: &Scene<'_>) -> CompactString {
    format_compact!("{}:{}:volume", DESCRIPTOR.risk_event_type, scene.time.day())
}

fn told_by_itself(
    scene: &Scene<'_>,
    call: &ApiActivity,
    (what, cause, numbers): (&'static str, CompactString, &Episodes),
    seen: CompactString,
    bits: f64,
    findings: &mut Findings,
) {
    if let Some(told) = episode::report_as(scene, cause, numbers, bits, findings) {
        findings.found.push(finding(scene, call, vec![fact(what, seen, "", bits)], told));
    }
}
