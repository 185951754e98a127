//! # What it does
//! Tells that an agent identity tried and failed to reach what it is not authorised for.
//!
//! # Why it matters
//! A token that is replayed, and an agent that was talked into something, both meet closed doors first.
//!
//! # Evidence
//! The refusal, of a sign-in or of a call, for a resource or an endpoint that the agent never used.
//!
//! # Inputs
//! Agent sign-ins that fail, API calls of agents answered 401 or 403.
//!
//! # Window and state size
//! Habits of resources and endpoints; one contribution a day.
//!
//! # Score
//! A fixed weight in `rules/scoring.yaml` (`failed_access_attempt`): `low` by itself.
//!
//! # Known false positives
//! A permission that is not granted yet.
//!
//! # Example
//! An agent that reads a calendar is refused when it lists directory roles.
//!
//! # References
//! Microsoft Entra ID Protection for agents, *Failed access attempt*.

use super::episode;
use super::finding::fact;
use super::suspicious_api_traffic::endpoint_value;
use super::{Descriptor, Detector, Evidence, Finding, Findings, Scene};
use crate::event::{Body, Id, Place, PrincipalKind};
use crate::profile::Property;
use compact_str::{CompactString, format_compact};

/// See the module.
#[derive(Debug)]
pub(super) struct FailedAccessAttempt;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "failedAccessAttempt",
    title: "Failed access attempt",
    attack: &["T1078.004"],
    inputs: &["ServicePrincipalSignInLogs", "MicrosoftGraphActivityLogs"],
    looks_for: "An agent identity that tries, and fails, to reach what it has never used: a token that is replayed, and an \
         agent that was talked into something, both meet closed doors first.",
    evidence: &[Evidence::new(
        "refused",
        "the resource or endpoint, with the code of the refusal",
        &["failed_access_attempt.weight"],
    )],
    scored_by: &["failed_access_attempt"],
    false_positives: &["A permission that is not granted yet", "A new tool that is tried out"],
    quiet: &["An endpoint or resource that the agent has used on earlier days", "Principals that are no agents"],
    actions: &[
        "Look at what made the agent ask for it",
        "Look at what else it asked for since",
        "Disable the agent if nobody meant it to",
    ],
    since: "0.1.0",
};

impl Detector for FailedAccessAttempt {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        if scene.late || scene.profile.head.kind != PrincipalKind::Agent {
            return;
        }
        let Some((what, place)) = refused(scene) else { return };
        let cause = format_compact!("{}:{}", DESCRIPTOR.risk_event_type, scene.time.day());
        if scene.told_weight(&cause).is_some() {
            return;
        }
        let numbers = &scene.engine.scoring.failed_access_attempt;
        let name = scene.profile.head.name.as_deref().unwrap_or("This agent");
        findings.found.push(Finding {
            identity: vec![Id::Text(cause.clone())],
            half_life_hours: Some(numbers.half_life_hours),
            request: Some(scene.observation.event.id.0.clone()),
            place,
            explanation: format!(
                "{name} was refused for {what}, which it never used before. Look at what made it try, and whether it \
                 found another way."
            ),
            facts: vec![fact("refused", what, "never used before", 0.0)],
            ..Finding::new(DESCRIPTOR.risk_event_type, cause, numbers.weight)
        });
    }
}

/// What was refused, if it is nothing that the agent uses, or was refused before: what is broken is broken every day.
fn refused(scene: &Scene<'_>) -> Option<(CompactString, Place)> {
    let never = |property, value| scene.profile.habits.standing(property, value, scene.cutoff).is_new();
    let is_new = |property, value| {
        let refused = (Property::Refused, value);
        never(property, value) && never(Property::Refused, value) && !episode::recurs(scene, &[refused])
    };
    match &scene.observation.event.body {
        Body::SignIn(sign_in) if !sign_in.succeeded() => {
            let new =
                scene.values.and_then(|values| values.resource).is_some_and(|value| is_new(Property::Resource, value));
            let resource = sign_in.resource_name.clone().unwrap_or_else(|| "a resource".into());
            new.then(|| (format_compact!("{resource} (AADSTS{})", sign_in.error), sign_in.place.clone()))
        }
        Body::ApiActivity(call) if matches!(call.status, 401 | 403) => is_new(Property::Endpoint, endpoint_value(call))
            .then(|| (format_compact!("{} {} ({})", call.method, call.endpoint, call.status), call.place.clone())),
        _ => None,
    }
}
