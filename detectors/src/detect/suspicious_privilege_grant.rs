//! # What it does
//! Judges every permission, role, consent and owner that a workload identity is given: by whom, whether it gave it to
//! itself, and what it is worth.
//!
//! # Why it matters
//! A permission such as `RoleManagement.ReadWrite.Directory` is the whole tenant, and an application that may grant
//! permissions may grant them to itself.
//!
//! # Evidence
//! The grant's worth, who gave it (known to change this principal, an application, the principal itself), from where that
//! person always came, whether Microsoft holds the person at risk, whether the principal is only days old.
//!
//! # Inputs
//! `AuditLogs`: app role assignments, consent, directory roles, owners; `UserRiskEvents` and `RiskyUsers` for the person.
//!
//! # Window and state size
//! Administrators by days with changes (16).
//!
//! # Score
//! Bits become a weight by `rules/scoring.yaml` (`suspicious_privilege_grant`), capped below `high` unless it was given to
//! itself. A grant that is taken back remediates.
//!
//! # Known false positives
//! A deployment pipeline that registers applications and grants them what they need: it is learned as their administrator.
//!
//! # Example
//! A service principal with `AppRoleAssignment.ReadWrite.All` assigns itself `RoleManagement.ReadWrite.Directory`.
//!
//! # References
//! MITRE ATT&CK T1098.003, T1098.001.

use super::finding::fact;
use super::{Descriptor, Detector, Evidence, Finding, Findings, Scene, changed_by, episode};
use crate::event::{DirectoryChange, EventTime, Id, Operation};
use crate::profile::Property;
use crate::risk::{Fact, Impact};
use compact_str::{CompactString, format_compact};

/// See the module.
#[derive(Debug)]
pub(super) struct SuspiciousPrivilegeGrant;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "suspiciousPrivilegeGrant",
    title: "Suspicious privilege grant",
    attack: &["T1098.003"],
    inputs: &["AuditLogs", "UserRiskEvents", "RiskyUsers"],
    looks_for: "A permission, role, consent or owner that a workload identity is given: by whom, whether it gave it to \
         itself, and what it is worth.",
    evidence: &[
        Evidence::new(
            "granted",
            "what was given and what that is worth",
            &[
                "suspicious_privilege_grant.takeover_bits",
                "suspicious_privilege_grant.sensitive_bits",
                "suspicious_privilege_grant.limited_bits",
            ],
        ),
        changed_by::ADDED_BY,
        changed_by::ADDED_FROM,
        changed_by::PERSON_AT_RISK,
        Evidence::new(
            "grantedByItself",
            "the principal gave it to itself",
            &["suspicious_privilege_grant.self_granted_bits", "suspicious_privilege_grant.self_granted_cap"],
        ),
        Evidence::new(
            "principalAge",
            "the principal is only days old",
            &["suspicious_privilege_grant.young_days", "suspicious_privilege_grant.young_bits"],
        ),
    ],
    scored_by: &["suspicious_privilege_grant"],
    false_positives: &[
        "A deployment pipeline that registers applications and grants them what they need: it is learned as their \
         administrator",
    ],
    quiet: &[
        "The grant is taken back",
        "`confirmSafe`: the administrator is learned at once",
        "An expected change announced for the principal",
    ],
    actions: &["Ask whoever gave it what for", "If nobody knows, take it back", "Look at what was done with it since"],
    since: "0.1.0",
};

impl Detector for SuspiciousPrivilegeGrant {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        let Some(change) = scene.done_to_it() else { return };
        if !change.succeeded {
            return;
        }
        match change.operation {
            Operation::AppRoleGranted | Operation::Consent | Operation::RoleGranted | Operation::OwnerAdded => {
                judge(scene, change, findings);
            }
            Operation::AppRoleRevoked | Operation::RoleRevoked => {
                findings.asks.push(super::Ask::Remediate(cause(change)));
            }
            _ => {}
        }
    }
}

/// One grant is one cause: what is granted names it, and its removal ends it.
fn cause(change: &DirectoryChange) -> CompactString {
    let mut grants: Vec<CompactString> = change.grants.iter().map(CompactString::to_ascii_lowercase).collect();
    grants.sort_unstable();
    let what = if grants.is_empty() { change.activity.to_string() } else { grants.join(" ") };
    format_compact!("grant:{:08x}", crate::event::hash(&what))
}

/// Whether a grant explains what the principal does next: somebody gave it who is known to change it, or others of the
/// tenant, not it itself, and no doubt stands about it. Anybody may consent to something small.
pub(crate) fn is_undoubted(scene: &Scene<'_>, change: &DirectoryChange, findings: &Findings) -> bool {
    let Some(who) = changed_by::remembered_as(&change.actor) else { return false };
    let is_known =
        scene.profile.habits.has_seen(Property::Administrator, who) || scene.peers.shares(Property::Administrator, who);
    is_known
        && !changed_by::is_itself(scene, change)
        && findings.found.is_empty()
        && scene.told_weight(&cause(change)).is_none()
}

fn judge(scene: &Scene<'_>, change: &DirectoryChange, findings: &mut Findings) {
    let numbers = &scene.engine.scoring.suspicious_privilege_grant;
    let by_itself = changed_by::is_itself(scene, change);
    let mut facts = vec![worth(scene, change)];
    facts.extend(changed_by::facts(scene, change));
    if by_itself {
        facts.push(fact("grantedByItself", changed_by::in_words(&change.actor), "", numbers.self_granted_bits));
    }
    let age = scene.profile.head.created.map(|created| scene.time.since(created));
    if age.is_some_and(|age| (0..numbers.young_days * EventTime::DAY).contains(&age)) {
        facts.push(fact("principalAge", "created only days ago", "", numbers.young_bits));
    }
    let bits: f64 = facts.iter().map(|fact| f64::from(fact.bits)).sum();
    let mut episodes = numbers.episodes;
    episodes.weight_cap = changed_by::weight_cap(scene, change, episodes.weight_cap);
    if by_itself {
        episodes.weight_cap = numbers.self_granted_cap;
    }
    if let Some(told) = episode::report_as(scene, cause(change), &episodes, bits, findings) {
        findings.found.push(finding(scene, change, facts, told, by_itself));
    }
}

/// What the grant is worth.
fn worth(scene: &Scene<'_>, change: &DirectoryChange) -> Fact {
    let numbers = &scene.engine.scoring.suspicious_privilege_grant;
    let impact = change.grants.iter().map(|grant| scene.engine.reference.impact(grant)).max();
    let (words, bits) = match impact {
        Some(Impact::TenantTakeover) => ("can take the whole tenant", numbers.takeover_bits),
        Some(Impact::Sensitive) => ("reads or changes sensitive data", numbers.sensitive_bits),
        Some(Impact::Limited | Impact::Unknown) | None => ("limited", numbers.limited_bits),
    };
    let granted = if change.grants.is_empty() { change.activity.clone() } else { change.grants.join(", ").into() };
    fact("granted", format_compact!("{granted} ({words})"), "", bits)
}

fn finding(
    scene: &Scene<'_>,
    change: &DirectoryChange,
    facts: Vec<Fact>,
    told: episode::Told,
    by_itself: bool,
) -> Finding {
    let name =
        scene.profile.head.name.as_ref().or(change.name.as_ref()).map_or("this principal", CompactString::as_str);
    let who = if by_itself { CompactString::from("it itself") } else { changed_by::in_words(&change.actor) };
    let granted = if change.grants.is_empty() { change.activity.to_string() } else { change.grants.join(", ") };
    Finding {
        identity: [
            change.correlation.clone().unwrap_or_else(|| scene.observation.event.id.0.clone()),
            Id::Text(told.cause.clone()),
        ]
        .into_iter()
        .chain(changed_by::said_of(change))
        .collect(),
        explanation: format!(
            "{name} was given {granted}, and {who}{} gave it. If nobody asked for it, take it back and look at what was \
             done with it since.",
            changed_by::risk_in_words(change),
        ),
        half_life_hours: Some(scene.engine.scoring.suspicious_privilege_grant.episodes.half_life_hours),
        facts,
        total_bits: Some(told.bits),
        ..Finding::here(scene, DESCRIPTOR.risk_event_type, told.cause, told.weight)
    }
}
