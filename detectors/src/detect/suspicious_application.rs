//! # What it does
//! Tells that an application with the marks of a consent trap was given access.
//!
//! # Why it matters
//! Who is talked into consenting hands over mail and files without a password; the application that asks is new, borrows
//! a known name, and wants to stay.
//!
//! # Evidence
//! What was consented to, whether it includes staying signed in, how new the principal is, whether its name borrows a
//! product's, whether it was a person's own consent or an administrator's.
//!
//! # Inputs
//! `AuditLogs`: consent and delegated grants.
//!
//! # Window and state size
//! The time the principal came to be.
//!
//! # Score
//! Bits become a weight by `rules/scoring.yaml` (`suspicious_application`), capped at `medium`. These are Picket's own
//! marks and never Microsoft's verdict.
//!
//! # Known false positives
//! A new product that is rolled out by its users.
//!
//! # Example
//! A person consents to `Mail.ReadWrite offline_access` for an application called *Outlook Sync* that is an hour old.
//!
//! # References
//! Microsoft Entra ID Protection, *Suspicious application*; MITRE ATT&CK T1528.

use super::finding::fact;
use super::{Descriptor, Detector, Evidence, Finding, Findings, Scene, changed_by, episode};
use crate::event::{DirectoryChange, EventTime, Id, Operation};
use crate::profile::Property;
use crate::risk::{Fact, Impact};
use compact_str::{CompactString, format_compact};

/// See the module.
#[derive(Debug)]
pub(super) struct SuspiciousApplication;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "suspiciousApplication",
    title: "Suspicious application",
    attack: &["T1528"],
    inputs: &["AuditLogs"],
    looks_for: "Consent to an application with the marks of a trap. These are Picket's own marks, never Microsoft's verdict.",
    evidence: &[
        Evidence::new("consentedTo", "permissions to sensitive data", &["suspicious_application.sensitive_bits"]),
        Evidence::new("staysSignedIn", "it wants to stay (`offline_access`)", &["suspicious_application.offline_bits"]),
        Evidence::new(
            "borrowedName",
            "its name is a product's of Microsoft",
            &["suspicious_application.borrowed_name_bits"],
        ),
        Evidence::new(
            "consentedBy",
            "how many people consented on one day, each for themselves: a trap is sent to many",
            &["suspicious_application.spread_bits_a_doubling", "suspicious_application.spread_max_bits"],
        ),
        Evidence::new(
            "principalAge",
            "it is hours old, or has been known for days, which speaks for it",
            &[
                "suspicious_application.young_hours",
                "suspicious_application.young_bits",
                "suspicious_application.known_bits",
            ],
        ),
    ],
    scored_by: &["suspicious_application"],
    false_positives: &["A new product that is rolled out by its users"],
    quiet: &["An application that has been in use for days", "Consent to nothing of weight"],
    actions: &[
        "Ask who consented whether the application is known",
        "If not, take the consent back and delete the service principal",
        "Look at what it has read since",
    ],
    since: "0.1.0",
};

const CAUSE: &str = "suspiciousApplication";

impl Detector for SuspiciousApplication {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        let Some(change) = scene.done_to_it() else { return };
        if change.operation != Operation::Consent || !change.succeeded {
            return;
        }
        let facts = facts(scene, change);
        let bits = facts.iter().map(|fact| f64::from(fact.bits)).sum();
        let numbers = &scene.engine.scoring.suspicious_application;
        if let Some(told) = episode::report_as(scene, CAUSE.into(), &numbers.episodes, bits, findings) {
            findings.found.push(finding(scene, change, facts, told));
        }
    }
}

fn facts(scene: &Scene<'_>, change: &DirectoryChange) -> Vec<Fact> {
    let numbers = &scene.engine.scoring.suspicious_application;
    let sought: Vec<&str> = change
        .grants
        .iter()
        .filter(|grant| scene.engine.reference.impact(grant) >= Impact::Sensitive)
        .map(CompactString::as_str)
        .collect();
    if sought.is_empty() {
        return Vec::new();
    }
    let mut facts = vec![fact("consentedTo", sought.join(" "), "", numbers.sensitive_bits)];
    if change.grants.iter().any(|grant| grant.eq_ignore_ascii_case("offline_access")) {
        facts.push(fact("staysSignedIn", "offline_access", "", numbers.offline_bits));
    }
    let name = change.name.as_deref().or(scene.profile.head.name.as_deref()).unwrap_or_default();
    if scene.engine.reference.borrows_a_name(name) {
        facts.push(fact("borrowedName", name, "the product is Microsoft's own", numbers.borrowed_name_bits));
    }
    let users = consenting_today(scene, change);
    if users > 1 {
        let bits = (f64::from(users).log2() * numbers.spread_bits_a_doubling).min(numbers.spread_max_bits);
        facts.push(fact("consentedBy", format_compact!("{users} people on one day"), "", bits));
    }
    let age = scene.profile.head.created.map(|created| scene.time.since(created));
    let known_for = scene.profile.habits.span_days(scene.cutoff);
    match age {
        Some(age) if age < numbers.young_hours * EventTime::HOUR => {
            facts.push(fact("principalAge", "created hours ago", "", numbers.young_bits));
        }
        None if known_for > 0 => {
            let days = format_compact!("known for {known_for} days");
            facts.push(fact("principalAge", days, "", numbers.known_bits));
        }
        _ => {}
    }
    facts
}

/// How many people have consented today for the first time, this one included.
fn consenting_today(scene: &Scene<'_>, change: &DirectoryChange) -> u32 {
    let habits = &scene.profile.habits;
    let known =
        changed_by::remembered_as(&change.actor).is_some_and(|who| habits.has_seen(Property::Administrator, who));
    habits.new_on(Property::Administrator, scene.time.day()) as u32 + u32::from(!known)
}

fn finding(scene: &Scene<'_>, change: &DirectoryChange, facts: Vec<Fact>, told: episode::Told) -> Finding {
    let name = scene.profile.head.name.as_ref().or(change.name.as_ref());
    let who = changed_by::in_words(&change.actor);
    Finding {
        identity: vec![Id::Text(CAUSE.into()), scene.observation.event.id.0.clone()],
        explanation: format!(
            "{who} consented to {} for {}, which has marks of a consent trap. If nobody knows the application, take the \
             consent back and look at what it has read; this is Picket's judgement, not Microsoft's.",
            change.grants.join(" "),
            name.map_or("this application", CompactString::as_str),
        ),
        half_life_hours: Some(scene.engine.scoring.suspicious_application.episodes.half_life_hours),
        facts,
        total_bits: Some(told.bits),
        ..Finding::here(scene, DESCRIPTOR.risk_event_type, told.cause, told.weight)
    }
}
