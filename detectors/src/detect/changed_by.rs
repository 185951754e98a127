//! Who changes a principal, and from where: known to change it, or others of the tenant; from where the person is known to
//! work; and whether Microsoft holds that person at risk.

use super::finding::fact;
use super::{Evidence, Scene, peers};
use crate::event::{Actor, ActorKind, DirectoryChange, Id, hash};
use crate::profile::{Property, Standing, prefix_value};
use crate::risk::Fact;
use crate::scoring::Odds;
use compact_str::{CompactString, format_compact};

/// Who.
pub(super) const ADDED_BY: Evidence = Evidence::new(
    "addedBy",
    "who did it: known to change this principal, or others of the tenant, or an application; in a sequence, all that the addition says",
    &[
        "suspicious_credential_addition.theft_new_administrator",
        "suspicious_credential_addition.honest_new_administrator",
        "suspicious_credential_addition.kappa_changes",
        "suspicious_credential_addition.application_actor_bits",
        "peers.administrator",
    ],
);

/// From where.
pub(super) const ADDED_FROM: Evidence = Evidence::new(
    "addedFrom",
    "from where: known for this principal, or else for the person who did it, or for others of the tenant",
    &[
        "suspicious_credential_addition.theft_new_prefix",
        "suspicious_credential_addition.honest_new_prefix",
        "suspicious_credential_addition.person_place",
        "suspicious_credential_addition.kappa_person_days",
        "peers.administrator_place",
    ],
);

/// What Microsoft says of the person.
pub(super) const PERSON_AT_RISK: Evidence = Evidence::new(
    "personAtRisk",
    "Microsoft holds the person who did it to be taken over, then or later",
    &["suspicious_credential_addition.person_at_risk.bits", "suspicious_credential_addition.person_at_risk.weight_cap"],
);

/// What speaks for and against whoever gave the principal a right.
pub(super) fn facts(scene: &Scene<'_>, change: &DirectoryChange) -> Vec<Fact> {
    told(scene, change, place_by_person(scene, change))
}

/// The same of a credential: a place that was never one of those from which the principal's are changed tells of a stranger,
/// too.
pub(super) fn facts_of_credential(scene: &Scene<'_>, change: &DirectoryChange) -> Vec<Fact> {
    told(scene, change, place_by_person(scene, change).or_else(|| place_by_principal(scene, change)))
}

fn told(scene: &Scene<'_>, change: &DirectoryChange, place: Option<Fact>) -> Vec<Fact> {
    [Some(administrator(scene, change)), place, risk(scene, change)].into_iter().flatten().collect()
}

/// What Microsoft says of the person, as part of a detection's identity: a change is told again when that gets worse.
pub(super) fn said_of(change: &DirectoryChange) -> Option<Id> {
    let grade = change.actor.known.as_ref()?.risk?;
    Some(Id::Text(format_compact!("personAtRisk:{}", grade.as_str())))
}

/// The same behind the person's name.
pub(super) fn risk_in_words(change: &DirectoryChange) -> CompactString {
    let grade = change.actor.known.as_ref().and_then(|known| known.risk);
    grade.map(|grade| format_compact!(", whom Microsoft holds at risk ({}),", grade.as_str())).unwrap_or_default()
}

/// How much a change may weigh: `most`, and more where Microsoft holds the person at risk, for then two who don't know of each
/// other doubt it.
pub(super) fn weight_cap(scene: &Scene<'_>, change: &DirectoryChange, most: f64) -> f64 {
    let at_risk = scene.engine.scoring.suspicious_credential_addition.person_at_risk.weight_cap;
    if said_of(change).is_some() { most.max(at_risk) } else { most }
}

/// The name under which an actor is remembered, hashed: its id, else its name.
pub(crate) fn remembered_as(actor: &Actor) -> Option<u32> {
    let id = actor.id.as_ref().map(Id::to_string);
    id.as_deref().or(actor.name.as_deref()).map(hash)
}

pub(super) fn in_words(actor: &Actor) -> CompactString {
    let who = actor.name.clone().or_else(|| actor.id.as_ref().map(|id| format_compact!("{id}")));
    match actor.kind {
        ActorKind::Application => format_compact!("application {}", who.unwrap_or_default()),
        ActorKind::User | ActorKind::Unknown => who.unwrap_or_else(|| "somebody the record does not name".into()),
    }
}

/// Whether the principal did it to itself.
pub(super) fn is_itself(scene: &Scene<'_>, change: &DirectoryChange) -> bool {
    change.actor.id.as_ref().is_some_and(|id| *id == scene.observation.id)
}

/// Who: by the days on which this principal's credentials were changed before, and by whom.
fn administrator(scene: &Scene<'_>, change: &DirectoryChange) -> Fact {
    let numbers = &scene.engine.scoring.suspicious_credential_addition;
    let value = remembered_as(&change.actor).unwrap_or_default();
    let standing = standing(scene, Property::Administrator, value);
    let mut bits =
        standing.novelty_bits(numbers.theft_new_administrator, numbers.honest_new_administrator, numbers.kappa_changes);
    if standing.is_new() {
        bits += peers::of_value(scene, Property::Administrator, value, scene.engine.scoring.peers.administrator).bits;
    }
    if standing.is_new() && change.actor.kind == ActorKind::Application {
        bits += numbers.application_actor_bits * surprise_of_applications(scene, standing, value);
    }
    let usual = match (standing.is_new(), standing.active_days > 0.0) {
        (false, _) => "known to change its credentials".into(),
        (true, true) => format!("never before in {:.0} days with changes", standing.active_days.ceil()),
        (true, false) => "no earlier change seen".into(),
    };
    fact("addedBy", in_words(&change.actor), usual, bits)
}

/// From nothing to 1: how surprising it is that an application does it. Of one that changes others of the tenant it is not, nor
/// of a principal that is new itself, unless the tenant is known.
fn surprise_of_applications(scene: &Scene<'_>, standing: Standing, who: u32) -> f64 {
    let has_history = scene.profile.habits.active_days(scene.cutoff) > 0.0 || standing.active_days > 0.0;
    match scene.peers.shares(Property::Administrator, who) {
        true => 0.0,
        false if has_history => 1.0,
        false => scene.peers.certainty(),
    }
}

/// From where, by what else the person changed: of a place that is new to the principal, and of a person who is known to
/// administer. Of a stranger the name says it all.
fn place_by_person(scene: &Scene<'_>, change: &DirectoryChange) -> Option<Fact> {
    let numbers = &scene.engine.scoring.suspicious_credential_addition;
    let value = prefix_value(&change.actor.place).filter(|_| is_administrator(scene, change))?;
    let known = change.actor.known.as_ref().filter(|known| known.days > 0.0)?;
    let own = Standing { value_days: known.days_here, new_days: known.days_from_new, active_days: known.days };
    let Odds { theft, honest } = numbers.person_place;
    let bits = own.novelty_bits(theft, honest, numbers.kappa_person_days);
    let is_new_here = standing(scene, Property::AdministratorPrefix, value).is_new();
    is_new_here.then(|| place(scene, change, (value, own, bits), "the person's own changes"))
}

/// From where, by where the principal's credentials were changed from.
fn place_by_principal(scene: &Scene<'_>, change: &DirectoryChange) -> Option<Fact> {
    let numbers = &scene.engine.scoring.suspicious_credential_addition;
    let value = prefix_value(&change.actor.place)?;
    let standing = standing(scene, Property::AdministratorPrefix, value);
    let bits = standing.novelty_bits(numbers.theft_new_prefix, numbers.honest_new_prefix, numbers.kappa_changes);
    (standing.active_days > 0.0).then(|| place(scene, change, (value, standing, bits), "changes of it"))
}

/// The place as a fact: whether others of the tenant are administered from there counts, too, where it is new.
fn place(
    scene: &Scene<'_>,
    change: &DirectoryChange,
    (value, standing, bits): (u32, Standing, f64),
    judged_by: &str,
) -> Fact {
    let odds = scene.engine.scoring.peers.administrator_place;
    let among_peers = || peers::of_value(scene, Property::AdministratorPrefix, value, odds).bits;
    let address = change.actor.place.address.map(|address| format_compact!("{address}")).unwrap_or_default();
    if standing.is_new() {
        let usual = format!("never in {:.0} days with {judged_by}", standing.active_days.ceil());
        return fact("addedFrom", address, usual, bits + among_peers());
    }
    fact("addedFrom", address, format!("known from {judged_by}"), bits)
}

/// Whether it is known to change the principal, or others of the tenant.
fn is_administrator(scene: &Scene<'_>, change: &DirectoryChange) -> bool {
    remembered_as(&change.actor).is_some_and(|who| {
        let is_known = !standing(scene, Property::Administrator, who).is_new();
        is_known || scene.peers.shares(Property::Administrator, who)
    })
}

/// Whom Microsoft holds to be taken over.
fn risk(scene: &Scene<'_>, change: &DirectoryChange) -> Option<Fact> {
    let grade = change.actor.known.as_ref()?.risk?;
    let bits = scene.engine.scoring.suspicious_credential_addition.person_at_risk.bits.of(grade);
    Some(fact("personAtRisk", format_compact!("Microsoft says {}", grade.as_str()), "", bits))
}

/// Standing by days with changes instead of days with sign-ins.
pub(super) fn standing(scene: &Scene<'_>, property: Property, value: u32) -> Standing {
    let habits = &scene.profile.habits;
    Standing { active_days: habits.total(property, scene.cutoff), ..habits.standing(property, value, scene.cutoff) }
}
