//! # What it does
//! Judges every call of an API (Microsoft Graph, Azure Resource Manager, Key Vault) by how much better a thief explains
//! it than what this principal usually calls, and the breadth and volume of a day.
//!
//! # Why it matters
//! A stolen token shows no sign-in of its own, and a managed identity's sign-ins have no address. What is done with the
//! token shows: a workload calls the same few endpoints for months, a thief looks around and takes what the permissions
//! allow.
//!
//! # Evidence
//! An endpoint it never called (and whether thieves go for it, and whether it was refused), software it never called
//! with, the network it calls from (of what signs in from somewhere, beside a new endpoint only); how many endpoints, and
//! how many of those that thieves go for, are new on one day; calls in an hour against its own maximum.
//!
//! # Inputs
//! `MicrosoftGraphActivityLogs`, `AzureActivity`, Key Vault `AuditEvent`; app-only calls.
//!
//! # Window and state size
//! Habits by days with calls: 64 endpoints, 32 prefixes, 16 clients, 24 magnitudes.
//!
//! # Score
//! Bits become a weight by `rules/scoring.yaml` (`suspicious_api_traffic`). Breadth and volume are judged by the day's
//! count, whatever the order of arrival. Breadth counts under the day's episode, of whose new endpoints it is made; volume
//! is a cause of its own.
//!
//! # Known false positives
//! A new release that calls more; a first full synchronisation.
//!
//! # Example
//! A function app that has read one user a day for a month lists all service principals, then all groups, then reads mail.
//!
//! # References
//! Microsoft Entra ID Protection, *Suspicious API Traffic*; MITRE ATT&CK T1087.004, T1526, T1114.002.

use super::calibration::{self, CALIBRATION, calibration};
use super::episode::{self, Factor, Told, usual};
use super::finding::fact;
use super::taken_further::taken_further;
use super::{Descriptor, Detector, Evidence, Finding, Findings, Scene, peers};
use crate::engine::Engine;
use crate::event::{ApiActivity, Body, Id, PrincipalKind, hash};
use crate::profile::{OddityKind, Property, Standing, api_value, prefix_value};
use crate::risk::Fact;
use crate::scoring::Episodes;
use crate::tenant::DoubtKind;
use compact_str::{CompactString, format_compact};

/// See the module.
#[derive(Debug)]
pub(super) struct SuspiciousApiTraffic;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "suspiciousAPITraffic",
    title: "Suspicious API traffic",
    attack: &["T1087.004", "T1526", "T1114.002"],
    inputs: &["MicrosoftGraphActivityLogs", "AzureActivity", "AuditEvent"],
    looks_for: "Calls of Microsoft Graph, Azure Resource Manager and Key Vault that a thief explains better than what the \
         principal usually calls; and the breadth and volume of a day.",
    evidence: &[
        Evidence::new(
            "endpoint",
            "the endpoint, and whether it was ever called, is one that thieves go for, and was refused",
            &[
                "suspicious_api_traffic.theft_new.endpoint",
                "suspicious_api_traffic.honest_new.endpoint",
                "suspicious_api_traffic.honest_first_call",
                "suspicious_api_traffic.sought",
                "suspicious_api_traffic.refused",
            ],
        ),
        Evidence::new(
            "client",
            "the software that calls, by its family",
            &["suspicious_api_traffic.theft_new.agent", "suspicious_api_traffic.honest_new.agent"],
        ),
        Evidence::new(
            "calledFrom",
            "the network that it calls from: of what signs in from somewhere, beside a new endpoint only",
            &[
                "suspicious_api_traffic.theft_new.prefix",
                "suspicious_api_traffic.honest_new.prefix",
                "suspicious_api_traffic.called_from_max_bits",
                "peers.own_exit",
                "peers.own_network",
                "peers.foreign",
            ],
        ),
        Evidence::new(
            OUTSIDE_AZURE,
            "whether a managed identity calls from outside of Azure: by the network's number where a file of places \
             (`geo.files`) tells it, else by the networks that Microsoft announces",
            &["suspicious_api_traffic.outside_azure", "suspicious_api_traffic.outside_azure_by_address"],
        ),
        Evidence::new(
            "breadth",
            "how many endpoints are new on one day",
            &["suspicious_api_traffic.breadth_expected", "suspicious_api_traffic.breadth_bits_a_doubling"],
        ),
        Evidence::new(
            "soughtBreadth",
            "how many of them thieves go for",
            &["suspicious_api_traffic.sought_breadth_expected", "suspicious_api_traffic.breadth_bits_a_doubling"],
        ),
        Evidence::new(
            "refusedBreadth",
            "how many of them refused it",
            &["suspicious_api_traffic.refused_breadth_expected", "suspicious_api_traffic.breadth_bits_a_doubling"],
        ),
        Evidence::new(
            "volume",
            "calls in an hour, against the busiest hour known",
            &["suspicious_api_traffic.volume_bits_a_doubling", "suspicious_api_traffic.volume_cap"],
        ),
        Evidence::new(
            CALIBRATION,
            "how common doubtful findings of this kind are in the tenant, and how many alerts the operator wants",
            &["alerts.doubtful", "alerts.per_1000_principals_day"],
        ),
    ],
    scored_by: &["suspicious_api_traffic"],
    false_positives: &["A new release that calls more", "A first full synchronisation"],
    quiet: &[
        "`confirmSafe`: endpoints, client and network are learned at once",
        "The same calls on seven distinct days without anything else",
        "An expected change announced for the principal",
    ],
    actions: &[
        "Look at the calls of that hour and at what they returned",
        "Ask the owners whether the work is new",
        "If not, replace the credential and take permissions away that it does not need",
    ],
    since: "0.1.0",
};

impl Detector for SuspiciousApiTraffic {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        let Body::ApiActivity(call) = &scene.observation.event.body else { return };
        if scene.late || !is_past_learning(scene) {
            return;
        }
        let mut factors = factors(scene, call);
        factors.extend(calibration(scene, DoubtKind::ApiTraffic));
        let numbers = &scene.engine.scoring.suspicious_api_traffic.episodes;
        let kind = Some(DoubtKind::ApiTraffic);
        if let Some(told) = episode::report(scene, (&DESCRIPTOR, kind), numbers, &factors, findings) {
            let telling = factors.iter().filter(|factor| !factor.kind.is_empty());
            let facts = telling.map(|factor| describe_factor(scene, call, factor)).collect();
            findings.found.push(finding(scene, call, facts, told));
        }
        let acts = factors.iter().filter(|factor| matches!(factor.habit, Some((Property::Endpoint, _))));
        let what = || format_compact!("{} {}", call.method, call.endpoint);
        taken_further(scene, OddityKind::Act, acts, what, findings);
        breadth(scene, call, findings);
        volume(scene, call, findings);
    }
}

/// The autonomous systems that Azure's addresses belong to (Microsoft Corporation, by the regional registries).
const AZURE: [u32; 2] = [8_075, 8_068];

/// The name of it among the evidence.
const OUTSIDE_AZURE: &str = "outsideAzure";

/// The value of an endpoint: reads of it are one, each way of writing it another.
pub(crate) fn endpoint_value(call: &ApiActivity) -> u32 {
    let method = if is_read(call) { "GET" } else { call.method.as_str() };
    hash(&format_compact!("{} {method} {}", call.service.name(), call.endpoint))
}

fn is_read(call: &ApiActivity) -> bool {
    matches!(&*call.method, "GET" | "HEAD" | "OPTIONS")
}

/// The value of an endpoint that thieves go for.
pub(crate) fn sought_value(engine: &Engine, call: &ApiActivity) -> Option<u32> {
    engine.reference.is_sought_endpoint(&call.endpoint).then(|| endpoint_value(call))
}

/// The value of an endpoint that refused it.
fn refused_value(call: &ApiActivity) -> Option<u32> {
    is_refused(call).then(|| endpoint_value(call))
}

/// The value of the software that calls.
pub(crate) fn agent_value(call: &ApiActivity) -> Option<u32> {
    call.agent.family().map(|family| hash(&family))
}

fn is_refused(call: &ApiActivity) -> bool {
    matches!(call.status, 401 | 403)
}

fn is_past_learning(scene: &Scene<'_>) -> bool {
    scene.profile.habits.days_with(Property::Endpoint, scene.cutoff) >= scene.engine.scoring.habits.min_active_days
        || begins_to_call(scene).is_some()
}

/// The days with sign-ins of a principal that never called Graph, and never asked for a token for it either: then it is
/// the principal that begins to call, and not the log that begins to tell.
fn begins_to_call(scene: &Scene<'_>) -> Option<f64> {
    let habits = &scene.profile.habits;
    let Body::ApiActivity(call) = &scene.observation.event.body else { return None };
    let resource = api_value(call.service.app());
    let asked = habits.knows_any(Property::Resource, scene.cutoff)
        && habits.standing(Property::Resource, resource, scene.cutoff).is_new();
    let days = habits.active_days(scene.cutoff);
    let called = habits.days_with(Property::Endpoint, scene.cutoff) > 0.0;
    (asked && !called && days >= scene.engine.scoring.habits.min_active_days).then_some(days)
}

fn factors(scene: &Scene<'_>, call: &ApiActivity) -> Vec<Factor> {
    let endpoint = endpoint(scene, call);
    // Where a principal signs in from is judged there; here it counts beside what it never called.
    let is_new = endpoint.is_new;
    let placeless = scene.profile.head.kind == PrincipalKind::ManagedIdentity;
    let mut factors = vec![endpoint];
    // Kept apart, so that the kinds of looking around are counted.
    let kinds = [(Property::Sought, sought_value(scene.engine, call)), (Property::Refused, refused_value(call))];
    let kept = kinds.into_iter().filter_map(|(kind, value)| Some(Factor::of(kind, value?, "", 0.0, is_new)));
    factors.extend(kept);
    factors.extend(agent(scene, call));
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let Some(network) = network(scene, call) else { return factors };
    if placeless {
        factors.extend(outside_azure(scene, call, &network));
        factors.push(network);
    } else if is_new && network.is_new {
        factors.push(Factor { bits: network.bits.min(numbers.called_from_max_bits), ..network });
    }
    factors
}

fn endpoint(scene: &Scene<'_>, call: &ApiActivity) -> Factor {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let value = endpoint_value(call);
    let (mut bits, is_new) = novelty(scene, value);
    if is_new {
        bits += numbers.sought.told(sought_value(scene.engine, call).is_some());
        // Of an agent, `failedAccessAttempt` speaks of it.
        if scene.profile.head.kind != PrincipalKind::Agent {
            bits += numbers.refused.told(is_refused(call));
        }
    }
    Factor::of(Property::Endpoint, value, "endpoint", bits, is_new)
}

/// What it says that an endpoint is called which was never called before, or was.
fn novelty(scene: &Scene<'_>, endpoint: u32) -> (f64, bool) {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let standing = scene.profile.habits.standing(Property::Endpoint, endpoint, scene.cutoff);
    let (standing, honest) = match begins_to_call(scene) {
        Some(days) => (Standing { active_days: days, ..standing }, numbers.honest_first_call),
        None => (standing, numbers.honest_new.endpoint),
    };
    let bits = standing.novelty_bits(numbers.theft_new.endpoint, honest, scene.engine.scoring.habits.kappa_days);
    (bits, standing.is_new())
}

fn agent(scene: &Scene<'_>, call: &ApiActivity) -> Option<Factor> {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let value = agent_value(call)?;
    if !scene.profile.habits.knows_any(Property::CallAgent, scene.cutoff) {
        return None;
    }
    let standing = scene.profile.habits.standing(Property::CallAgent, value, scene.cutoff);
    let kappa = scene.engine.scoring.habits.kappa_days;
    let bits = standing.novelty_bits(numbers.theft_new.agent, numbers.honest_new.agent, kappa);
    Some(Factor::of(Property::CallAgent, value, "client", bits, standing.is_new()))
}

/// A managed identity lives in Azure, and its token is issued there: whoever calls with it from elsewhere has carried it
/// off, or sends what leaves Azure through a network of its own. Where the address has no AS number, the networks that
/// Microsoft announces say it less surely: lists grow old.
fn outside_azure(scene: &Scene<'_>, call: &ApiActivity, network: &Factor) -> Option<Factor> {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let (is_outside, odds) = match call.place.asn {
        Some(asn) => (!AZURE.contains(&asn), numbers.outside_azure),
        None => (!scene.engine.reference.is_azure(call.place.address?)?, numbers.outside_azure_by_address),
    };
    let is_own_exit = prefix_value(&call.place).is_some_and(|prefix| scene.peers.shares(Property::CallPrefix, prefix));
    (network.is_new && !is_own_exit).then(|| Factor::bare(OUTSIDE_AZURE, odds.told(is_outside)))
}

/// Where it calls from. Where it signs in from it may call from.
fn network(scene: &Scene<'_>, call: &ApiActivity) -> Option<Factor> {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let value = prefix_value(&call.place)?;
    let is_home = !scene.profile.habits.standing(Property::Prefix, value, scene.cutoff).is_new();
    if is_home {
        return None;
    }
    if !scene.profile.habits.knows_any(Property::CallPrefix, scene.cutoff) {
        // It has no place yet; what never had one can only be told from the tenant's others.
        let begins = scene.profile.head.kind == PrincipalKind::ManagedIdentity && begins_to_call(scene).is_some();
        let bits = || peers::of_place(scene, None, Some(value)).bits;
        return begins.then(|| Factor::of(Property::CallPrefix, value, "calledFrom", bits(), true));
    }
    let standing = scene.profile.habits.standing(Property::CallPrefix, value, scene.cutoff);
    let kappa = scene.engine.scoring.habits.kappa_days;
    let mut bits = standing.novelty_bits(numbers.theft_new.prefix, numbers.honest_new.prefix, kappa);
    if standing.is_new() {
        bits += peers::of_place(scene, None, Some(value)).bits;
    }
    Some(Factor::of(Property::CallPrefix, value, "calledFrom", bits, standing.is_new()))
}

/// Many endpoints that are new on one day: looking around. Of those that thieves go for, and of those that refuse it, fewer
/// are many. How many of them is counted once, where it is the most; that some are of a kind is said beside. Neither depends
/// on which of them comes first.
fn breadth(scene: &Scene<'_>, call: &ApiActivity, findings: &mut Findings) {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let (novelty, is_new) = novelty(scene, endpoint_value(call));
    if !is_new {
        return;
    }
    let kinds = [
        (Property::Endpoint, "breadth", "endpoints", numbers.breadth_expected, 0.0),
        (
            Property::Sought,
            "soughtBreadth",
            "endpoints that intruders look at",
            numbers.sought_breadth_expected,
            numbers.sought.bits(),
        ),
        (
            Property::Refused,
            "refusedBreadth",
            "endpoints that refused it",
            numbers.refused_breadth_expected,
            numbers.refused.bits(),
        ),
    ];
    let new = kinds.map(|(property, ..)| f64::from(new_today(scene, property)));
    let of_kinds: f64 = kinds.iter().zip(new).filter(|(_, new)| *new > 0.0).map(|((.., bits), _)| bits).sum();
    let beyond =
        |((_, what, words, expected, _), new): ((_, _, _, f64, _), f64)| ((new / expected).log2(), what, words, new);
    let most = kinds.into_iter().zip(new).map(beyond).max_by(|one, other| one.0.total_cmp(&other.0));
    let Some((doublings, what, words, new)) = most.filter(|(doublings, ..)| *doublings > 0.0) else { return };
    let bits = novelty + of_kinds + doublings * numbers.breadth_bits_a_doubling;
    let seen = format_compact!("{new} {words} never called before on one day");
    let cause = episode::cause(scene, &DESCRIPTOR, &[]);
    told_by_itself(scene, call, (what, cause, &numbers.episodes), seen, bits, findings);
}

/// Values that were first seen on the day of the call, those held apart too.
fn new_today(scene: &Scene<'_>, property: Property) -> u32 {
    let day = scene.time.day();
    let held = scene.profile.findings.quarantine.held_on(property, day);
    (scene.profile.habits.new_on(property, day) + held) as u32
}

/// More calls in an hour than ever, by more than a doubling.
fn volume(scene: &Scene<'_>, call: &ApiActivity, findings: &mut Findings) {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let count = scene.profile.head.calls.next(scene.time);
    let Some(excess) = super::spike::excess(scene, Property::CallRate, count) else { return };
    let seen = format_compact!("{count} calls in an hour");
    let episodes = Episodes { weight_cap: numbers.volume_cap, ..numbers.episodes };
    let bits = f64::from(excess) * numbers.volume_bits_a_doubling;
    let cause = format_compact!("{}:{}:volume", DESCRIPTOR.risk_event_type, scene.time.day());
    told_by_itself(scene, call, ("volume", cause, &episodes), seen, bits, findings);
}

fn told_by_itself(
    scene: &Scene<'_>,
    call: &ApiActivity,
    (what, cause, numbers): (&'static str, CompactString, &Episodes),
    seen: CompactString,
    bits: f64,
    findings: &mut Findings,
) {
    if let Some(told) = episode::report_as(scene, cause, numbers, bits, findings) {
        findings.found.push(finding(scene, call, vec![fact(what, seen, "", bits)], told));
    }
}

fn finding(scene: &Scene<'_>, call: &ApiActivity, facts: Vec<Fact>, told: Told) -> Finding {
    let numbers = &scene.engine.scoring.suspicious_api_traffic.episodes;
    Finding {
        identity: identity(scene, &told.cause, &facts),
        half_life_hours: Some(numbers.half_life_hours),
        request: call.token.clone(),
        place: call.place.clone(),
        explanation: explain(scene, call, &facts),
        facts,
        total_bits: Some(told.bits),
        active_days: Some(scene.profile.habits.days_with(Property::Endpoint, scene.cutoff)),
        ..Finding::new(DESCRIPTOR.risk_event_type, told.cause, told.weight)
    }
}

/// One call may be told of under one cause for itself and for what it completes.
fn identity(scene: &Scene<'_>, cause: &CompactString, facts: &[Fact]) -> Vec<Id> {
    let what = facts.first().map(|fact| fact.kind.clone()).unwrap_or_default();
    vec![scene.observation.event.id.0.clone(), Id::Text(cause.clone()), Id::Text(what)]
}

fn describe_factor(scene: &Scene<'_>, call: &ApiActivity, factor: &Factor) -> Fact {
    if factor.kind == CALIBRATION {
        return calibration::in_words(scene, DoubtKind::ApiTraffic, factor.bits);
    }
    if factor.kind == OUTSIDE_AZURE {
        let network = call.place.asn.map(|asn| format_compact!("AS{asn}"));
        let address = || call.place.address.map(|address| format_compact!("{address}"));
        let network = network.or_else(address).unwrap_or_default();
        return fact(OUTSIDE_AZURE, network, "a managed identity calls from Azure", factor.bits);
    }
    let (observed, property): (CompactString, _) = match factor.habit {
        Some((Property::CallPrefix, _)) => {
            (call.place.address.map(|address| format_compact!("{address}")).unwrap_or_default(), Property::CallPrefix)
        }
        Some((Property::CallAgent, _)) => (call.agent.text.clone().unwrap_or_default(), Property::CallAgent),
        _ => (format_compact!("{} {} ({})", call.method, call.endpoint, call.status), Property::Endpoint),
    };
    fact(factor.kind, observed, usual(scene, property, factor.is_new), factor.bits)
}

fn explain(scene: &Scene<'_>, call: &ApiActivity, facts: &[Fact]) -> String {
    let name = scene.profile.head.name.as_deref().unwrap_or("This principal");
    let seen: Vec<String> =
        facts.iter().filter(|fact| fact.bits >= 1.0).map(|fact| format!("{} {}", fact.kind, fact.observed)).collect();
    format!(
        "{name} called {} in a way it has not done before: {}. A thief explains these calls better than the workload's \
         own habits; look at what else its tokens were used for.",
        call.service.name(),
        seen.join(", "),
    )
}

/// Calls as habits count them.
pub(crate) fn call_values(engine: &Engine, call: &ApiActivity) -> impl Iterator<Item = (Property, u32)> {
    [
        (Property::Calling, Some(0)),
        (Property::Endpoint, Some(endpoint_value(call))),
        (Property::Sought, sought_value(engine, call)),
        (Property::Refused, refused_value(call)),
        (Property::CallAgent, agent_value(call)),
        (Property::CallPrefix, prefix_value(&call.place)),
    ]
    .into_iter()
    .filter_map(|(property, value)| Some((property, value?)))
}
