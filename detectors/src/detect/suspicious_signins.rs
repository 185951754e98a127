//! # What it does
//! Judges every sign-in that proves possession of a credential by a likelihood ratio: how much better is it explained by
//! a thief than by this principal, honest change included?
//!
//! # Why it matters
//! A stolen secret or certificate is first seen as a sign-in that the workload itself would not make. "Never seen
//! before" alone is noisy: CI runners and serverless egress change address all day, and honest change is far more common
//! than theft.
//!
//! # Evidence
//! One fact a property: the place as one chain (network, country, city, prefix: only the first new level counts, the
//! rest follow from it), the deployment (client software and credential type), the resource, the rhythm (hour of the
//! day, minutes of the hour), and the network of this very credential where the principal as a whole is used from several.
//!
//! # Inputs
//! `ServicePrincipalSignInLogs`, `ManagedIdentitySignInLogs`, agent sign-ins.
//!
//! # Window and state size
//! Habits with a half-life of 30 days, at most 32 networks, 64 prefixes, 16 deployments, 32 resources, 24 hours, 12 phases; under
//! 2 KiB for an ordinary principal. The day of the event is not part of its own baseline.
//!
//! # Score
//! Bits become a weight by `rules/scoring.yaml` (`suspicious_signins`): even odds at 8 bits. One episode a principal and
//! day, scored by its maximum; its new values go to quarantine.
//!
//! # Known false positives
//! A planned move of a workload to another network and runtime on the same day; the first sign-ins of a standby site.
//! Confirm safe teaches it.
//!
//! # Example
//! A nightly job that has come from AS64496 in Germany for a month signs in from a hosting provider in another country
//! with `python-requests` and asks for Microsoft Graph, which it never did.
//!
//! # References
//! Microsoft Entra ID Protection, *Suspicious Sign-ins*; MITRE ATT&CK T1078.004.

use super::finding::fact;
use super::{Ask, Descriptor, Detector, Finding, Findings, Scene};
use crate::event::{CredentialType, SignIn};
use crate::profile::{Occasions, Property, SignInValues, Standing, describe};
use crate::risk::{Fact, Fate};
use crate::scoring::weight_of;
use compact_str::{CompactString, format_compact};

/// See the module.
#[derive(Debug)]
pub(super) struct SuspiciousSignins;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "suspiciousSignins",
    title: "Suspicious sign-ins",
    attack: &["T1078.004"],
    inputs: &["ServicePrincipalSignInLogs", "ManagedIdentitySignInLogs"],
    since: "0.1.0",
};

/// Conditional Access blocked the sign-in: the credential was right all the same.
const BLOCKED_BY_POLICY: u32 = 53_003;

/// Whether the sign-in proves that the caller holds a credential.
pub(crate) fn proves_possession(sign_in: &SignIn) -> bool {
    sign_in.succeeded() || sign_in.error == BLOCKED_BY_POLICY
}

/// One property's evidence.
struct Factor {
    property: Property,
    value: u32,
    /// The name in the facts.
    kind: &'static str,
    bits: f64,
    is_new: bool,
}

impl Detector for SuspiciousSignins {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        let Some((sign_in, values)) = scene.sign_in() else { return };
        if scene.late || !proves_possession(sign_in) || !is_past_learning(scene) {
            return;
        }
        let factors = factors(scene, sign_in, &values);
        let bits = factors.iter().map(|factor| factor.bits).sum::<f64>();
        let numbers = &scene.engine.scoring.suspicious_signins;
        if bits >= numbers.report_bits {
            report(scene, sign_in, &factors, bits, findings);
        }
    }
}

/// The learning period: enough active days, or a short but dense history, or one so long that it is rare by nature.
fn is_past_learning(scene: &Scene<'_>) -> bool {
    let (priors, habits) = (&scene.engine.scoring.habits, &scene.profile.habits);
    let span = habits.span_days(scene.cutoff);
    span >= priors.min_span_days
        && (span >= priors.max_span_days
            || habits.active_days(scene.cutoff) >= priors.min_active_days
            || habits.total(Property::Hour, scene.cutoff) >= priors.dense_hours)
}

fn factors(scene: &Scene<'_>, sign_in: &SignIn, values: &SignInValues) -> Vec<Factor> {
    let mut factors = Vec::with_capacity(5);
    let place_is_new = place_chain(scene, values, &mut factors);
    if sign_in.place.trusted {
        // The tenant has named this place and trusts it: it is no stranger's, however new to this principal.
        let bits = scene.engine.scoring.habits.trusted_place_bits;
        for factor in &mut factors {
            factor.bits = 0.0;
        }
        factors.extend(values.prefix.map(|value| Factor {
            property: Property::Prefix,
            value,
            kind: "trustedPlace",
            bits,
            is_new: false,
        }));
    } else if !place_is_new && let Some(second_holder) = credential_network(scene, sign_in, values) {
        // That the principal is known there is no excuse: its other credentials are.
        factors.clear();
        factors.push(second_holder);
    }
    deployment(scene, values, &mut factors);
    resource(scene, sign_in, values, &mut factors);
    rhythm(scene, values, &mut factors);
    factors
}

/// Network, country, city, prefix as one chain: each level counts given those above it, and after the first new level
/// the rest say nothing more. True if a level was new.
fn place_chain(scene: &Scene<'_>, values: &SignInValues, factors: &mut Vec<Factor>) -> bool {
    let priors = &scene.engine.scoring.habits;
    let (honest, theft) = (&priors.honest_new, &priors.theft_new);
    let theft_prefix = if values.rented { theft.rented_prefix } else { theft.prefix };
    let levels = [
        (Property::Network, "network", values.network, theft.network, honest.network),
        (Property::Country, "country", values.country, theft.country, honest.country),
        (Property::City, "city", values.city, theft.city, honest.city),
        (Property::Prefix, "addressPrefix", values.prefix, theft_prefix, honest.prefix),
    ];
    for (property, kind, value, theft, honest) in levels {
        let Some(value) = value else { continue };
        let standing = scene.profile.habits.standing(property, value, scene.cutoff);
        if !scene.profile.habits.knows_any(property, scene.cutoff) {
            // The log has only begun to tell this level: it can't be new.
            continue;
        }
        let mut bits = standing.novelty_bits(theft, honest, priors.kappa_days);
        let is_new = standing.is_new();
        if is_new && property == Property::Network && values.rented {
            bits += priors.rented_network.bits();
        }
        factors.push(Factor { property, value, kind, bits, is_new });
        if is_new {
            return true;
        }
    }
    false
}

fn deployment(scene: &Scene<'_>, values: &SignInValues, factors: &mut Vec<Factor>) {
    let priors = &scene.engine.scoring.habits;
    let Some(value) = values.deployment else { return };
    let standing = scene.profile.habits.standing(Property::Deployment, value, scene.cutoff);
    if !scene.profile.habits.knows_any(Property::Deployment, scene.cutoff) {
        return;
    }
    let bits = standing.novelty_bits(priors.theft_new.deployment, priors.honest_new.deployment, priors.kappa_days);
    if standing.is_new() || values.has_agent {
        // A known absence of any agent says nothing: a thief's client may be as silent.
        factors.push(Factor {
            property: Property::Deployment,
            value,
            kind: "deployment",
            bits,
            is_new: standing.is_new(),
        });
    }
}

fn resource(scene: &Scene<'_>, sign_in: &SignIn, values: &SignInValues, factors: &mut Vec<Factor>) {
    let priors = &scene.engine.scoring.habits;
    let Some(value) = values.resource else { return };
    let standing = scene.profile.habits.standing(Property::Resource, value, scene.cutoff);
    // What has no place (a managed identity) is not taken along with a stolen secret: its code just asks for more.
    let placeless = values.coarse_network().is_none();
    let honest = if placeless { priors.honest_new.resource_without_place } else { priors.honest_new.resource };
    let mut bits = standing.novelty_bits(priors.theft_new.resource, honest, priors.kappa_days);
    if standing.is_new() {
        let key = sign_in.resource.as_ref().map(crate::event::Id::key).unwrap_or_default();
        let odds = &priors.sought_resource;
        let sought = scene.engine.reference.sought_resource(key).is_some();
        bits += if sought { odds.bits() } else { ((1.0 - odds.theft) / (1.0 - odds.honest)).log2() };
    }
    factors.push(Factor { property: Property::Resource, value, kind: "resource", bits, is_new: standing.is_new() });
}

/// A thief comes at any hour and minute, the workload by its schedule: where in the day, and where in the hour.
/// Neighbouring bins count half. Both together are bounded, more so where nothing else could speak against them.
fn rhythm(scene: &Scene<'_>, values: &SignInValues, factors: &mut Vec<Factor>) {
    let priors = &scene.engine.scoring.habits.rhythm;
    let mut left = if values.coarse_network().is_none() { priors.max_bits / 2.0 } else { priors.max_bits };
    let cycles = [(Property::Hour, "hour", values.hour, 24), (Property::Phase, "minute", values.phase, 12)];
    for (property, kind, value, bins) in cycles {
        let days = |bin: u32| scene.profile.habits.standing(property, bin % bins, scene.cutoff).value_days;
        let near = 0.5 * days(value) + 0.25 * days(value + 1) + 0.25 * days(value + bins - 1);
        let (prior, total) = (priors.kappa_days / f64::from(bins), scene.profile.habits.total(property, scene.cutoff));
        let own = (prior + near) / (priors.kappa_days + total);
        let bits = (1.0 / f64::from(bins) / own).log2().clamp(priors.min_bits, left);
        left -= bits.max(0.0);
        factors.push(Factor { property, value, kind, bits, is_new: false });
    }
}

/// The principal is used from several networks, but this credential was not: a second holder of it.
fn credential_network(scene: &Scene<'_>, sign_in: &SignIn, values: &SignInValues) -> Option<Factor> {
    let priors = &scene.engine.scoring.habits;
    let network = values.coarse_network()?;
    let credential = scene.profile.credentials.find(sign_in.key.as_ref()?)?;
    let landmark = scene.profile.credentials.landmark();
    let days = credential.active.before(scene.cutoff, landmark);
    let was_there = |(value, days): &(u32, Occasions)| *value == network && days.has_before(scene.cutoff, landmark);
    if days < priors.min_active_days || credential.networks.iter().any(was_there) {
        return None;
    }
    let others = credential.networks.len().saturating_sub(1) as f64;
    let standing = Standing { value_days: 0.0, new_days: others, active_days: days };
    let bits = standing.novelty_bits(
        priors.theft_new.credential_network,
        priors.honest_new.credential_network,
        priors.kappa_days,
    );
    Some(Factor { property: values.coarse_property(), value: network, kind: "credentialNetwork", bits, is_new: false })
}

fn report(scene: &Scene<'_>, sign_in: &SignIn, factors: &[Factor], bits: f64, findings: &mut Findings) {
    let numbers = &scene.engine.scoring.suspicious_signins;
    let cause = episode(scene, factors);
    let weight = weight_of(bits, numbers.even_bits, numbers.weight_cap);
    for factor in factors.iter().filter(|factor| factor.is_new) {
        findings.asks.push(Ask::Quarantine(factor.property, factor.value, cause.clone()));
    }
    match scene.standing_weight(&cause) {
        Some(standing) if !is_told_again(standing, weight, scene) => findings.asks.push(Ask::Renew(cause, weight)),
        _ => findings.found.push(finding(scene, sign_in, factors, bits, weight, cause)),
    }
}

/// The cause that names the episode: an earlier one if it holds all that is new here, else today's. One that was cleared
/// takes in no more than what it held: a theft after a dismissal is an episode of its own.
fn episode(scene: &Scene<'_>, factors: &[Factor]) -> CompactString {
    let findings = &scene.profile.findings;
    let held = factors.iter().filter(|factor| factor.is_new);
    let held: Option<Vec<_>> = held.map(|factor| findings.quarantine.find(factor.property, factor.value)).collect();
    if let Some(first) = held.into_iter().flatten().map(|held| &held.cause).min() {
        return first.clone();
    }
    let day = scene.time.day();
    let mut cause = format_compact!("suspiciousSignins:{day}");
    let mut ordinal = 1;
    while findings.ledger.find(&cause, scene.now).is_some_and(|(entry, _)| entry.fate != Fate::Stands) {
        ordinal += 1;
        cause = format_compact!("suspiciousSignins:{day}.{ordinal}");
    }
    cause
}

/// Within an episode only evidence much stronger than what stands, as it has faded, is worth another detection.
fn is_told_again(standing: f64, weight: f64, scene: &Scene<'_>) -> bool {
    let bits = |weight: f64| -(1.0 / weight - 1.0).log2();
    bits(weight) >= bits(standing) + scene.engine.scoring.suspicious_signins.new_detection_bits
}

fn finding(
    scene: &Scene<'_>,
    sign_in: &SignIn,
    factors: &[Factor],
    bits: f64,
    weight: f64,
    cause: CompactString,
) -> Finding {
    let active_days = scene.profile.habits.active_days(scene.cutoff);
    let facts: Vec<Fact> = factors.iter().map(|factor| describe_factor(scene, sign_in, factor)).collect();
    Finding {
        risk_event_type: DESCRIPTOR.risk_event_type,
        cause,
        identity: vec![scene.observation.event.id.0.clone()],
        weight,
        half_life_hours: Some(scene.engine.scoring.suspicious_signins.half_life_hours),
        ground: None,
        ends: None,
        keys: sign_in.key.iter().cloned().collect(),
        activity: "signin",
        request: Some(scene.observation.event.id.0.clone()),
        correlation: sign_in.correlation.clone(),
        place: sign_in.place.clone(),
        explanation: explain(scene, &facts, bits >= scene.engine.scoring.suspicious_signins.even_bits),
        facts,
        total_bits: Some(bits),
        active_days: Some(active_days),
    }
}

fn describe_factor(scene: &Scene<'_>, sign_in: &SignIn, factor: &Factor) -> Fact {
    let place = &sign_in.place;
    let reference = &scene.engine.reference;
    let in_words = || describe(factor.property, factor.value, reference).unwrap_or_default();
    let observed: CompactString = match factor.property {
        Property::City => place.city.clone().unwrap_or_default(),
        Property::Prefix => place.address.map(|address| format_compact!("{address}")).unwrap_or_default(),
        Property::Deployment => format_compact!(
            "{} with {}",
            sign_in.agent.text.as_deref().unwrap_or("unnamed client"),
            credential_in_words(sign_in.credential_type)
        ),
        Property::Resource => sign_in
            .resource_name
            .clone()
            .or_else(|| sign_in.resource.as_ref().map(|id| format_compact!("{id}")))
            .unwrap_or_default(),
        Property::Network
        | Property::Country
        | Property::Hour
        | Property::Phase
        | Property::Administrator
        | Property::AdministratorPrefix => in_words(),
    };
    fact(factor.kind, observed, usual(scene, factor), factor.bits)
}

fn credential_in_words(credential: CredentialType) -> &'static str {
    match credential {
        CredentialType::Unknown => "an unnamed credential",
        CredentialType::None => "no credential",
        CredentialType::ClientSecret => "a secret",
        CredentialType::ClientAssertion => "an assertion",
        CredentialType::Certificate => "a certificate",
        CredentialType::Federated => "a federated token",
        CredentialType::ManagedIdentity => "the platform's identity",
    }
}

/// The most frequent known values in words, else how many are known.
fn usual(scene: &Scene<'_>, factor: &Factor) -> CompactString {
    let known = scene.profile.habits.known(factor.property, scene.cutoff);
    let active = scene.profile.habits.active_days(scene.cutoff).max(1.0);
    let words: Vec<_> = known
        .iter()
        .take(3)
        .filter_map(|(value, days)| {
            let word = describe(factor.property, *value, &scene.engine.reference)?;
            let share = 100.0 * days / active;
            Some(format!("{word} ({share:.0} % of days)"))
        })
        .collect();
    let novelty = if factor.is_new { "never this one; " } else { "" };
    match (words.is_empty(), known.len()) {
        (true, 0) => "nothing known".into(),
        (true, 1) => format_compact!("{novelty}1 value known"),
        (true, n) => format_compact!("{novelty}{n} values known"),
        (false, n) if n > 3 => format_compact!("{novelty}{} and {} more", words.join(", "), n - 3),
        (false, _) => format_compact!("{novelty}{}", words.join(", ")),
    }
}

fn explain(scene: &Scene<'_>, facts: &[Fact], likely: bool) -> String {
    let mut strongest: Vec<&Fact> = facts.iter().filter(|fact| fact.bits >= 1.0).collect();
    strongest.sort_by(|a, b| b.bits.total_cmp(&a.bits));
    let seen: Vec<String> =
        strongest.iter().take(3).map(|fact| format!("{} {}", words(&fact.kind), fact.observed)).collect();
    let name = scene.profile.head.name.as_deref().unwrap_or("This principal");
    let days = scene.profile.habits.span_days(scene.cutoff);
    let seen = if seen.is_empty() { "an unusual combination of properties".to_owned() } else { seen.join(", ") };
    let verdict = if likely {
        "A thief explains this sign-in better than the workload's own habits, honest change included."
    } else {
        "That alone is as often an honest change as a theft, so look whether anybody can explain it."
    };
    format!("{name} signed in with {seen}, which it has not done in the {days} days that it is known. {verdict}")
}

fn words(kind: &str) -> &str {
    match kind {
        "network" => "the network",
        "country" => "the country",
        "city" => "the city",
        "addressPrefix" => "the address",
        "deployment" => "the client",
        "resource" => "a token for",
        "hour" => "the hour",
        "minute" => "the schedule's",
        "credentialNetwork" => "this credential from the network",
        other => other,
    }
}
