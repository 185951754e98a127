//! # What it does
//! Turns the matches of Sigma rules, Picket's own and the operator's, into risk detections of the principal that they
//! speak of.
//!
//! # Why it matters
//! Rules are how people share what an attack looks like in one record, and an operator can add one in a minute.
//!
//! # Evidence
//! The rule, its level, its ATT&CK techniques.
//!
//! # Inputs
//! Every category: the rules were matched where the record was decoded.
//!
//! # Window and state size
//! The last 256 matches that correlation rules count. One contribution a rule and day; of the rules that match one record the gravest, for they are one piece of evidence.
//!
//! # Score
//! By the rule's level, or the weight that the operator gave it (`rules/scoring.yaml`, `sigma_rules`). Informational rules
//! are counted and never become detections; rules in shadow mode do not come here at all. What matches an act in a repository
//! is told by `suspiciousPipelineActivity`, unless the operator gave the rule a weight.
//!
//! # Known false positives
//! Those of the rule: it sees one record and no history.
//!
//! # Example
//! The rule for directory roles given to service principals matches `Add member to role`.
//!
//! # References
//! The Sigma specification; the rule's own references.

use super::finding::fact;
use super::{Descriptor, Detector, Evidence, Finding, Findings, Scene};
use crate::event::{About, ActorKind, Body, DirectoryChange, Id, Maturity, RuleLevel, RuleMatch, Signal};
use crate::expectations::Suspicion;
use crate::observation::{Observation, Role};
use crate::profile::Property;
use compact_str::{CompactString, format_compact};

/// See the module.
#[derive(Debug)]
pub(super) struct SigmaRuleMatch;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "sigmaRuleMatch",
    title: "Sigma rule match",
    attack: &[],
    inputs: &[
        "AuditLogs",
        "ServicePrincipalSignInLogs",
        "ManagedIdentitySignInLogs",
        "MicrosoftGraphActivityLogs",
        "OfficeActivity",
    ],
    looks_for: "A record that a Sigma rule matches, Picket's own or the operator's, and whole correlations of such records.",
    evidence: &[
        Evidence::new("ruleId", "the rule", &[]),
        Evidence::new("ruleTitle", "what it is called", &[]),
        Evidence::new(
            "ruleLevel",
            "how grave its author holds it",
            &[
                "sigma_rules.low",
                "sigma_rules.medium",
                "sigma_rules.high",
                "sigma_rules.critical",
                "sigma_rules.usual",
                "sigma_rules.unproven_cap",
            ],
        ),
        Evidence::new("alsoMatches", "another rule that matches the same record, and is not counted besides", &[]),
        Evidence::new("attackTechnique", "a technique that the rule names", &[]),
    ],
    scored_by: &["sigma_rules"],
    false_positives: &["Those of the rule: it sees one record and no history"],
    quiet: &[
        "An exception, a weight or `state: off` in the file of overrides",
        "A rule of level medium at most that matched on earlier days weighs a fifth",
    ],
    actions: &[
        "Read what the rule looks for: picket rules list",
        "Ask whoever did it whether it was meant",
        "If it is usual here, except it in the overrides of rules",
    ],
    since: "0.1.0",
};

impl Detector for SigmaRuleMatch {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        let mut matches = matches(scene);
        // Of two that weigh the same the one whose id comes first: an order that no shuffling changes.
        matches.sort_by(|(a, of_a), (b, of_b)| of_b.total_cmp(of_a).then_with(|| a.rule.cmp(&b.rule)));
        // What is expected must not stand before what is not.
        let (expected, others): (Vec<_>, Vec<_>) =
            matches.into_iter().partition(|(matched, _)| is_expected(scene, matched));
        tell(scene, &expected, |cause| scene.profile.findings.ledger.find(cause, scene.now).is_some(), findings);
        tell(scene, &others, |cause| scene.told_weight(cause).is_some(), findings);
    }
}

/// Tells the gravest, unless that is told: a rule's weight does not change, so once a day is told, and what was cleared
/// stays cleared.
fn tell(scene: &Scene<'_>, matches: &[(&RuleMatch, f64)], is_told: impl FnOnce(&str) -> bool, findings: &mut Findings) {
    let Some(((gravest, weight), others)) = matches.split_first() else { return };
    let cause = format_compact!("rule:{}:{}", gravest.rule, scene.time.day());
    if !is_told(&cause) {
        findings.found.push(finding(scene, gravest, others, cause, *weight));
    }
}

fn is_expected(scene: &Scene<'_>, matched: &RuleMatch) -> bool {
    let suspicion =
        Suspicion { rule: Some(&matched.rule), ..Suspicion::of(DESCRIPTOR.risk_event_type, scene.observation) };
    scene.profile.expected(&scene.engine.expected, &suspicion).is_some()
}

/// The rules that match and weigh something for the principal at hand.
fn matches<'a>(scene: &Scene<'a>) -> Vec<(&'a RuleMatch, f64)> {
    let windows = &scene.profile.findings.windows;
    let rules = scene.observation.event.signals.iter().filter_map(|signal| match signal {
        Signal::Rule(matched) => Some(&**matched),
        Signal::Part(part) => windows.makes_whole(part, scene.time).then_some(&part.whole),
        Signal::Indicator(_) => None,
    });
    let weighed = rules
        .filter(|matched| speaks_of(scene.observation, matched.about))
        .map(|matched| (matched, weight(scene, matched)));
    // What an operator has given a weight of its own is told whatever that is.
    let least = scene.engine.scoring.sigma_rules.report;
    weighed.filter(|(matched, weight)| *weight >= least || matched.weight.is_some() && *weight > 0.0).collect()
}

fn weight(scene: &Scene<'_>, matched: &RuleMatch) -> f64 {
    if let Some(weight) = matched.weight {
        return f64::from(weight).clamp(0.0, 0.99);
    }
    // It speaks of a repository; what that means for who trusts it `suspiciousPipelineActivity` judges and tells.
    if matches!(scene.observation.event.body, Body::RepositoryAct(_)) {
        return 0.0;
    }
    let numbers = &scene.engine.scoring.sigma_rules;
    let weight = match matched.level {
        RuleLevel::Informational => 0.0,
        RuleLevel::Low => numbers.low,
        RuleLevel::Medium => numbers.medium,
        RuleLevel::High => numbers.high,
        RuleLevel::Critical => numbers.critical,
    };
    let weight = match matched.maturity {
        Maturity::Proven => weight,
        Maturity::Unproven => weight.min(numbers.unproven_cap),
    };
    if is_usual(scene, matched) { weight * numbers.usual } else { weight }
}

/// Whether the rule speaks of what the principal does day by day, or several others of the tenant.
fn is_usual(scene: &Scene<'_>, matched: &RuleMatch) -> bool {
    let own = |value| !scene.profile.habits.standing(Property::Rule, value, scene.cutoff).is_new();
    usual_value(matched).is_some_and(|value| own(value) || scene.peers.shares(Property::Rule, value))
}

/// A rule as habits count it. What is grave does not become usual: the operator must except it.
pub(crate) fn usual_value(matched: &RuleMatch) -> Option<u32> {
    (matched.level <= RuleLevel::Medium).then(|| crate::event::hash(&matched.rule))
}

/// Whether a match speaks of whom an observation goes to. A change has an actor and a target; if only one of them is a
/// workload, it speaks of that.
pub(crate) fn speaks_of(observation: &Observation, about: About) -> bool {
    let Body::DirectoryChange(change) = &observation.event.body else { return true };
    let is_actor = observation.role == Role::Actor;
    match about {
        About::Target => !is_actor || !names_a_workload(change),
        About::Actor => is_actor || change.actor.kind != ActorKind::Application || change.actor.id.is_none(),
    }
}

fn names_a_workload(change: &DirectoryChange) -> bool {
    change.principal.is_some() || change.application_object.is_some() || change.application.is_some()
}

/// A match is named by its event; a correlation by its day, for which of its events comes last is chance.
fn identity(scene: &Scene<'_>, matched: &RuleMatch) -> Id {
    let event = &scene.observation.event;
    let joined = |signal: &Signal| matches!(signal, Signal::Part(part) if part.whole.rule == matched.rule);
    Id::Text(if event.signals.iter().any(joined) {
        format_compact!("{}#{}", matched.rule, scene.time.day())
    } else {
        format_compact!("{}#{}", event.id, matched.rule)
    })
}

fn finding(
    scene: &Scene<'_>,
    matched: &RuleMatch,
    others: &[(&RuleMatch, f64)],
    cause: CompactString,
    weight: f64,
) -> Finding {
    let mut facts = vec![
        fact("ruleId", matched.rule.clone(), "", 0.0),
        fact("ruleTitle", matched.title.clone(), "", 0.0),
        fact("ruleLevel", matched.level.as_str(), "", 0.0),
    ];
    facts.extend(others.iter().map(|(other, _)| fact("alsoMatches", other.title.clone(), "", 0.0)));
    facts.extend(matched.attack.iter().map(|technique| fact("attackTechnique", technique.clone(), "", 0.0)));
    Finding {
        identity: vec![identity(scene, matched)],
        half_life_hours: Some(scene.engine.scoring.sigma_rules.half_life_hours),
        facts,
        explanation: format!(
            "The rule \"{}\" ({}) matches what was recorded of {}. \
             A rule sees one record and not what is usual for the principal.",
            matched.title,
            matched.level.as_str(),
            scene.profile.head.name.as_deref().unwrap_or("this principal"),
        ),
        ..Finding::here(scene, DESCRIPTOR.risk_event_type, cause, weight)
    }
}
