//! What a day's calls amount to: how many things are touched, how often it calls.

use super::super::finding::fact;
use super::super::{Findings, Scene, episode, spike};
use super::{DESCRIPTOR, finding, sought_value, taken_further};
use crate::detect::episode::Factor;
use crate::event::ApiActivity;
use crate::profile::{OddityKind, Property, magnitude};
use crate::scoring::Episodes;
use compact_str::{CompactString, format_compact};

/// Judges the day as it stands with this call.
pub(super) fn judge(scene: &Scene<'_>, call: &ApiActivity, findings: &mut Findings) {
    reach(scene, call, findings);
    volume(scene, call, findings);
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
