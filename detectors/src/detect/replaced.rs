//! Replacement: the new place goes on with the credential, and the known ones have fallen silent. Part of
//! `suspiciousSignins`.
//!
//! A thief can't keep the workload from signing in at home; a workload that has moved does not. So what was told of the new
//! place is taken back in part, once: never below what four bits less are worth, for who can stop the workload can fake it.

use super::finding::Ask;
use super::parallel_use::credential_hash;
use super::suspicious_signins::DESCRIPTOR;
use super::{Findings, Scene};
use crate::event::SignIn;
use crate::profile::{Quarantined, SignInValues};
use compact_str::format_compact;

/// Lowers what stands on a place that has taken over.
pub(super) fn replaced(scene: &Scene<'_>, sign_in: &SignIn, values: &SignInValues, findings: &mut Findings) {
    let Some(network) = values.coarse_network() else { return };
    let profile = &scene.profile;
    let Some(held) = profile.findings.quarantine.find(values.coarse_property(), network) else { return };
    let ledger = &profile.findings.ledger;
    let goes_on_at_home = ledger.stands_like(DESCRIPTOR.risk_event_type, &format_compact!(":{network:08x}"));
    let is_lowered = ledger.find(&held.cause, scene.now).is_none_or(|(entry, _)| entry.lowered);
    if is_lowered || goes_on_at_home || ledger.rests_on_a_live_credential() {
        return;
    }
    let numbers = &scene.engine.scoring.replacement;
    let days = held.days.days();
    let is_silent = silence_bits(scene, sign_in, days.last()).is_some_and(|bits| bits >= numbers.bits);
    if is_silent && works_here(scene, held) {
        findings.asks.push(Ask::Lower(held.cause.clone(), numbers.bits));
    }
}

/// Whether the place is used on half of the days at least that the workload would be: a visitor is no successor.
fn works_here(scene: &Scene<'_>, held: &Quarantined) -> bool {
    let Some(first) = held.days.days().last() else { return false };
    let (used, passed) = (held.days.days().count() as f64, f64::from(scene.time.day() - first).max(1.0));
    used >= 0.5 * passed * scene.profile.habits.activity(scene.cutoff)
}

/// How much the silence at home speaks for a move: by the days without a sign-in there, and how often there was one.
fn silence_bits(scene: &Scene<'_>, sign_in: &SignIn, first_day: Option<i32>) -> Option<f64> {
    let last_at_home = scene.profile.head.home_use(credential_hash(sign_in.key.as_ref()?))?.day();
    let since = last_at_home.max(first_day?);
    if last_at_home > first_day? {
        return None;
    }
    let days = f64::from(scene.time.day() - since - 1).max(0.0);
    let numbers = &scene.engine.scoring.replacement;
    let silent = 1.0 - scene.profile.habits.activity(scene.cutoff).min(numbers.most_active);
    Some(-days * silent.log2() + numbers.honest_without_overlap.log2())
}
