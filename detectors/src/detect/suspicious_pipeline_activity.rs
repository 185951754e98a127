//! # What it does
//! Judges what is done in repositories whose workflows may sign in as the principal: guards taken down, access given,
//! workflows that never ran there.
//!
//! # Why it matters
//! A workload identity that trusts a repository has no secret to steal. Whoever can change that repository, or run a
//! workflow in it, signs in as the principal, and the sign-in looks like any other.
//!
//! # Evidence
//! A change that a rule calls grave, and whether whoever made it never made one before; a workflow that never ran there,
//! and whether it was given secrets.
//!
//! # Inputs
//! GitHub's audit log and webhooks; the inventory and `AuditLogs` for who trusts which repository.
//!
//! # Window and state size
//! 32 workflows by days with runs; maintainers count among the 16 administrators.
//!
//! # Score
//! Bits become a weight by `rules/scoring.yaml` (`suspicious_pipeline_activity`), capped below `medium`: repositories live.
//! A grave change also waits for an odd sign-in of the principal on the same day, whichever record comes first; together
//! they are judged by `suspiciousSignins`.
//!
//! # Known false positives
//! A release to the public, a new pipeline, a new maintainer: told, never `medium` by themselves.
//!
//! # Example
//! The protection of the main branch is removed by an account that never changed anything there; an hour later the
//! principal signs in from a hosting provider.
//!
//! # References
//! MITRE ATT&CK T1195.002, T1098, T1562.001; GitHub, *Audit log events for your organization*.

use super::episode::{self, Factor, Told};
use super::finding::fact;
use super::taken_further::taken_further;
use super::{Descriptor, Detector, Evidence, Finding, Findings, Scene};
use crate::event::{Body, RepositoryAct, RuleLevel, RuleMatch, Signal, hash};
use crate::profile::{OddityKind, Property};
use crate::risk::Fact;
use compact_str::{CompactString, format_compact};

/// See the module.
#[derive(Debug)]
pub(super) struct SuspiciousPipelineActivity;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "suspiciousPipelineActivity",
    title: "Suspicious pipeline activity",
    attack: &["T1195.002", "T1098", "T1562.001"],
    inputs: &["GitHubAudit"],
    looks_for: "Grave changes of a repository whose workflows may sign in as the principal, and workflows that never ran \
         there.",
    evidence: &[
        Evidence::new(
            "change",
            "what was done to the repository or its organisation, as far as a rule calls it grave",
            &[
                "suspicious_pipeline_activity.low_bits",
                "suspicious_pipeline_activity.medium_bits",
                "suspicious_pipeline_activity.high_bits",
                "suspicious_pipeline_activity.organization_bits",
            ],
        ),
        Evidence::new(
            "maintainer",
            "who did it, and whether it is the first such change of theirs",
            &["suspicious_pipeline_activity.maintainer"],
        ),
        Evidence::new(
            "workflow",
            "a workflow that never ran there",
            &[
                "suspicious_pipeline_activity.theft_new_workflow",
                "suspicious_pipeline_activity.honest_new_workflow",
                "suspicious_pipeline_activity.new_workflow_max_bits",
            ],
        ),
        Evidence::new("rule", "the rule that calls it grave", &[]),
        Evidence::new("secrets", "what the new workflow was given", &["suspicious_pipeline_activity.secrets_bits"]),
    ],
    scored_by: &["suspicious_pipeline_activity"],
    false_positives: &["A release to the public", "A new pipeline", "A new maintainer"],
    quiet: &[
        "It never reaches `medium` by itself",
        "A workflow or a maintainer that was seen there on an earlier day",
        "`confirmSafe`: workflow and maintainer are learned at once",
        "An expected change announced for the principal",
    ],
    actions: &[
        "Ask the repository's owners whether the change was meant",
        "Look at what ran there since, and at the sign-ins of the principal",
        "If nobody knows of it, take the trust in the repository away until it is cleared up",
    ],
    since: "0.1.0",
};

impl Detector for SuspiciousPipelineActivity {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        let Body::RepositoryAct(act) = &scene.observation.event.body else { return };
        if scene.late {
            return;
        }
        let change = change(scene, act);
        let workflow = workflow(scene, act);
        let numbers = &scene.engine.scoring.suspicious_pipeline_activity;
        let factors: Vec<&Factor> = change.iter().chain(&workflow).collect();
        if factors.is_empty() {
            return;
        }
        let told = gravest(&scene.observation.event.signals).map(|rule| fact("rule", rule.title.clone(), "", 0.0));
        let facts = factors.iter().filter_map(|factor| describe(scene, act, factor)).chain(told).collect();
        // A new workflow brings new clients along, so only a change makes an odd sign-in odder.
        if !change.is_empty() {
            let what = || format_compact!("{} in {}", act.action, place(act));
            taken_further(scene, OddityKind::Act, change.iter(), what, findings);
        }
        let all: Vec<Factor> = change.into_iter().chain(workflow).collect();
        if let Some(told) = episode::report(scene, (&DESCRIPTOR, None), &numbers.episodes, &all, findings) {
            findings.found.push(finding(scene, act, facts, told));
        }
    }
}

/// How grave the gravest rule holds it that matches.
pub(crate) fn graveness(signals: &[Signal]) -> Option<RuleLevel> {
    gravest(signals).map(|rule| rule.level)
}

/// The gravest rule that matches; of two the one whose id comes first.
fn gravest(signals: &[Signal]) -> Option<&RuleMatch> {
    let rules = signals.iter().filter_map(|signal| match signal {
        Signal::Rule(matched) => Some(&**matched),
        Signal::Part(_) | Signal::Indicator(_) => None,
    });
    let telling = rules.filter(|rule| rule.level > RuleLevel::Informational);
    telling.max_by(|a, b| a.level.cmp(&b.level).then_with(|| b.rule.cmp(&a.rule)))
}

/// The value of a workflow that ran.
pub(crate) fn workflow_value(act: &RepositoryAct) -> Option<u32> {
    act.workflow.as_deref().map(hash)
}

/// The value of whoever did it; no name in Entra is like it.
pub(crate) fn maintainer_value(act: &RepositoryAct) -> Option<u32> {
    act.actor.as_deref().map(|actor| hash(&format_compact!("repository\u{1f}{actor}")))
}

/// What a change says that a rule calls grave, and who made it.
fn change(scene: &Scene<'_>, act: &RepositoryAct) -> Vec<Factor> {
    let numbers = &scene.engine.scoring.suspicious_pipeline_activity;
    let bits = match graveness(&scene.observation.event.signals) {
        None | Some(RuleLevel::Informational) => return Vec::new(),
        Some(RuleLevel::Low) => numbers.low_bits,
        Some(RuleLevel::Medium) => numbers.medium_bits,
        Some(RuleLevel::High | RuleLevel::Critical) => numbers.high_bits,
    };
    let of_all = if act.repository.is_none() { numbers.organization_bits } else { 0.0 };
    let by = maintainer_value(act).map(|who| {
        let is_new = scene.profile.habits.standing(Property::Administrator, who, scene.cutoff).is_new();
        Factor::of(Property::Administrator, who, "maintainer", numbers.maintainer.told(is_new), is_new)
    });
    [Some(Factor::bare("change", bits + of_all)), by].into_iter().flatten().collect()
}

/// What a workflow says that never ran there, once it is known which do.
fn workflow(scene: &Scene<'_>, act: &RepositoryAct) -> Vec<Factor> {
    let numbers = &scene.engine.scoring.suspicious_pipeline_activity;
    let priors = &scene.engine.scoring.habits;
    let Some(value) = workflow_value(act) else { return Vec::new() };
    let standing = scene.profile.habits.standing(Property::Workflow, value, scene.cutoff);
    if !standing.is_new() || standing.active_days < priors.min_active_days {
        return Vec::new();
    }
    let bits = standing.novelty_bits(numbers.theft_new_workflow, numbers.honest_new_workflow, priors.kappa_days);
    let bits = bits.min(numbers.new_workflow_max_bits);
    let secrets = (!act.secrets.is_empty()).then(|| Factor::bare("secrets", numbers.secrets_bits));
    [Some(Factor::of(Property::Workflow, value, "workflow", bits, true)), secrets].into_iter().flatten().collect()
}

/// Where it was done.
fn place(act: &RepositoryAct) -> CompactString {
    act.repository.as_ref().or(act.organization.as_ref()).cloned().unwrap_or_else(|| "the organisation".into())
}

fn describe(scene: &Scene<'_>, act: &RepositoryAct, factor: &Factor) -> Option<Fact> {
    let observed = match factor.kind {
        "change" => format_compact!("{} in {}", act.action, place(act)),
        "maintainer" => act.actor.clone()?,
        "workflow" => act.workflow.clone()?,
        _ => in_words(&act.secrets),
    };
    let known = factor.habit.map(|(property, _)| scene.profile.habits.known(property, scene.cutoff).len());
    let usual = match (factor.is_new, known) {
        (true, Some(known)) => format_compact!("never this one; {known} known"),
        _ => CompactString::default(),
    };
    Some(fact(factor.kind, observed, usual, factor.bits))
}

/// The names of the secrets, as many as a person reads.
fn in_words(secrets: &[CompactString]) -> CompactString {
    const SHOWN: usize = 3;
    let shown = secrets.iter().take(SHOWN).map(CompactString::as_str).collect::<Vec<_>>().join(", ");
    match secrets.len().saturating_sub(SHOWN) {
        0 => shown.into(),
        more => format_compact!("{shown} and {more} more"),
    }
}

fn finding(scene: &Scene<'_>, act: &RepositoryAct, facts: Vec<Fact>, told: Told) -> Finding {
    let numbers = &scene.engine.scoring.suspicious_pipeline_activity;
    let name = scene.profile.head.name.as_deref().unwrap_or("This principal");
    let what = match &act.workflow {
        Some(workflow) => format!("the workflow {workflow} ran, which never did"),
        None => format!("{} did {}", act.actor.as_deref().unwrap_or("somebody"), act.action),
    };
    Finding {
        identity: vec![scene.observation.event.id.0.clone()],
        half_life_hours: Some(numbers.episodes.half_life_hours),
        facts,
        total_bits: Some(told.bits),
        explanation: format!(
            "{name} trusts the workflows of {}, and {what}. Whoever changes that repository can sign in as the principal; \
             ask its owners whether it was meant.",
            place(act),
        ),
        ..Finding::here(scene, DESCRIPTOR.risk_event_type, told.cause, told.weight)
    }
}
