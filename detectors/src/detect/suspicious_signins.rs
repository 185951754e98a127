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
//! day, minutes of the hour), the network of this very credential where the principal as a whole is used from several,
//! and whether a place, country or client that is new to it is shared by the tenant's other principals. Of a principal that
//! was there before anybody looked and signs in for the first time, that it does, and what the tenant knows of the rest.
//!
//! # Inputs
//! `ServicePrincipalSignInLogs`, `ManagedIdentitySignInLogs`, agent sign-ins.
//!
//! # Window and state size
//! Habits with a half-life of 30 days, at most 32 networks, 64 prefixes, 16 deployments, 32 resources, 24 hours, 12 phases; under
//! 2 KiB for an ordinary principal. The day of the event is not part of its own baseline.
//!
//! # Score
//! Bits become a weight by `rules/scoring.yaml` (`suspicious_signins`): even odds at 10.5 bits. One episode a principal and
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

mod evidence;
mod woken;

use super::calibration::{self, CALIBRATION, calibration};
use super::episode::{self, Factor, Told, usual};
use super::finding::fact;
use super::parallel_use::parallel_use;
use super::replaced::replaced;
use super::taken_further::taken_further;
use super::{Descriptor, Detector, Finding, Findings, Scene, peers};
use crate::event::{CredentialType, Day, PrincipalKind, SignIn};
use crate::profile::{Habits, Occasions, OddityKind, Property, SignInValues, Standing, describe};
use crate::risk::Fact;
use crate::scoring::Odds;
use crate::tenant::DoubtKind;
use compact_str::{CompactString, format_compact};
pub(super) use woken::woken;

/// See the module.
#[derive(Debug)]
pub(super) struct SuspiciousSignins;

pub(super) const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "suspiciousSignins",
    title: "Suspicious sign-ins",
    attack: &["T1078.004"],
    inputs: &["ServicePrincipalSignInLogs", "ManagedIdentitySignInLogs"],
    looks_for: "Sign-ins that prove possession of a credential, judged by a likelihood ratio: how much better is each \
         explained by a thief than by this principal, honest change included? And the known places going on with a \
         credential that was used from a new one, and an odd sign-in beside an odd act on one day.",
    evidence: evidence::OF_SIGN_INS,
    scored_by: &["suspicious_signins", "parallel_use", "replacement", "taken_further"],
    false_positives: &[
        "A workload that moves to another network and runtime on the same day",
        "The first sign-ins of a standby site",
    ],
    quiet: &[
        "`confirmSafe`: place, client and resource are learned at once",
        "The same values on seven distinct days without anything else",
        "A place that at least three principals of the tenant have used, known for a week",
        "A named location that the tenant trusts",
        "An expected change announced for the principal",
        "The new place goes on and the known ones fall silent for days: it counts less",
    ],
    actions: &[
        "Ask the owners whether the workload moved or changed",
        "If not, add a new credential and remove the one that was used",
        "Look at what was called with it since",
        "If so, confirm it safe: then it is learned",
    ],
    since: "0.1.0",
};

/// The evidence of the tenant's other principals on the place, and on the client.
const PLACE_AMONG_PEERS: &str = "placeAmongPeers";
const CLIENT_AMONG_PEERS: &str = "clientAmongPeers";

/// Conditional Access blocked the sign-in: the credential was right all the same.
const BLOCKED_BY_POLICY: u32 = 53_003;

/// Whether the sign-in proves that the caller holds a credential.
pub(crate) fn proves_possession(sign_in: &SignIn) -> bool {
    sign_in.succeeded() || sign_in.error == BLOCKED_BY_POLICY
}

impl Detector for SuspiciousSignins {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        let Some((sign_in, values)) = scene.sign_in() else { return };
        if scene.late || !proves_possession(sign_in) {
            return;
        }
        let mut factors = if is_past_learning(scene) {
            factors(scene, sign_in, &values)
        } else if let Some(days) = woken(scene).filter(|_| sign_in.kind == PrincipalKind::Application) {
            woken::factors(scene, sign_in, &values, days)
        } else {
            return;
        };
        factors.extend(calibration(scene, DoubtKind::SignIn));
        let (numbers, kind) = (&scene.engine.scoring.suspicious_signins, Some(DoubtKind::SignIn));
        if let Some(told) = episode::report(scene, (&DESCRIPTOR, kind), numbers, &factors, findings) {
            findings.found.push(finding(scene, sign_in, &factors, told));
        }
        parallel_use(scene, sign_in, findings);
        replaced(scene, sign_in, &values, findings);
        // What is asked for counts with what is done; that it is usual counts here.
        let counts = |factor: &&Factor| {
            let is_asked_for = matches!(factor.habit, Some((Property::Resource, _))) && factor.bits >= 0.0;
            !is_asked_for && factor.kind != CALIBRATION
        };
        let what = || in_words(scene, sign_in, factors.iter().filter(counts));
        taken_further(scene, OddityKind::SignIn, factors.iter().filter(counts), what, findings);
    }
}

/// What is odd about it, the strongest first.
fn in_words<'f>(scene: &Scene<'_>, sign_in: &SignIn, factors: impl Iterator<Item = &'f Factor>) -> CompactString {
    let mut odd: Vec<&Factor> = factors.filter(|factor| factor.habit.is_some() && factor.bits >= 1.0).collect();
    odd.sort_by(|a, b| b.bits.total_cmp(&a.bits));
    let facts = odd.iter().take(2).map(|factor| describe_factor(scene, sign_in, factor));
    facts.map(|fact| format!("{} {}", words(&fact.kind), fact.observed)).collect::<Vec<_>>().join(", ").into()
}

/// The learning period: enough active days, or a short but dense history, or one so long that it is rare by nature.
pub(super) fn is_past_learning(scene: &Scene<'_>) -> bool {
    let (priors, habits) = (&scene.engine.scoring.habits, &scene.profile.habits);
    is_rare(scene)
        || habits.span_days(scene.cutoff) >= priors.min_span_days
            && (habits.active_days(scene.cutoff) >= priors.min_active_days
                || habits.total(Property::Hour, scene.cutoff) >= priors.dense_hours)
}

/// Known for so long that few days are its nature, and no sign of youth.
pub(super) fn is_rare(scene: &Scene<'_>) -> bool {
    scene.profile.habits.span_days(scene.cutoff) >= scene.engine.scoring.habits.max_span_days
}

fn factors(scene: &Scene<'_>, sign_in: &SignIn, values: &SignInValues) -> Vec<Factor> {
    let mut factors = Vec::with_capacity(5);
    let place_is_new = place_chain(scene, sign_in, values, &mut factors);
    factors.extend(among_peers(scene, values, &factors));
    if sign_in.place.trusted {
        // The tenant has named this place and trusts it: it is no stranger's, however new to this principal.
        let bits = scene.engine.scoring.habits.trusted_place_bits;
        for factor in &mut factors {
            factor.bits = 0.0;
        }
        factors.extend(values.prefix.map(|value| Factor::of(Property::Prefix, value, "trustedPlace", bits, false)));
    } else if !place_is_new && let Some(second_holder) = credential_network(scene, sign_in, values) {
        // That the principal is known there is no excuse: its other credentials are.
        factors.clear();
        factors.push(second_holder);
    }
    deployment(scene, values, place_is_new, &mut factors);
    resource(scene, sign_in, values, place_is_new, &mut factors);
    rhythm(scene, values, &mut factors);
    factors.extend(silence(scene));
    factors
}

/// Network, country, city, prefix as one chain: each level counts given those above it, and after the first new level
/// the rest say nothing more. True if a level was new.
fn place_chain(scene: &Scene<'_>, sign_in: &SignIn, values: &SignInValues, factors: &mut Vec<Factor>) -> bool {
    let priors = &scene.engine.scoring.habits;
    // Pipelines run on whatever machine is free.
    let (by_pipeline, pipeline) =
        (sign_in.credential_type == CredentialType::Federated, priors.honest_new.place_of_pipeline);
    let (honest, theft) = (&priors.honest_new, &priors.theft_new);
    let theft_prefix = if values.rented { theft.rented_prefix } else { theft.prefix };
    let levels = [
        (Property::Network, "network", values.network, theft.network, honest.network),
        (Property::Country, "country", values.country, theft.country, honest.country),
        (Property::City, "city", values.city, theft.city, honest.city),
        (Property::Prefix, "addressPrefix", values.prefix, theft_prefix, honest.prefix),
    ];
    let mut elsewhere = false;
    for (property, kind, value, theft, honest) in levels {
        // Where the log has only begun to tell a level, it can't be new.
        let Some(value) = value.filter(|_| scene.profile.habits.knows_any(property, scene.cutoff)) else { continue };
        let standing = scene.profile.habits.standing(property, value, scene.cutoff);
        let (is_new, honest) = (standing.is_new(), if by_pipeline { honest.max(pipeline) } else { honest });
        let bits = match (elsewhere, property) {
            (false, Property::Network) if is_new => {
                standing.novelty_bits(theft, honest, priors.kappa_days) + priors.rented_network.told(values.rented)
            }
            // A rented network is known by its country.
            (false, Property::Country) if values.rented && !is_new => 0.0,
            (false, _) => standing.novelty_bits(theft, honest, priors.kappa_days),
            (true, Property::Country) => elsewhere_bits(scene, priors.country_elsewhere, standing),
            // It follows from the rest, but is not to be learned either.
            (true, _) => 0.0,
        };
        let among_peers = match property {
            Property::Country if is_new => {
                peers::of_value(scene, property, value, scene.engine.scoring.peers.country).bits
            }
            _ => 0.0,
        };
        factors.push(Factor::of(property, value, kind, bits + among_peers, is_new));
        elsewhere |= is_new;
    }
    elsewhere
}

/// Whether a place that is new to the principal is the tenant's own, or nobody's there.
fn among_peers(scene: &Scene<'_>, values: &SignInValues, factors: &[Factor]) -> Option<Factor> {
    let (property, _) = factors.iter().find(|factor| factor.is_new)?.habit?;
    let company = peers::of_place(scene, values.network, values.prefix);
    // Within a network that it knows a principal gets new addresses of nobody's every now and then.
    let bits = if property == Property::Network { company.bits } else { company.bits.min(0.0) };
    Some(Factor::bare(PLACE_AMONG_PEERS, bits))
}

/// What a property says beside a new place, where it is not independent: another machine, honest or not, brings another
/// client along. How often it has done so is learned: who always moves and never changes its client is not excused.
fn elsewhere_bits(scene: &Scene<'_>, odds: Odds, standing: Standing) -> f64 {
    let kappa = scene.engine.scoring.habits.kappa_days;
    let moves = scene.profile.habits.standing(Property::Network, 0, scene.cutoff).new_days;
    let honest = (kappa * odds.honest + standing.new_days.min(moves)) / (kappa + moves);
    Odds { honest, ..odds }.told(standing.is_new())
}

/// Beside a new place a new client says little.
fn deployment(scene: &Scene<'_>, values: &SignInValues, elsewhere: bool, factors: &mut Vec<Factor>) {
    let priors = &scene.engine.scoring.habits;
    let Some(value) = values.deployment else { return };
    let standing = scene.profile.habits.standing(Property::Deployment, value, scene.cutoff);
    if !scene.profile.habits.knows_any(Property::Deployment, scene.cutoff) {
        return;
    }
    let bits = if elsewhere {
        elsewhere_bits(scene, priors.deployment_elsewhere, standing)
    } else {
        standing.novelty_bits(priors.theft_new.deployment, priors.honest_new.deployment, priors.kappa_days)
    };
    if standing.is_new() {
        let odds = scene.engine.scoring.peers.deployment;
        factors.push(Factor::bare(CLIENT_AMONG_PEERS, peers::of_value(scene, Property::Deployment, value, odds).bits));
    }
    if standing.is_new() || values.has_agent {
        // A known absence of any agent says nothing: a thief's client may be as silent.
        factors.push(Factor::of(Property::Deployment, value, "deployment", bits, standing.is_new()));
    }
}

fn resource(scene: &Scene<'_>, sign_in: &SignIn, values: &SignInValues, elsewhere: bool, factors: &mut Vec<Factor>) {
    let priors = &scene.engine.scoring.habits;
    let Some(value) = values.resource else { return };
    let standing = scene.profile.habits.standing(Property::Resource, value, scene.cutoff);
    // What has no place (a managed identity) is not taken along with a stolen secret: its code just asks for more.
    let placeless = values.coarse_network().is_none();
    let honest = if placeless { priors.honest_new.resource_without_place } else { priors.honest_new.resource };
    let mut bits = if elsewhere {
        elsewhere_bits(scene, priors.resource_elsewhere, standing)
    } else {
        standing.novelty_bits(priors.theft_new.resource, honest, priors.kappa_days)
    };
    if standing.is_new() {
        bits = scene.unless_granted(bits);
        let key = sign_in.resource.as_ref().map(crate::event::Id::key).unwrap_or_default();
        let odds = &priors.sought_resource;
        bits += odds.told(scene.engine.reference.sought_resource(key).is_some());
    }
    factors.push(Factor::of(Property::Resource, value, "resource", bits, standing.is_new()));
}

/// A thief comes at any hour and minute, the workload by its schedule: where in the day, and where in the hour.
/// Neighbouring bins count half. Both together are bounded, more so where nothing else could speak against them.
fn rhythm(scene: &Scene<'_>, values: &SignInValues, factors: &mut Vec<Factor>) {
    let priors = &scene.engine.scoring.habits.rhythm;
    let mut left = if values.coarse_network().is_none() { priors.max_bits / 2.0 } else { priors.max_bits };
    let cycles = [(Property::Hour, "hour", values.hour, 24), (Property::Phase, "minute", values.phase, 12)];
    for (property, kind, value, bins) in cycles {
        let days = |bin: u32| scene.profile.habits.days_of(property, bin % bins, scene.cutoff);
        let near = 0.5 * days(value) + 0.25 * days(value + 1) + 0.25 * days(value + bins - 1);
        let (prior, total) = (priors.kappa_days / f64::from(bins), scene.profile.habits.total(property, scene.cutoff));
        let own = (prior + near) / (priors.kappa_days + total);
        let bits = (1.0 / f64::from(bins) / own).log2().clamp(priors.min_bits, left);
        left -= bits.max(0.0);
        factors.push(Factor::of(property, value, kind, bits, false));
    }
}

/// How long the principal was silent, as a power of two of days, if that is long enough to be worth a word. Counted in
/// whole days before the event's own, so that the order of arrival changes nothing.
pub(crate) fn silence_before(habits: &Habits, cutoff: Day) -> Option<u32> {
    const LEAST_DAYS: u32 = 8;
    let days = u32::try_from(cutoff - habits.last_active_day(cutoff)?).ok()?;
    (days >= LEAST_DAYS).then(|| days.ilog2())
}

/// A dormant principal wakes: honest for a monthly job, which has been silent as long before.
fn silence(scene: &Scene<'_>) -> Option<Factor> {
    let priors = &scene.engine.scoring.habits;
    let value = silence_before(&scene.profile.habits, scene.cutoff)?;
    let standing = scene.profile.habits.standing(Property::Silence, value, scene.cutoff);
    let bits = standing.novelty_bits(priors.theft_new.silence, priors.honest_new.silence, priors.kappa_days);
    Some(Factor::of(Property::Silence, value, "silentFor", bits.clamp(-1.0, priors.silence_max_bits), false))
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
    Some(Factor::of(values.coarse_property(), network, "credentialNetwork", bits, false))
}

fn finding(scene: &Scene<'_>, sign_in: &SignIn, factors: &[Factor], told: Told) -> Finding {
    let numbers = &scene.engine.scoring.suspicious_signins;
    let active_days = scene.profile.habits.active_days(scene.cutoff);
    let telling = factors.iter().filter(|factor| factor.bits != 0.0);
    let facts: Vec<Fact> = telling.map(|factor| describe_factor(scene, sign_in, factor)).collect();
    Finding {
        identity: vec![scene.observation.event.id.0.clone()],
        half_life_hours: Some(numbers.half_life_hours),
        keys: sign_in.key.iter().cloned().collect(),
        explanation: explain(scene, &facts, told.bits >= numbers.even_bits),
        facts,
        total_bits: Some(told.bits),
        active_days: Some(active_days),
        ..Finding::here(scene, DESCRIPTOR.risk_event_type, told.cause, told.weight)
    }
}

fn describe_factor(scene: &Scene<'_>, sign_in: &SignIn, factor: &Factor) -> Fact {
    let place = &sign_in.place;
    let reference = &scene.engine.reference;
    let Some((property, value)) = factor.habit else { return among_peers_in_words(scene, factor) };
    let observed: CompactString = match property {
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
        _ => describe(property, value, reference).unwrap_or_default(),
    };
    fact(factor.kind, observed, usual(scene, property, factor.is_new), factor.bits)
}

fn among_peers_in_words(scene: &Scene<'_>, factor: &Factor) -> Fact {
    let values = scene.values.unwrap_or_default();
    if factor.kind == CALIBRATION {
        return calibration::in_words(scene, DoubtKind::SignIn, factor.bits);
    }
    if factor.kind == woken::NEVER_SIGNED_IN {
        return woken::in_words(scene, factor);
    }
    let company = match (factor.kind, values.deployment) {
        (CLIENT_AMONG_PEERS, Some(client)) => {
            peers::of_value(scene, Property::Deployment, client, scene.engine.scoring.peers.deployment)
        }
        _ => peers::of_place(scene, values.network, values.prefix),
    };
    company.told(factor.kind, factor.bits)
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

fn explain(scene: &Scene<'_>, facts: &[Fact], likely: bool) -> String {
    let is_seen = |fact: &&Fact| fact.bits >= 1.0 && fact.kind != woken::NEVER_SIGNED_IN;
    let mut strongest: Vec<&Fact> = facts.iter().filter(is_seen).collect();
    strongest.sort_by(|a, b| b.bits.total_cmp(&a.bits));
    let seen: Vec<String> =
        strongest.iter().take(3).map(|fact| format!("{} {}", words(&fact.kind), fact.observed)).collect();
    let name = scene.profile.head.name.as_deref().unwrap_or("This principal");
    let days = scene.profile.habits.span_days(scene.cutoff);
    let has_woken = facts.iter().any(|fact| fact.kind == woken::NEVER_SIGNED_IN);
    let seen = if seen.is_empty() { "an unusual combination of properties".to_owned() } else { seen.join(", ") };
    let verdict = if likely {
        "A thief explains this sign-in better than the workload's own habits, honest change included."
    } else {
        "That alone is as often an honest change as a theft, so look whether anybody can explain it."
    };
    if has_woken {
        return format!(
            "{name} was there before sign-ins were watched, has never signed in since, and now did, with {seen}. {verdict}"
        );
    }
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
        "silentFor" => "after a silence of",
        PLACE_AMONG_PEERS => "a place",
        CLIENT_AMONG_PEERS => "a client",
        other => other,
    }
}
