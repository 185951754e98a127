//! # What it does
//! Judges what a workload identity does to the directory against what it usually does there.
//!
//! # Why it matters
//! An application that may write to the directory is how an intruder makes more of himself: credentials for other
//! principals, consent, roles. Most workloads never change the directory, and those that do change the same things.
//!
//! # Evidence
//! That it acts at all for the first time, an operation it never did, whether the operation is one that intruders need,
//! and what is granted by it; how many different things it changes in a day, against its own days.
//!
//! # Inputs
//! `AuditLogs` with an application as the actor.
//!
//! # Window and state size
//! 32 operations and 24 magnitudes by days with changes; a sketch of 32 bytes of what the day changed.
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
use super::peers::{self, Company};
use super::suspicious_signins::is_rare;
use super::taken_further::taken_further;
use super::{Descriptor, Detector, Evidence, Finding, Findings, Scene, spike};
use crate::event::{Body, DirectoryChange, Id, Operation, hash};
use crate::observation::Role;
use crate::profile::{OddityKind, Property, Standing, magnitude};
use crate::risk::{Fact, Impact};
use compact_str::{CompactString, format_compact};

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
        Evidence::new(AMONG_PEERS, "whether others of the tenant's principals do it", &["peers.operation"]),
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
        Evidence::new(
            "reach",
            "how many different things it changes in a day, against its greatest day",
            &["anomalous_service_principal_activity.reach", "anomalous_service_principal_activity.sought"],
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
        // Who gives roles or trusts in Azure calls for it: that is judged as a call.
        if change.is_azure_call() {
            return;
        }
        if scene.late || scene.engine.reference.is_platform(change.actor.name.as_deref().unwrap_or_default()) {
            return;
        }
        reach(scene, change, findings);
        let Some(novelty) = novelty(scene, change) else { return };
        let factors = if novelty.is_new {
            vec![novelty, among_peers(scene, change), sensitivity(scene, change), grants(scene, change)]
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

/// The name of it among the evidence.
const AMONG_PEERS: &str = "operationAmongPeers";

/// What is done, as habits count it.
pub(crate) fn operation_value(change: &DirectoryChange) -> u32 {
    hash(&change.activity)
}

/// What is changed, as a hash.
pub(crate) fn changed_object(change: &DirectoryChange) -> Option<u32> {
    let target = change.targets.first().and_then(|target| target.id.as_ref()).map(|id| &id.0);
    let principal = change.principal.as_ref().map(|principal| &principal.0);
    let object = change.application_object.as_ref().map(|object| &object.0);
    target.or(principal).or(object).map(|id| hash(&format_compact!("{id}")))
}

/// Far more things changed in a day than on any day before: by whoever deletes, or opens, whatever it may.
fn reach(scene: &Scene<'_>, change: &DirectoryChange, findings: &mut Findings) {
    let numbers = &scene.engine.scoring.anomalous_service_principal_activity;
    let Some(object) = changed_object(change).filter(|_| change.succeeded) else { return };
    let count = scene.profile.head.act_reach.next(object, scene.time.day());
    let Some(surprise) = spike::surprise(scene, Property::ActReach, count, &numbers.reach) else { return };
    let bits = surprise + numbers.sought.told(is_sought(scene, change) || is_deletion(change));
    let cause = format_compact!("{}:{}:reach", DESCRIPTOR.risk_event_type, scene.time.day());
    let act = Factor::of(Property::ActReach, magnitude(count).unwrap_or_default(), "reach", bits, true);
    let seen = || format_compact!("changed about {count} things in a day");
    taken_further(scene, OddityKind::Act, std::iter::once(&act), seen, findings);
    let Some(told) = episode::report_as(scene, cause, &numbers.episodes, bits, findings) else { return };
    let name = scene.profile.head.name.as_ref().or(change.actor.name.as_ref());
    findings.found.push(Finding {
        identity: vec![scene.observation.event.id.0.clone(), Id::Text(told.cause.clone())],
        half_life_hours: Some(numbers.episodes.half_life_hours),
        facts: vec![fact(
            "reach",
            format_compact!("about {count} in a day"),
            usual(scene, Property::ActReach, false),
            bits,
        )],
        total_bits: Some(told.bits),
        explanation: format!(
            "{} changed about {count} things in the directory in a day, far more than on any day before; the last was \
             \"{}\". If nobody planned that, whoever holds its credentials did it.",
            name.map_or("This principal", CompactString::as_str),
            change.activity,
        ),
        ..Finding::here(scene, DESCRIPTOR.risk_event_type, told.cause, told.weight)
    });
}

/// An operation it never did, by the days on which it acted; or that it acts at all, by the days on which it was seen.
fn novelty(scene: &Scene<'_>, change: &DirectoryChange) -> Option<Factor> {
    let numbers = &scene.engine.scoring.anomalous_service_principal_activity;
    let (habits, kappa) = (&scene.profile.habits, scene.engine.scoring.habits.kappa_days);
    let value = operation_value(change);
    let standing = habits.standing(Property::Operation, value, scene.cutoff);
    if standing.active_days > 0.0 {
        let bits = standing.novelty_bits(numbers.theft_new_operation, numbers.honest_new_operation, kappa);
        return Some(Factor::of(
            Property::Operation,
            value,
            "operation",
            scene.unless_granted(bits),
            standing.is_new(),
        ));
    }
    let seen_days = habits.active_days(scene.cutoff).max(habits.days_with(Property::Endpoint, scene.cutoff));
    if seen_days < scene.engine.scoring.habits.min_active_days && !is_rare(scene) {
        return None;
    }
    let never = Standing { value_days: 0.0, new_days: 0.0, active_days: seen_days };
    let bits = never.novelty_bits(numbers.theft_first_act, numbers.honest_first_act, kappa);
    Some(Factor::of(Property::Operation, value, "firstAct", scene.unless_granted(bits), true))
}

/// Whether others of the tenant do it.
fn among_peers(scene: &Scene<'_>, change: &DirectoryChange) -> Factor {
    Factor::bare(AMONG_PEERS, company(scene, change).bits)
}

fn company(scene: &Scene<'_>, change: &DirectoryChange) -> Company {
    peers::of_value(scene, Property::Operation, operation_value(change), scene.engine.scoring.peers.operation)
}

/// Whether it is something that intruders need.
fn sensitivity(scene: &Scene<'_>, change: &DirectoryChange) -> Factor {
    let sought = is_sought(scene, change);
    let numbers = &scene.engine.scoring.anomalous_service_principal_activity;
    Factor::bare(if sought { "soughtOperation" } else { "ordinaryOperation" }, numbers.sought.told(sought))
}

/// Who wants to harm deletes what can be deleted; one deletion is nothing.
fn is_deletion(change: &DirectoryChange) -> bool {
    change.operation == Operation::Deleted
        || change.activity.starts_with("delete")
        || change.activity.starts_with("hard delete")
}

fn is_sought(scene: &Scene<'_>, change: &DirectoryChange) -> bool {
    match change.operation {
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
    }
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
    let observed: CompactString = match factor.kind {
        "grants" => change.grants.join(", ").into(),
        AMONG_PEERS => return company(scene, change).told(AMONG_PEERS, factor.bits),
        _ => change.activity.clone(),
    };
    let usual = if factor.habit.is_some() { usual(scene, Property::Operation, factor.is_new) } else { "".into() };
    fact(factor.kind, observed, usual, factor.bits)
}
