//! # What it does
//! Judges what a workload identity does to the directory against what it usually does there.
//!
//! # Why it matters
//! An application that may write to the directory is how an intruder makes more of himself: credentials for other
//! principals, consent, roles. Most workloads never change the directory, and those that do change the same things.
//!
//! # Evidence
//! That it acts at all for the first time, an operation it never did, whether the operation is one that intruders need,
//! and what is granted by it.
//!
//! # Inputs
//! `AuditLogs` with an application as the actor.
//!
//! # Window and state size
//! 32 operations by days with changes.
//!
//! # Score
//! Bits become a weight by `rules/scoring.yaml` (`anomalous_service_principal_activity`). What the acting principal may do
//! is impact, never likelihood; what it grants is evidence.
//!
//! # Known false positives
//! Automation that is given a new duty.
//!
//! # Example
//! A reporting job that has only read for a month adds a credential to another service principal.
//!
//! # References
//! Microsoft Entra ID Protection, *Anomalous service principal activity*; MITRE ATT&CK T1098.

use super::episode::{self, Factor, Told, usual};
use super::finding::fact;
use super::taken_further::taken_further;
use super::{Descriptor, Detector, Evidence, Finding, Findings, Scene};
use crate::event::{Body, DirectoryChange, Operation, hash};
use crate::observation::Role;
use crate::profile::{OddityKind, Property, Standing};
use crate::risk::{Fact, Impact};
use compact_str::CompactString;

/// See the module.
#[derive(Debug)]
pub(super) struct AnomalousServicePrincipalActivity;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "anomalousServicePrincipalActivity",
    title: "Anomalous service principal activity",
    attack: &["T1098"],
    inputs: &["AuditLogs"],
    looks_for: "What a workload identity does to the directory, against what it has done there on earlier days. Most never \
         change the directory, and those that do change the same things.",
    evidence: &[
        Evidence::new(
            "operation",
            "an operation, and whether it was ever done by this principal",
            &[
                "anomalous_service_principal_activity.theft_new_operation",
                "anomalous_service_principal_activity.honest_new_operation",
                "habits.kappa_days",
            ],
        ),
        Evidence::new(
            "firstAct",
            "it acts on the directory at all, which it has not done since it is known",
            &[
                "anomalous_service_principal_activity.theft_first_act",
                "anomalous_service_principal_activity.honest_first_act",
            ],
        ),
        Evidence::new(
            "soughtOperation",
            "the operation is one that intruders need: credentials, consent, roles, owners, policies",
            &["anomalous_service_principal_activity.sought"],
        ),
        Evidence::new(
            "ordinaryOperation",
            "the operation is of no particular use to an intruder",
            &["anomalous_service_principal_activity.sought"],
        ),
        Evidence::new(
            "grants",
            "what it grants to somebody, where that is worth something",
            &["anomalous_service_principal_activity.takeover_bits"],
        ),
    ],
    scored_by: &["anomalous_service_principal_activity"],
    false_positives: &[
        "Automation that is given a new duty",
        "The first run of a deployment that registers applications",
    ],
    quiet: &[
        "`confirmSafe`: the operation is learned at once",
        "The same operation on seven distinct days without anything else",
        "An expected change announced for the principal",
    ],
    actions: &[
        "Ask the owners whether the change was theirs",
        "Undo what it changed, if not, and replace its credentials",
        "Take directory permissions away that it does not need",
    ],
    since: "0.1.0",
};

impl Detector for AnomalousServicePrincipalActivity {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        let (Body::DirectoryChange(change), Role::Actor) = (&scene.observation.event.body, &scene.observation.role)
        else {
            return;
        };
        if scene.late || scene.engine.reference.is_platform(change.actor.name.as_deref().unwrap_or_default()) {
            return;
        }
        let Some(novelty) = novelty(scene, change) else { return };
        let factors = if novelty.is_new {
            vec![novelty, sensitivity(scene, change), grants(scene, change)]
        } else {
            vec![novelty]
        };
        let numbers = &scene.engine.scoring.anomalous_service_principal_activity.episodes;
        if let Some(told) = episode::report(scene, (&DESCRIPTOR, None), numbers, &factors, findings) {
            findings.found.push(finding(scene, change, &factors, told));
        }
        taken_further(scene, OddityKind::Act, factors.iter(), || change.activity.clone(), findings);
    }
}

/// What is done, as habits count it.
pub(crate) fn operation_value(change: &DirectoryChange) -> u32 {
    hash(&change.activity)
}

/// An operation it never did, by the days on which it acted; or that it acts at all, by the days on which it was seen.
fn novelty(scene: &Scene<'_>, change: &DirectoryChange) -> Option<Factor> {
    let numbers = &scene.engine.scoring.anomalous_service_principal_activity;
    let (habits, kappa) = (&scene.profile.habits, scene.engine.scoring.habits.kappa_days);
    let value = operation_value(change);
    let standing = habits.standing(Property::Operation, value, scene.cutoff);
    if standing.active_days > 0.0 {
        let bits = standing.novelty_bits(numbers.theft_new_operation, numbers.honest_new_operation, kappa);
        return Some(Factor::of(Property::Operation, value, "operation", bits, standing.is_new()));
    }
    let seen_days = habits.active_days(scene.cutoff).max(habits.days_with(Property::Endpoint, scene.cutoff));
    if seen_days < scene.engine.scoring.habits.min_active_days {
        return None;
    }
    let never = Standing { value_days: 0.0, new_days: 0.0, active_days: seen_days };
    let bits = never.novelty_bits(numbers.theft_first_act, numbers.honest_first_act, kappa);
    Some(Factor::of(Property::Operation, value, "firstAct", bits, true))
}

/// Whether it is something that intruders need.
fn sensitivity(scene: &Scene<'_>, change: &DirectoryChange) -> Factor {
    let sensitive = match change.operation {
        Operation::Credentials
        | Operation::FederatedCredentials
        | Operation::AppRoleGranted
        | Operation::Consent
        | Operation::RoleGranted
        | Operation::OwnerAdded => true,
        Operation::AppRoleRevoked
        | Operation::RoleRevoked
        | Operation::OwnerRemoved
        | Operation::AccountEnabled
        | Operation::Created
        | Operation::Deleted
        | Operation::Other => scene.engine.reference.is_sought_activity(&change.activity),
    };
    let numbers = &scene.engine.scoring.anomalous_service_principal_activity;
    Factor::bare(if sensitive { "soughtOperation" } else { "ordinaryOperation" }, numbers.sought.told(sensitive))
}

/// What is granted by it.
fn grants(scene: &Scene<'_>, change: &DirectoryChange) -> Factor {
    let numbers = &scene.engine.scoring.anomalous_service_principal_activity;
    let bits = match change.grants.iter().map(|grant| scene.engine.reference.impact(grant)).max() {
        Some(Impact::TenantTakeover) => numbers.takeover_bits,
        Some(Impact::Sensitive) => numbers.takeover_bits / 2.0,
        Some(Impact::Limited | Impact::Unknown) | None => 0.0,
    };
    Factor::bare("grants", bits)
}

fn finding(scene: &Scene<'_>, change: &DirectoryChange, factors: &[Factor], told: Told) -> Finding {
    let name = scene.profile.head.name.as_ref().or(change.actor.name.as_ref());
    let target = change.name.clone().or_else(|| change.targets.iter().find_map(|target| target.name.clone()));
    let explanation = format!(
        "{} did \"{}\"{} in the directory, which it has not done before. If nobody gave it that duty, whoever holds its \
         credentials did it.",
        name.map_or("This principal", CompactString::as_str),
        change.activity,
        target.map(|target| format!(" to {target}")).unwrap_or_default(),
    );
    Finding {
        identity: vec![scene.observation.event.id.0.clone()],
        half_life_hours: Some(scene.engine.scoring.anomalous_service_principal_activity.episodes.half_life_hours),
        facts: factors
            .iter()
            .filter(|factor| factor.bits != 0.0)
            .map(|factor| describe(scene, change, factor))
            .collect(),
        total_bits: Some(told.bits),
        active_days: Some(scene.profile.habits.days_with(Property::Operation, scene.cutoff)),
        explanation,
        ..Finding::here(scene, DESCRIPTOR.risk_event_type, told.cause, told.weight)
    }
}

fn describe(scene: &Scene<'_>, change: &DirectoryChange, factor: &Factor) -> Fact {
    let observed: CompactString =
        if factor.kind == "grants" { change.grants.join(", ").into() } else { change.activity.clone() };
    let usual = if factor.habit.is_some() { usual(scene, Property::Operation, factor.is_new) } else { "".into() };
    fact(factor.kind, observed, usual, factor.bits)
}
