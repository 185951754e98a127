//! # What it does
//! Compares the sign-ins of an hour with the busiest hour that the principal has had.
//!
//! # Why it matters
//! For what has no address (managed identities) and no credential of its own (agents), how often it asks for tokens is
//! one of the few things a second holder changes. Microsoft names it for agents.
//!
//! # Evidence
//! The count, against the hours known: by how many doublings those vary is learned.
//!
//! # Inputs
//! `ServicePrincipalSignInLogs`, `ManagedIdentitySignInLogs`, agent sign-ins.
//!
//! # Window and state size
//! One running count; hourly magnitudes by days (24).
//!
//! # Score
//! By `rules/scoring.yaml` (`sign_in_spike`), capped at `low`: load has honest peaks.
//!
//! # Known false positives
//! A backfill; a loop that retries.
//!
//! # Example
//! An agent that signs in six times an hour does so three hundred times.
//!
//! # References
//! Microsoft Entra ID Protection for agents, *Sign-in spike*.

use super::finding::fact;
use super::{Descriptor, Detector, Evidence, Finding, Findings, Scene, episode, spike};
use crate::event::Id;
use crate::profile::Property;
use compact_str::format_compact;

/// See the module.
#[derive(Debug)]
pub(super) struct SignInSpike;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "signInSpike",
    title: "Sign-in spike",
    attack: &["T1078.004"],
    inputs: &["ServicePrincipalSignInLogs", "ManagedIdentitySignInLogs"],
    looks_for: "An hour with far more sign-ins than the busiest hour that the principal has had. For managed identities \
         and agents, how often they ask for tokens is one of the few things that a second holder changes.",
    evidence: &[Evidence::new(
        "signInsInAnHour",
        "the count, against the busiest hour known",
        &["sign_in_spike.surge"],
    )],
    scored_by: &["sign_in_spike"],
    false_positives: &["A backfill", "A loop that retries"],
    quiet: &["An hour as busy on an earlier day"],
    actions: &[
        "Look for a deployment or a loop of retries",
        "Compare addresses and resources with those of other hours",
        "Replace the credential if nobody knows the cause",
    ],
    since: "0.1.0",
};

impl Detector for SignInSpike {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        let Some((sign_in, _)) = scene.sign_in() else { return };
        if scene.late || !sign_in.succeeded() {
            return;
        }
        let count = scene.profile.head.sign_ins.next(scene.time);
        let numbers = &scene.engine.scoring.sign_in_spike;
        let Some(bits) = spike::surprise(scene, Property::SignInRate, count, &numbers.surge) else { return };
        let cause = format_compact!("{}:{}", DESCRIPTOR.risk_event_type, scene.time.day());
        let Some(told) = episode::report_as(scene, cause, &numbers.episodes, bits, findings) else { return };
        let name = scene.profile.head.name.as_deref().unwrap_or("This principal");
        let usual = episode::usual(scene, Property::SignInRate, false);
        findings.found.push(Finding {
            identity: vec![Id::Text(told.cause.clone()), scene.observation.event.id.0.clone()],
            explanation: format!(
                "{name} signed in {count} times in an hour, far more often than in its busiest hour before. A loop that \
                 retries looks the same, so look at what asks.",
            ),
            half_life_hours: Some(numbers.episodes.half_life_hours),
            keys: sign_in.key.iter().cloned().collect(),
            facts: vec![fact("signInsInAnHour", format_compact!("{count}"), usual, bits)],
            total_bits: Some(told.bits),
            ..Finding::here(scene, DESCRIPTOR.risk_event_type, told.cause, told.weight)
        });
    }
}
