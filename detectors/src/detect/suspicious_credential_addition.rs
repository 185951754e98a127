//! # What it does
//! Judges every secret, certificate and federated credential that somebody adds to a workload identity, and raises the
//! sequence *added, then used from a place that is new to the principal*, whichever of the two records comes first.
//!
//! # Why it matters
//! A credential of one's own is how an intruder stays: it survives the rotation of the stolen one, has no second
//! factor, and on a service principal it is hidden from the App registrations page.
//!
//! # Evidence
//! Who added it (known for this principal or for others of the tenant, an application, the principal itself), from
//! where (known for the principal or for the person), whether Microsoft holds the person at risk, to which object,
//! whether the principal ever used this kind of credential, a federated issuer that is unusual, what the target may do
//! (told, not counted), and the later use.
//!
//! # Inputs
//! `AuditLogs` (any operation that changes `KeyDescription` or `FederatedIdentityCredentials`), `AzureActivity` (federated
//! credentials of managed identities, known by their resource from the inventory), sign-ins for the use, `UserRiskEvents`
//! and `RiskyUsers` for the person, in either order.
//!
//! # Window and state size
//! Administrators by occasions (16), 48 credentials, 4 uses from new places each; a credential counts as freshly added
//! for four days.
//!
//! # Score
//! Bits become a weight by `rules/scoring.yaml` (`suspicious_credential_addition`), capped below `high`; the sequence
//! is weighed by what addition, place and their coming together say, and does not fade while the credential lives.
//! Removing the credential remediates both.
//! What the target may do is impact, never likelihood.
//!
//! # Known false positives
//! A new administrator's first rotation (stays below `report_bits` on its own); a deployment pipeline that is given its
//! own identity. A new region whose credential is created for it and used there first.
//!
//! # Example
//! A service principal that has used one certificate for a year is given a secret by another application; an hour later
//! the secret is used from a hosting provider.
//!
//! # References
//! MITRE ATT&CK T1098.001, T1098; Microsoft, *Security operations for applications*.

mod evidence;

use super::calibration::{self, calibration};
use super::finding::fact;
use super::suspicious_signins::proves_possession;
use super::{Ask, Descriptor, Detector, Finding, Findings, Scene, changed_by, peers};
use crate::event::{
    ActorKind, Body, Credential, CredentialKind, DirectoryChange, EventTime, Id, KeyId, PrincipalKind, SignIn,
};
use crate::observation::Role;
use crate::profile::{Addition, NewPlaceUse, Property, Standing, prefix_value};
use crate::risk::{Fact, Impact};
use crate::scoring::weight_of;
use crate::tenant::DoubtKind;
use compact_str::{CompactString, format_compact};

/// See the module.
#[derive(Debug)]
pub(super) struct SuspiciousCredentialAddition;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "suspiciousCredentialAddition",
    title: "Suspicious credential addition",
    attack: &["T1098.001"],
    inputs: &["AuditLogs", "AzureActivity", "ServicePrincipalSignInLogs", "UserRiskEvents", "RiskyUsers"],
    looks_for: "A secret, certificate or federated credential that somebody adds in a way that honest administration of \
         this principal rarely looks like; and its use from a place that is new to the principal. Either record may \
         come first.",
    evidence: evidence::OF_ADDITIONS,
    scored_by: &["suspicious_credential_addition"],
    false_positives: &[
        "A new administrator's first rotation, which stays below `report_bits` on its own",
        "A deployment pipeline that is given its own identity",
        "A new region, whose credential is created for it and used there first",
    ],
    quiet: &[
        "The credential's removal",
        "`confirmSafe`: the administrator is learned at once",
        "An administrator who changes others of the tenant, known for a week",
        "A place that is new on a later day than the credential's first use at home",
        "An expected change announced for the principal",
    ],
    actions: &[
        "Ask whoever added the credential whether it was meant",
        "If not, remove it and look at sign-ins with its key id",
        "Where Microsoft holds that person at risk, revoke their sessions first",
        "Look at what else was done by whoever added it",
    ],
    since: "0.1.0",
};

impl Detector for SuspiciousCredentialAddition {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        match (&scene.observation.event.body, &scene.observation.role) {
            (Body::DirectoryChange(change), Role::Target | Role::OfApplication) if change.succeeded => {
                for credential in change.credentials.added.iter().filter(|credential| credential.verifies) {
                    judge_addition(scene, change, credential, findings);
                }
                // A trust that is changed keeps its key: removed and added in one record, it lives on.
                let replaced = |key: &KeyId| change.credentials.added.iter().any(|added| added.key == *key);
                for gone in change.credentials.removed.iter().filter(|gone| !replaced(&gone.key)) {
                    findings.asks.push(Ask::RemediateKey(gone.key.clone()));
                }
            }
            (Body::SignIn(sign_in), Role::Subject) => judge_use(scene, sign_in, findings),
            _ => {}
        }
    }
}

fn judge_addition(scene: &Scene<'_>, change: &DirectoryChange, credential: &Credential, findings: &mut Findings) {
    let numbers = &scene.engine.scoring.suspicious_credential_addition;
    let mut facts = addition_facts(scene, change, credential);
    let bits = total(&facts);
    if bits >= numbers.report_bits && !is_platform_rotation(scene, change, credential) {
        let here = calibration(scene, DoubtKind::CredentialAddition);
        facts.extend(here.map(|here| calibration::in_words(scene, DoubtKind::CredentialAddition, here.bits)));
        report_addition(scene, change, credential, facts, bits, findings);
    }
    let addition = Addition { tenth_bits: tenths(bits), ..addition_of(scene, change) };
    let used = scene.profile.credentials.find(&credential.key);
    if let Some(first) = used.and_then(|known| joined_use(scene, &addition, &known.new_place_uses)) {
        sequence(scene, &credential.key, &addition, first, findings);
    }
}

fn total(facts: &[Fact]) -> f64 {
    facts.iter().map(|fact| f64::from(fact.bits)).sum()
}

fn tenths(bits: f64) -> i16 {
    (bits * 10.0).round() as i16
}

/// The platform rotates the certificates of managed identities by itself. Its name can be borrowed, so it excuses only
/// that.
fn is_platform_rotation(scene: &Scene<'_>, change: &DirectoryChange, credential: &Credential) -> bool {
    let name = change.actor.name.as_deref().unwrap_or_default();
    change.actor.kind == ActorKind::Application
        && scene.profile.head.kind == PrincipalKind::ManagedIdentity
        && scene.engine.reference.is_platform_rotation(name, credential.kind)
}

fn report_addition(
    scene: &Scene<'_>,
    change: &DirectoryChange,
    credential: &Credential,
    facts: Vec<Fact>,
    bits: f64,
    findings: &mut Findings,
) {
    let numbers = &scene.engine.scoring.suspicious_credential_addition;
    let cause = cause(&credential.key);
    let who = changed_by::remembered_as(&change.actor).map(|who| (Property::Administrator, who));
    let from = prefix_value(&change.actor.place).map(|prefix| (Property::AdministratorPrefix, prefix));
    for (property, value) in who.into_iter().chain(from) {
        if changed_by::standing(scene, property, value).is_new() {
            findings.asks.push(Ask::Quarantine(property, value, cause.clone()));
        }
    }
    let (by_itself, bits) = (bits, total(&facts));
    let weight = weight_of(bits, numbers.even_bits, changed_by::weight_cap(scene, change, numbers.weight_cap));
    match scene.standing_weight(&cause) {
        Some(standing) if weight <= standing => {}
        Some(_) if changed_by::said_of(change).is_some() => {
            findings.found.push(addition_finding(scene, change, credential, facts, bits, weight));
        }
        Some(_) => findings.asks.push(Ask::Renew(cause, weight)),
        None => {
            findings.asks.extend((by_itself < numbers.even_bits).then_some(Ask::Doubt(DoubtKind::CredentialAddition)));
            findings.found.push(addition_finding(scene, change, credential, facts, bits, weight));
        }
    }
}

/// How an addition is remembered and joined.
fn addition_of(scene: &Scene<'_>, change: &DirectoryChange) -> Addition {
    Addition {
        time: scene.time,
        act: change.correlation.clone().unwrap_or_else(|| scene.observation.event.id.0.clone()),
        actor: changed_by::in_words(&change.actor),
        tenth_bits: 0,
    }
}

/// How a change's additions are remembered: by the most suspicious of them.
pub(crate) fn remembered_addition(scene: &Scene<'_>, change: &DirectoryChange) -> Option<Addition> {
    let verifying = change.credentials.added.iter().filter(|credential| credential.verifies);
    let bits = verifying.map(|credential| tenths(total(&addition_facts(scene, change, credential)))).max()?;
    Some(Addition { tenth_bits: bits, ..addition_of(scene, change) })
}

fn addition_facts(scene: &Scene<'_>, change: &DirectoryChange, credential: &Credential) -> Vec<Fact> {
    let numbers = &scene.engine.scoring.suspicious_credential_addition;
    let mut facts = changed_by::facts_of_credential(scene, change);
    if changed_by::is_itself(scene, change) {
        facts.push(fact("addedByItself", changed_by::in_words(&change.actor), "", numbers.self_added_bits));
    }
    if change.principal.is_some() && scene.observation.role == Role::Target {
        let on = "the service principal, not the application";
        facts.push(fact("addedTo", on, "the application", numbers.on_service_principal_bits));
    }
    let mut kinds: Vec<CredentialKind> = scene
        .profile
        .credentials
        .iter()
        .filter(|known| known.key != credential.key)
        .filter_map(|known| known.kind)
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    if !kinds.is_empty() && !kinds.contains(&credential.kind) {
        facts.push(fact("credentialKind", kind_in_words(credential.kind), format!("{kinds:?}"), numbers.new_kind_bits));
    }
    facts.extend(privilege(scene));
    facts.extend(widened(scene, change, credential));
    facts.extend(trust(scene, credential));
    facts
}

/// Whom a federated credential trusts: somebody whom others of the tenant trust, too, or a stranger.
fn trust(scene: &Scene<'_>, credential: &Credential) -> Vec<Fact> {
    let numbers = &scene.engine.scoring.suspicious_credential_addition;
    let mut facts = Vec::new();
    let company = peers::of_trust(scene, credential);
    let is_shared = company.is_some_and(|company| company.principals > 0);
    let is_usual = |issuer: &&str| is_shared || scene.engine.reference.is_usual_issuer(issuer);
    if let Some(issuer) = credential.issuer.as_deref().filter(|issuer| !is_usual(issuer)) {
        facts.push(fact("issuer", issuer, "well-known CI systems and clouds", numbers.unknown_issuer_bits));
    }
    if let Some((company, trusted)) = company.zip(credential.trusted()) {
        facts.push(fact("trustAmongPeers", trusted, format!("known to {}", company.in_words()), company.bits));
    }
    facts
}

/// A federated credential that now trusts somebody else, or more than one subject.
fn widened(scene: &Scene<'_>, change: &DirectoryChange, credential: &Credential) -> Vec<Fact> {
    let numbers = &scene.engine.scoring.suspicious_credential_addition;
    let mut facts = Vec::new();
    let before = change.credentials.removed.iter().find(|gone| gone.key == credential.key);
    if let Some(before) = before.filter(|before| before.issuer != credential.issuer) {
        let issuer = |one: &Credential| one.issuer.clone().unwrap_or_default();
        facts.push(fact("issuerChanged", issuer(credential), issuer(before), numbers.issuer_changed_bits));
    }
    let subject = credential.subject.as_deref().unwrap_or_default();
    if subject.contains('*') || subject.contains("claims[") {
        facts.push(fact("subject", subject, "one subject", numbers.many_subjects_bits));
    }
    facts
}

/// What the target may do: told, because it sets the priority, and never counted as likelihood.
fn privilege(scene: &Scene<'_>) -> Option<Fact> {
    let head = &scene.profile.head;
    let weighty = |grant: &&CompactString| scene.engine.reference.impact(grant) == head.impact;
    let grants: Vec<&str> = head.grants.iter().filter(weighty).take(3).map(CompactString::as_str).collect();
    let worth = match head.impact {
        Impact::TenantTakeover => "can take the whole tenant",
        Impact::Sensitive => "may read or change sensitive data",
        Impact::Unknown | Impact::Limited => return None,
    };
    Some(fact("privilege", format_compact!("{worth}: {}", grants.join(", ")), "", 0.0))
}

fn kind_in_words(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Secret => "a secret",
        CredentialKind::Certificate => "a certificate",
        CredentialKind::Federated => "a federated credential",
        CredentialKind::Other => "a key",
    }
}

fn cause(key: &KeyId) -> CompactString {
    format_compact!("credential:{key}")
}

fn addition_finding(
    scene: &Scene<'_>,
    change: &DirectoryChange,
    credential: &Credential,
    facts: Vec<Fact>,
    bits: f64,
    weight: f64,
) -> Finding {
    let numbers = &scene.engine.scoring.suspicious_credential_addition;
    let addition = addition_of(scene, change);
    let name = scene.profile.head.name.as_ref().or(change.name.as_ref());
    let explanation = format!(
        "{}{} added {} to {} in a way that honest administration of it rarely looks like. \
         If nobody can explain the change, remove the credential {} and look at what it was used for.",
        addition.actor,
        changed_by::risk_in_words(change),
        kind_in_words(credential.kind),
        name.map_or("this principal", CompactString::as_str),
        credential.key
    );
    Finding {
        identity: sorted(
            [addition.act, credential.key.0.clone()].into_iter().chain(changed_by::said_of(change)).collect(),
        ),
        half_life_hours: Some(numbers.half_life_hours),
        correlation: change.correlation.clone(),
        place: change.actor.place.clone(),
        total_bits: Some(bits),
        ..base(&credential.key, cause(&credential.key), weight, facts, explanation)
    }
}

/// A sign-in with a freshly added credential from a place that is new to the principal.
fn judge_use(scene: &Scene<'_>, sign_in: &SignIn, findings: &mut Findings) {
    let Some(new_use) = new_place_use(scene, sign_in) else { return };
    let Some(known) = sign_in.key.as_ref().and_then(|key| scene.profile.credentials.find(key)) else { return };
    let Some(addition) = &known.added else { return };
    if let Some(first) = joined_use(scene, addition, std::slice::from_ref(&new_use)) {
        sequence(scene, &known.key, addition, first, findings);
    }
}

/// The sign-in as a use from a new place, if it is one: the principal was seen before, and never there.
pub(crate) fn new_place_use(scene: &Scene<'_>, sign_in: &SignIn) -> Option<NewPlaceUse> {
    let values = scene.values?;
    // An address block alone says little: without the network's number, the country is the place.
    let (property, place) = match (values.network, values.country) {
        (Some(network), _) => (Property::Network, network),
        (None, Some(country)) => (Property::Country, country),
        (None, None) => (Property::Prefix, values.prefix?),
    };
    let habits = &scene.profile.habits;
    let standing = habits.standing(property, place, scene.cutoff);
    let was_elsewhere = habits.knows_any(property, scene.cutoff);
    (was_elsewhere && standing.is_new() && !sign_in.place.trusted && proves_possession(sign_in)).then(|| NewPlaceUse {
        time: scene.time,
        event: scene.observation.event.id.0.clone(),
        network: place,
        place: crate::profile::describe(property, place, &scene.engine.reference)
            .or_else(|| sign_in.place.address.map(|address| format_compact!("{address}")))
            .unwrap_or_default(),
        tenth_bits: tenths(place_bits(scene, (property, place), values.prefix, standing)),
    })
}

/// How surprising the place is for this principal: a runner that always moves surprises nobody.
fn place_bits(scene: &Scene<'_>, (property, place): (Property, u32), prefix: Option<u32>, standing: Standing) -> f64 {
    let priors = &scene.engine.scoring.habits;
    let (theft, honest) = match property {
        Property::Country => (priors.theft_new.country, priors.honest_new.country),
        Property::Prefix => (priors.theft_new.prefix, priors.honest_new.prefix),
        _ => (priors.theft_new.network, priors.honest_new.network),
    };
    let among_peers = match property {
        Property::Network => peers::of_place(scene, Some(place), prefix),
        _ => peers::of_place(scene, None, prefix),
    };
    standing.novelty_bits(theft, honest, priors.kappa_days) + among_peers.bits
}

/// The first use that belongs to an addition and is surprising, by its place or because the addition was. Clocks of two
/// log categories differ by seconds, hence the allowance.
fn joined_use<'u>(scene: &Scene<'_>, addition: &Addition, uses: &'u [NewPlaceUse]) -> Option<&'u NewPlaceUse> {
    let numbers = &scene.engine.scoring.suspicious_credential_addition;
    let (from, to) =
        (addition.time.plus(-5 * EventTime::MINUTE), addition.time.plus(numbers.join_days * EventTime::DAY));
    let suspicious = addition.tenth_bits >= tenths(numbers.report_bits);
    let surprising = |one: &&NewPlaceUse| suspicious || one.tenth_bits >= tenths(numbers.sequence_place_bits);
    uses.iter().filter(|one| from <= one.time && one.time <= to).find(surprising)
}

fn sequence(scene: &Scene<'_>, key: &KeyId, addition: &Addition, first: &NewPlaceUse, findings: &mut Findings) {
    let cause = format_compact!("credential:{key}:used");
    if scene.standing_weight(&cause).is_some() {
        return;
    }
    let numbers = &scene.engine.scoring.suspicious_credential_addition;
    // What the workload itself has taken into use was meant for it; that it moves afterwards is judged as a move.
    if scene.profile.credentials.began_at_home(key, first.time) {
        return;
    }
    let facts = vec![
        fact("addedBy", addition.actor.clone(), "", f64::from(addition.tenth_bits) / 10.0),
        fact("usedFrom", first.place.clone(), "never from there before", f64::from(first.tenth_bits) / 10.0),
        fact("usedSoon", "the credential is fresh, and this its first place", "", numbers.sequence_bits),
    ];
    let bits = total(&facts);
    if bits < numbers.sequence.report_bits {
        return;
    }
    let weight = weight_of(bits, numbers.sequence.even_bits, numbers.sequence.weight_cap);
    let explanation = format!(
        "A credential that {} added at {} was used at {} from {}, where {} has never been seen. \
         Adding a credential and using it from elsewhere is how an intruder stays after the stolen one is rotated.",
        addition.actor,
        addition.time,
        first.time,
        first.place,
        scene.profile.head.name.as_deref().unwrap_or("this principal"),
    );
    findings.found.push(Finding {
        // The credential names the sequence; which of several records of its addition or use arrives first does not.
        identity: sorted(vec![key.0.clone(), Id::Text("used".into())]),
        half_life_hours: None,
        ground: Some(key.clone()),
        activity: "signin",
        request: Some(first.event.clone()),
        total_bits: Some(bits),
        ..base(key, cause, weight, facts, explanation)
    });
}

fn sorted(mut ids: Vec<Id>) -> Vec<Id> {
    ids.sort();
    ids
}

fn base(key: &KeyId, cause: CompactString, weight: f64, facts: Vec<Fact>, explanation: String) -> Finding {
    Finding {
        ground: Some(key.clone()),
        keys: vec![key.clone()],
        facts,
        explanation,
        ..Finding::new(DESCRIPTOR.risk_event_type, cause, weight)
    }
}
