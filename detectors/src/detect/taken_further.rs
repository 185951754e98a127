//! An odd sign-in and an odd act on one day: part of `suspiciousSignins`, judged by whichever record comes last.

use super::episode::{self, Factor};
use super::finding::{Ask, fact};
use super::suspicious_signins::DESCRIPTOR;
use super::{Finding, Findings, Scene};
use crate::event::Id;
use crate::profile::{Oddity, OddityKind};
use crate::risk::Fact;
use compact_str::{CompactString, format_compact};

/// Weighs what was odd about a sign-in with the oddest act of its day, or an act with the oddest sign-in.
///
/// Each alone is as often an honest change; a thief comes from elsewhere *and* does something else.
pub(super) fn taken_further<'f>(
    scene: &Scene<'_>,
    kind: OddityKind,
    factors: impl Iterator<Item = &'f Factor> + Clone,
    what: impl FnOnce() -> CompactString,
    findings: &mut Findings,
) {
    let numbers = &scene.engine.scoring.taken_further;
    let bits: f64 = factors.clone().map(|factor| factor.bits).sum();
    let (least, other_kind) = match kind {
        OddityKind::SignIn => (numbers.least_sign_in_bits, OddityKind::Act),
        OddityKind::Act => (numbers.least_act_bits, OddityKind::SignIn),
    };
    if bits < least {
        return;
    }
    let new: Vec<_> = factors.filter(|factor| factor.is_new).filter_map(|factor| factor.habit).collect();
    if episode::recurs(scene, &new) {
        return;
    }
    let day = scene.time.day();
    let event = scene.observation.event.id.0.clone();
    let oddity = Oddity { kind, day, tenth_bits: (bits * 10.0).round() as u16, event, what: what() };
    if let Some(other) = scene.profile.findings.oddities.find(other_kind, day) {
        let (sign_in, act) = if kind == OddityKind::SignIn { (&oddity, other) } else { (other, &oddity) };
        judge(scene, sign_in, act, findings);
    }
    findings.asks.push(Ask::Note(oddity));
}

/// One of the two, with what it counts for beside the other.
fn told_of(kind: &'static str, oddity: &Oddity, counted: f64) -> Fact {
    let by_itself = f64::from(oddity.tenth_bits) / 10.0;
    let usual = if counted < by_itself {
        format_compact!("{by_itself:+.1} bits by itself; a release may bring both")
    } else {
        CompactString::default()
    };
    fact(kind, oddity.what.clone(), usual, counted)
}

/// The stronger counts in full, the other as far as honest releases do not bring both.
fn judge(scene: &Scene<'_>, sign_in: &Oddity, act: &Oddity, findings: &mut Findings) {
    let numbers = &scene.engine.scoring.taken_further;
    let bits = |oddity: &Oddity| f64::from(oddity.tenth_bits) / 10.0;
    let (more, less) = (bits(sign_in).max(bits(act)), bits(sign_in).min(bits(act)));
    let total = more + less.min(numbers.second_max_bits);
    let of_sign_in = if bits(sign_in) < bits(act) { total - more } else { more };
    let cause = format_compact!("{}:{}:takenFurther", DESCRIPTOR.risk_event_type, sign_in.day);
    let Some(told) = episode::report_as(scene, cause, &numbers.episodes, total, findings) else { return };
    let name = scene.profile.head.name.as_deref().unwrap_or("This principal");
    findings.found.push(Finding {
        identity: vec![Id::Text(format_compact!("{}:{}:{}", told.cause, sign_in.event, act.event))],
        half_life_hours: Some(numbers.episodes.half_life_hours),
        activity: "signin",
        request: Some(sign_in.event.clone()),
        facts: vec![told_of("oddSignIn", sign_in, of_sign_in), told_of("oddAct", act, total - of_sign_in)],
        total_bits: Some(told.bits),
        explanation: format!(
            "{name} signed in in an unusual way ({}), and on the same day did what it has not done before ({}). Either \
             alone is as often an honest change; a thief does both.",
            sign_in.what, act.what,
        ),
        ..Finding::new(DESCRIPTOR.risk_event_type, told.cause, told.weight)
    });
}
