//! # What it does
//! Tells that an agent identity asks for a resource that it never asked for.
//!
//! # Why it matters
//! An agent does what its instructions say, and instructions can be injected: the resource it turns to is the first sign.
//!
//! # Evidence
//! The resource, against those of its days.
//!
//! # Inputs
//! Agent sign-ins.
//!
//! # Window and state size
//! 32 resources by days.
//!
//! # Score
//! Bits become a weight by `rules/scoring.yaml` (`unfamiliar_resource_access`), capped at `low` by itself: agents are
//! given new tools often.
//!
//! # Known false positives
//! A new tool of the agent.
//!
//! # Example
//! A support agent that has used one API for weeks asks for a token for Azure Resource Manager.
//!
//! # References
//! Microsoft Entra ID Protection for agents, *Unfamiliar resource access*.

use super::finding::fact;
use super::suspicious_signins::{is_past_learning, proves_possession};
use super::{Descriptor, Detector, Evidence, Finding, Findings, Scene, episode};
use crate::event::{Id, PrincipalKind};
use crate::profile::Property;
use compact_str::{CompactString, format_compact};

/// See the module.
#[derive(Debug)]
pub(super) struct UnfamiliarResourceAccess;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "unfamiliarResourceAccess",
    title: "Unfamiliar resource access",
    attack: &["T1078.004"],
    inputs: &["ServicePrincipalSignInLogs"],
    looks_for: "An agent identity that asks for a resource which it never asked for: an agent does what its instructions \
         say, and instructions can be injected.",
    evidence: &[Evidence::new(
        "resource",
        "the resource, against those of its days",
        &["unfamiliar_resource_access.theft_new", "unfamiliar_resource_access.honest_new", "habits.kappa_days"],
    )],
    scored_by: &["unfamiliar_resource_access"],
    false_positives: &["A new tool of the agent"],
    quiet: &["A resource that the agent has asked for on an earlier day", "Principals that are no agents"],
    actions: &[
        "Look at what made the agent ask for it",
        "Ask the owners whether the tool is new",
        "Take the access away if not",
    ],
    since: "0.1.0",
};

impl Detector for UnfamiliarResourceAccess {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        let Some((sign_in, values)) = scene.sign_in() else { return };
        if scene.late || sign_in.kind != PrincipalKind::Agent || !proves_possession(sign_in) || !is_past_learning(scene)
        {
            return;
        }
        let Some(value) = values.resource else { return };
        let standing = scene.profile.habits.standing(Property::Resource, value, scene.cutoff);
        if !standing.is_new() {
            return;
        }
        let numbers = &scene.engine.scoring.unfamiliar_resource_access;
        let bits = standing.novelty_bits(numbers.theft_new, numbers.honest_new, scene.engine.scoring.habits.kappa_days);
        let cause = format_compact!("{}:{value:08x}:{}", DESCRIPTOR.risk_event_type, scene.time.day());
        let Some(told) = episode::report_as(scene, cause, &numbers.episodes, bits, findings) else { return };
        let resource: CompactString = sign_in
            .resource_name
            .clone()
            .or_else(|| sign_in.resource.as_ref().map(|id| format_compact!("{id}")))
            .unwrap_or_default();
        let name = scene.profile.head.name.as_deref().unwrap_or("This agent");
        findings.found.push(Finding {
            identity: vec![Id::Text(told.cause.clone()), scene.observation.event.id.0.clone()],
            explanation: format!(
                "{name} asked for a token for {resource}, which it never used. If it was not given a new tool, look at \
                 what it was told to do."
            ),
            half_life_hours: Some(numbers.episodes.half_life_hours),
            keys: sign_in.key.iter().cloned().collect(),
            facts: vec![fact("resource", resource, episode::usual(scene, Property::Resource, true), bits)],
            total_bits: Some(told.bits),
            active_days: Some(scene.profile.habits.active_days(scene.cutoff)),
            ..Finding::here(scene, DESCRIPTOR.risk_event_type, told.cause, told.weight)
        });
    }
}
