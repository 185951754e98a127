//! # What it does
//! Records an administrator's *confirm compromised* as a detection, so that the level it forces has a cause.
//!
//! # Why it matters
//! An administrator's word is the one certain evidence, and what acts on risk must be able to name it.
//!
//! # Evidence
//! Who said it, and the reason given.
//!
//! # Inputs
//! Commands (`confirmCompromised`).
//!
//! # Window and state size
//! None.
//!
//! # Score
//! Forces `high` until it is dismissed or confirmed safe.
//!
//! # Known false positives
//! None: it reports a decision.
//!
//! # Example
//! An analyst confirms a nightly job's principal as compromised while its secrets are being replaced.
//!
//! # References
//! Microsoft Graph `riskyServicePrincipal: confirmCompromised`, `riskyAgent: confirmCompromised`.

use super::finding::fact;
use super::{Descriptor, Detector, Evidence, Finding, Findings, Scene};
use crate::event::{Body, PrincipalKind, Verdict};
use compact_str::format_compact;

/// See the module.
#[derive(Debug)]
pub(super) struct AdminConfirmed;

/// What it is called of a service principal.
pub(super) const NAME: &str = "adminConfirmedServicePrincipalCompromised";
/// What it is called of an agent.
pub(super) const OF_AN_AGENT: &str = "adminConfirmedAgentCompromised";

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: NAME,
    title: "Administrator confirmed compromise",
    attack: &[],
    inputs: &["Command"],
    looks_for: "An administrator's *confirm compromised*: the level that it forces has a cause that can be named.",
    evidence: &[Evidence::new("confirmedBy", "who said it", &[]), Evidence::new("reason", "why, in their words", &[])],
    scored_by: &[],
    false_positives: &["None: it reports a decision"],
    quiet: &["`dismiss` or `confirmSafe`, said of the same principal later"],
    actions: &[
        "Disable the principal, or block it by Conditional Access",
        "Add a new credential, then remove every other one from the principal and its application",
        "Replace the secrets that it could read",
        "Dismiss the risk when it is clean",
    ],
    since: "0.1.0",
};

impl Detector for AdminConfirmed {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        let Body::Command(command) = &scene.observation.event.body else { return };
        if command.verdict != Verdict::ConfirmCompromised || !scene.profile.findings.ledger.obeys(scene.time) {
            return;
        }
        let who = command.initiated_by.clone().unwrap_or_else(|| "an administrator".into());
        let why = command.reason.clone().unwrap_or_else(|| "no reason given".into());
        let agent = scene.profile.head.kind == PrincipalKind::Agent;
        findings.found.push(Finding {
            identity: vec![scene.observation.event.id.0.clone()],
            explanation: format!(
                "{who} confirmed that {} was taken over ({why}). Its level stays high until somebody dismisses it or confirms it safe.",
                scene.profile.head.name.as_deref().unwrap_or("this principal"),
            ),
            facts: vec![fact("confirmedBy", who, "", 0.0), fact("reason", why, "", 0.0)],
            ..Finding::new(if agent { OF_AN_AGENT } else { NAME }, format_compact!("administrator:{}", scene.observation.event.id), 0.99)
        });
    }
}
