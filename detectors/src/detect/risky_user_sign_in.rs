//! # What it does
//! Finds agents that sign in for a user whom Microsoft holds at risk: a person who asks the agent to act, or the agent's
//! own user account.
//!
//! # Why it matters
//! Whoever holds a person's session can have an agent do, in that person's name, whatever the two may do together, and the
//! agent's own habits stay as they always were.
//!
//! # Evidence
//! Microsoft's word on the user (level, type, since when), and the sign-in: when, from where, for which API.
//!
//! # Inputs
//! `NonInteractiveUserSignInLogs` and `SignInLogs` with an agent's mark, `UserRiskEvents`, `RiskyUsers`; in either order.
//!
//! # Window and state size
//! One contribution a user and story: it begins with the first sign-in since the risky activity, is renewed by further
//! sign-ins, and ends when Microsoft clears the user. A user's last 16 words of Microsoft's and 64 agents are kept.
//!
//! # Score
//! By Microsoft's level (`rules/scoring.yaml`, `risky_user_sign_in`).
//!
//! # Known false positives
//! Microsoft's own about people; failed sign-ins are not counted, for Conditional Access may have stopped them.
//!
//! # Example
//! A person's password is sprayed; an hour later the person's assistant agent reads mail in their name.
//!
//! # References
//! Microsoft Entra ID Protection for agents (`riskyUserSignIn`); Microsoft Graph `riskyUser`, `riskDetection`.

use super::finding::fact;
use super::{Ask, Descriptor, Detector, Evidence, Finding, Findings, Scene};
use crate::event::{Body, Id, UserRisk};
use crate::observation::{OnBehalf, Role};
use compact_str::{CompactString, format_compact};

/// See the module.
#[derive(Debug)]
pub(super) struct RiskyUserSignIn;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "riskyUserSignIn",
    title: "Sign-in by risky user",
    attack: &["T1078.004"],
    inputs: &["NonInteractiveUserSignInLogs", "UserRiskEvents", "RiskyUsers"],
    looks_for: "An agent signs in for a user whom Microsoft holds at risk: a person who asks it to act, or the agent's own \
         user account. Either record may come first.",
    evidence: &[
        Evidence::new("user", "for whom it signed in", &[]),
        Evidence::new("userRisk", "what Microsoft says of the user", &["risky_user_sign_in.weight"]),
        Evidence::new("userRiskSince", "since when", &[]),
        Evidence::new("resource", "what the agent asked for", &[]),
    ],
    scored_by: &["risky_user_sign_in"],
    false_positives: &["Microsoft's own about people"],
    quiet: &["Microsoft clears the user", "Sign-ins that fail are not counted"],
    actions: &[
        "Secure the user: revoke sessions, replace the password, confirm or dismiss the risk",
        "Look at what the agent did in the user's name since then",
        "Take back the agent's access to the user until that is done",
    ],
    since: "0.1.0",
};

impl Detector for RiskyUserSignIn {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        let Body::UserRisk(risk) = &scene.observation.event.body else { return };
        let of_user = format_compact!("riskyUser:{}", risk.user);
        let Role::ForUser(on_behalf) = &scene.observation.role else {
            findings.asks.push(Ask::Remediate(of_user));
            return;
        };
        // After Microsoft has cleared the user, new risk is a story of its own.
        let cause = match on_behalf.cleared {
            Some(cleared) => format_compact!("{of_user}:{cleared}"),
            None => of_user,
        };
        let weight = scene.engine.scoring.risky_user_sign_in.weight.of(on_behalf.grade);
        match scene.told_weight(&cause) {
            Some(told) if weight <= told => findings.asks.push(Ask::Renew(cause, weight)),
            _ => findings.found.push(finding(scene, risk, on_behalf, cause, weight)),
        }
    }
}

fn finding(scene: &Scene<'_>, risk: &UserRisk, on_behalf: &OnBehalf, cause: CompactString, weight: f64) -> Finding {
    let user = risk.name.clone().unwrap_or_else(|| format_compact!("{}", risk.user));
    let grade = on_behalf.grade.as_str();
    let what = risk.risk_event_type.clone().unwrap_or_else(|| "the user as a whole".into());
    let resource = on_behalf.resource.clone().unwrap_or_else(|| "an API".into());
    Finding {
        // Which of several sign-ins or words came first changes the evidence, never the id.
        identity: vec![Id::Text(cause.clone()), Id::Text(grade.into())],
        half_life_hours: Some(scene.engine.scoring.risky_user_sign_in.half_life_hours),
        activity: "signin",
        request: Some(scene.observation.event.id.0.clone()),
        place: on_behalf.place.clone(),
        explanation: format!(
            "{} signed in to {resource} for {user}, whom Microsoft holds at risk ({grade}: {what}). Whoever holds that user's \
             session can have the agent act in the user's name; look at what it was asked to do since then.",
            scene.profile.head.name.as_deref().unwrap_or("This agent"),
        ),
        facts: vec![
            fact("user", user, "", 0.0),
            fact("userRisk", format_compact!("{grade}: {what}"), "", 0.0),
            fact("userRiskSince", format_compact!("{}", risk.since), "", 0.0),
            fact("resource", resource, "", 0.0),
        ],
        ..Finding::new(DESCRIPTOR.risk_event_type, cause, weight)
    }
}
