//! # What it does
//! Judges every call of an API (Microsoft Graph, Azure Resource Manager, Key Vault) by how much better a thief explains
//! it than what this principal usually calls, and the breadth, reach and volume of a day.
//!
//! # Why it matters
//! A stolen token shows no sign-in of its own, and a managed identity's sign-ins have no address. What is done with the
//! token shows: a workload calls the same few endpoints for months, a thief looks around and takes what the permissions
//! allow.
//!
//! # Evidence
//! An endpoint it never called (and whether thieves go for it, and whether it was refused), software it never called
//! with, the network it calls from (of what signs in from somewhere, beside a new endpoint only); how many endpoints, and
//! how many of those that thieves go for, are new on one day; how many different things it touches in a day, and calls
//! in an hour, against its own maximum.
//!
//! # Inputs
//! `MicrosoftGraphActivityLogs`, `AzureActivity`, Key Vault `AuditEvent`; app-only calls.
//!
//! # Window and state size
//! Habits by days with calls: 64 endpoints, 32 prefixes, 32 scopes, 16 clients, 24 magnitudes of each measure; a sketch
//! of 32 bytes of what the day touched.
//!
//! # Score
//! Bits become a weight by `rules/scoring.yaml` (`suspicious_api_traffic`). Breadth, reach and volume are judged by the
//! day's count, whatever the order of arrival. Breadth counts under the day's episode, of whose new endpoints it is made; reach
//! and volume are causes of their own.
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
use super::peers::{self, Company};
use super::suspicious_signins::{is_rare, woken};
use super::taken_further::taken_further;
use super::{Descriptor, Detector, Finding, Findings, Scene};
use crate::engine::Engine;
use crate::event::{ApiActivity, Body, Id, PrincipalKind, Service, hash};
use crate::profile::{OddityKind, Property, Standing, api_value, prefix_value};
use crate::risk::Fact;
use crate::tenant::DoubtKind;
use compact_str::{CompactString, format_compact};

mod breadth;
mod evidence;
mod ground;
mod of_a_day;

/// See the module.
#[derive(Debug)]
pub(super) struct SuspiciousApiTraffic;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "suspiciousAPITraffic",
    title: "Suspicious API traffic",
    attack: &["T1087.004", "T1526", "T1114.002"],
    inputs: &["MicrosoftGraphActivityLogs", "AzureActivity", "AuditEvent"],
    looks_for: "Calls of Microsoft Graph, Azure Resource Manager and Key Vault that a thief explains better than what the \
         principal usually calls; and the breadth, reach and volume of a day.",
    evidence: evidence::OF_CALLS,
    scored_by: &["suspicious_api_traffic"],
    false_positives: &["A new release that calls more", "A first full synchronisation"],
    quiet: &[
        "`confirmSafe`: endpoints, client and network are learned at once",
        "The same calls on seven distinct days without anything else",
        "A permission that somebody gave it in the last week, if that raised no doubt",
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
        let acts = factors.iter().filter(|factor| ACTS.contains(&factor.kind));
        let what = || match &call.scope {
            Some(scope) => format_compact!("{} {} ({scope})", call.method, call.endpoint),
            None => format_compact!("{} {}", call.method, call.endpoint),
        };
        taken_further(scene, OddityKind::Act, acts, what, findings);
        of_a_day::judge(scene, call, findings);
    }
}

/// The evidence of what is done, and not of who does it from where.
const ACTS: [&str; 9] = [
    "endpoint",
    "scope",
    "object",
    "breadth",
    "soughtBreadth",
    "graveBreadth",
    "refusedBreadth",
    "scopeBreadth",
    "objectBreadth",
];

/// The name of what others of the tenant call, among the evidence.
const AMONG_PEERS: &str = "endpointAmongPeers";

/// The value of an API.
fn service_value(call: &ApiActivity) -> u32 {
    hash(call.service.name())
}

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
    engine.reference.is_sought_call(&call.method, &call.endpoint).then(|| endpoint_value(call))
}

/// The value of one that honest workloads hardly ever begin to call.
fn grave_value(engine: &Engine, call: &ApiActivity) -> Option<u32> {
    engine.reference.is_grave_call(&call.method, &call.endpoint).then(|| endpoint_value(call))
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
    let days = scene.profile.habits.days_with(Property::Endpoint, scene.cutoff);
    let is_known = days >= scene.engine.scoring.habits.min_active_days || days > 0.0 && is_rare(scene);
    is_known || begins_to_call(scene).is_some() || has_woken(scene)
}

/// Whether it signs in for the first time today: that it calls anything then says nothing, but what it calls does, where the log
/// has told of others for long.
fn has_woken(scene: &Scene<'_>) -> bool {
    let Body::ApiActivity(call) = &scene.observation.event.body else { return false };
    woken(scene).is_some() && scene.peers.shares(Property::Api, service_value(call))
}

/// The days with sign-ins of a principal that never called an API. It is the principal that begins to call, and not the log
/// that begins to tell, if it never asked for a token for that API either, or the log has told of others for long.
fn begins_to_call(scene: &Scene<'_>) -> Option<f64> {
    let habits = &scene.profile.habits;
    let Body::ApiActivity(call) = &scene.observation.event.body else { return None };
    let resource = api_value(call.service.app());
    let never_asked = habits.knows_any(Property::Resource, scene.cutoff)
        && habits.standing(Property::Resource, resource, scene.cutoff).is_new();
    let is_told = scene.peers.shares(Property::Api, service_value(call));
    let days = habits.active_days(scene.cutoff);
    let called = habits.days_with(Property::Endpoint, scene.cutoff) > 0.0;
    ((never_asked || is_told) && !called && (days >= scene.engine.scoring.habits.min_active_days || is_rare(scene)))
        .then_some(days)
}

fn factors(scene: &Scene<'_>, call: &ApiActivity) -> Vec<Factor> {
    let endpoint = endpoint(scene, call);
    // Where a principal signs in from is judged there; here it counts beside what it never called.
    let is_new = endpoint.is_new;
    let placeless = scene.profile.head.kind == PrincipalKind::ManagedIdentity;
    let mut factors = vec![endpoint];
    factors.extend(among_peers(scene, call, is_new));
    // Kept apart, so that the kinds of looking around are counted.
    let kinds = [
        (Property::Sought, sought_value(scene.engine, call)),
        (Property::Grave, grave_value(scene.engine, call)),
        (Property::Refused, refused_value(call)),
    ];
    let kept = kinds.into_iter().filter_map(|(kind, value)| Some(Factor::of(kind, value?, "", 0.0, is_new)));
    factors.extend(kept);
    factors.extend(agent(scene, call, is_new));
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    if is_new {
        factors.extend(breadth::of_endpoints(scene, call));
    } else {
        factors.extend(scope(scene, call));
        factors.extend(object(scene, call));
    }
    let Some(network) = network(scene, call) else { return factors };
    if placeless {
        let ground = ground::outside_azure(scene, call, &network);
        // Whoever leaves Azure has a new address there, too.
        let follows = ground.as_ref().is_some_and(|ground| ground.is_new);
        factors.extend(ground);
        factors.push(if follows { Factor { bits: network.bits.min(0.0), ..network } } else { network });
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
        // It is the day that is judged, whichever call comes first.
        let any = |kind| breadth::new_today(scene, call, kind) > 0;
        bits += numbers.sought.told(any(Property::Sought));
        let is_grave = any(Property::Grave) || grave_value(scene.engine, call).is_some();
        if is_grave || sought_value(scene.engine, call).is_some() {
            bits += numbers.grave.told(is_grave);
        }
        // Of an agent, `failedAccessAttempt` speaks of it.
        if scene.profile.head.kind != PrincipalKind::Agent {
            bits += numbers.refused.told(any(Property::Refused));
        }
    }
    Factor::of(Property::Endpoint, value, "endpoint", bits, is_new)
}

/// Whether others of the tenant call it. Of vaults each workload has its own.
fn among_peers(scene: &Scene<'_>, call: &ApiActivity, is_new: bool) -> Option<Factor> {
    let bits = company(scene, call).bits;
    let bits = if call.service == Service::KeyVault { bits.min(0.0) } else { bits };
    is_new.then(|| Factor::bare(AMONG_PEERS, bits))
}

fn company(scene: &Scene<'_>, call: &ApiActivity) -> Company {
    peers::of_value(scene, Property::Endpoint, endpoint_value(call), scene.engine.scoring.peers.endpoint)
}

/// What it says that an endpoint is called which was never called before, or was.
fn novelty(scene: &Scene<'_>, endpoint: u32) -> (f64, bool) {
    if has_woken(scene) {
        return (0.0, true);
    }
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let (standing, honest) = standing(scene, endpoint);
    let bits = standing.novelty_bits(numbers.theft_new.endpoint, honest, scene.engine.scoring.habits.kappa_days);
    (scene.unless_granted(bits), standing.is_new())
}

/// The days of an endpoint, and how often an honest principal of no history calls a new one.
fn standing(scene: &Scene<'_>, endpoint: u32) -> (Standing, f64) {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let standing = scene.profile.habits.standing(Property::Endpoint, endpoint, scene.cutoff);
    match begins_to_call(scene) {
        None if has_woken(scene) => (standing, numbers.honest_woken),
        Some(days) => (Standing { active_days: days, ..standing }, numbers.honest_first_call),
        None => (standing, numbers.honest_new.endpoint),
    }
}

/// The software that calls. Another API is called with a library of its own, and beside a new endpoint a new client says
/// less: a release may bring both.
fn agent(scene: &Scene<'_>, call: &ApiActivity, beside_new: bool) -> Option<Factor> {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let value = agent_value(call)?;
    let habits = &scene.profile.habits;
    let is_new_api = habits.standing(Property::Api, service_value(call), scene.cutoff).is_new();
    if is_new_api || !habits.knows_any(Property::CallAgent, scene.cutoff) {
        return None;
    }
    let standing = habits.standing(Property::CallAgent, value, scene.cutoff);
    let kappa = scene.engine.scoring.habits.kappa_days;
    let bits = standing.novelty_bits(numbers.theft_new.agent, numbers.honest_new.agent, kappa);
    let both = numbers.agent_beside_new_endpoint.bits();
    let bits = if beside_new && standing.is_new() { bits.min(both) } else { bits };
    Some(Factor::of(Property::CallAgent, value, "client", bits, standing.is_new()))
}

/// The resource group or subscription that it works in. Beside a new endpoint a new one says nothing: new work brings both.
fn scope(scene: &Scene<'_>, call: &ApiActivity) -> Vec<Factor> {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let known = scene.profile.habits.knows_any(Property::Scope, scene.cutoff);
    let Some(value) = scope_value(call).filter(|_| known) else { return Vec::new() };
    let standing = scene.profile.habits.standing(Property::Scope, value, scene.cutoff);
    let kappa = scene.engine.scoring.habits.kappa_days;
    let bits = standing.novelty_bits(numbers.theft_new.scope, numbers.honest_new.scope, kappa);
    let one = Factor::of(Property::Scope, value, "scope", scene.unless_granted(bits), standing.is_new());
    let many = breadth::of_scopes(scene, call).filter(|_| one.is_new);
    [one].into_iter().chain(many).collect()
}

/// Whose mailbox, which site or secret: who works for a few people has nothing to look for with others. Beside a new endpoint
/// a new one says nothing.
fn object(scene: &Scene<'_>, call: &ApiActivity) -> Vec<Factor> {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let known = scene.profile.habits.knows_any(Property::Object, scene.cutoff);
    let Some(value) = object_value(call).filter(|_| known) else { return Vec::new() };
    let standing = scene.profile.habits.standing(Property::Object, value, scene.cutoff);
    let kappa = scene.engine.scoring.habits.kappa_days;
    let bits = standing.novelty_bits(numbers.theft_new.object, numbers.honest_new.object, kappa);
    let one = Factor::of(Property::Object, value, "object", scene.unless_granted(bits), standing.is_new());
    let many = breadth::of_objects(scene, call).filter(|_| one.is_new);
    [one].into_iter().chain(many).collect()
}

/// What is touched. In Azure the group that it belongs to tells more.
fn object_value(call: &ApiActivity) -> Option<u32> {
    call.object.filter(|_| call.service != Service::ResourceManager)
}

/// The value of a resource group or subscription.
fn scope_value(call: &ApiActivity) -> Option<u32> {
    call.scope.as_deref().map(hash)
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
    let is_placeless = scene.profile.head.kind == PrincipalKind::ManagedIdentity;
    let theft = if is_placeless { numbers.theft_prefix_of_managed_identity } else { numbers.theft_new.prefix };
    let mut bits = standing.novelty_bits(theft, numbers.honest_new.prefix, kappa);
    if standing.is_new() {
        // What comes from another place every day comes from nobody's.
        bits += peers::of_place(scene, None, Some(value)).bits.min(bits.max(0.0));
    }
    Some(Factor::of(Property::CallPrefix, value, "calledFrom", bits, standing.is_new()))
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
    if factor.kind == AMONG_PEERS {
        return company(scene, call).told(AMONG_PEERS, factor.bits);
    }
    if factor.kind == ground::OUTSIDE_AZURE {
        return ground::in_words(call, factor);
    }
    if let Some(seen) = breadth::in_words(scene, call, factor) {
        return fact(factor.kind, seen, "", factor.bits);
    }
    let (observed, property): (CompactString, _) = match factor.habit {
        Some((Property::CallPrefix, _)) => {
            (call.place.address.map(|address| format_compact!("{address}")).unwrap_or_default(), Property::CallPrefix)
        }
        Some((Property::Scope, _)) => (call.scope.clone().unwrap_or_default(), Property::Scope),
        // Which one it is stays out: it may be a person's.
        Some((Property::Object, _)) => {
            let object = if factor.is_new { "one that it never touched" } else { "a known one" };
            (format_compact!("{object}, by {} {}", call.method, call.endpoint), Property::Object)
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
pub(crate) fn call_values(
    engine: &Engine,
    call: &ApiActivity,
    kind: PrincipalKind,
) -> impl Iterator<Item = (Property, u32)> {
    let is_placeless = kind == PrincipalKind::ManagedIdentity;
    [
        (Property::Calling, Some(0)),
        (Property::Api, Some(service_value(call))),
        (Property::Endpoint, Some(endpoint_value(call))),
        (Property::Sought, sought_value(engine, call)),
        (Property::Grave, grave_value(engine, call)),
        (Property::Refused, refused_value(call)),
        (Property::CallAgent, agent_value(call)),
        (Property::CallPrefix, prefix_value(&call.place)),
        (Property::Scope, scope_value(call)),
        (Property::Object, object_value(call)),
        (Property::Ground, ground::value(engine, call).filter(|_| is_placeless)),
    ]
    .into_iter()
    .filter_map(|(property, value)| Some((property, value?)))
}
