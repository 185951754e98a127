//! The first sign-in of a principal that was there all along: forgotten applications are what intruders look for, and nobody
//! misses. Nothing is known of its own habits, so the place and the client are judged by the tenant's.

use super::{CLIENT_AMONG_PEERS, PLACE_AMONG_PEERS};
use crate::detect::episode::Factor;
use crate::detect::finding::fact;
use crate::detect::{Scene, peers};
use crate::event::{Day, Id, PrincipalKind, SignIn};
use crate::profile::{Property, SignInValues};
use crate::risk::Fact;
use compact_str::format_compact;

pub(super) const NEVER_SIGNED_IN: &str = "neverSignedIn";

/// For how many days the tenant's sign-ins have been watched without one of this principal, where it was there before. One
/// that Azure hosts has no place to be judged by.
pub(in crate::detect) fn woken(scene: &Scene<'_>) -> Option<Day> {
    let since = scene.peers.sign_ins_since?;
    let head = &scene.profile.head;
    let was_there = head.created.is_some_and(|created| created.day() < since);
    let never = scene.profile.habits.active_days(scene.cutoff) <= 0.0;
    let days = scene.time.day() - since;
    let is_long = days >= scene.engine.scoring.habits.woken.least_days;
    (never && was_there && is_long && head.kind == PrincipalKind::Application).then_some(days)
}

/// That it never signed in, as a fact.
pub(super) fn in_words(scene: &Scene<'_>, factor: &Factor) -> Fact {
    let days = woken(scene).unwrap_or_default();
    let created = scene.profile.head.created.map(|created| format_compact!("created {created}")).unwrap_or_default();
    fact(
        factor.kind,
        "the first sign-in",
        format_compact!("none in {days} days of the tenant's; {created}"),
        factor.bits,
    )
}

/// What speaks for and against a theft.
pub(super) fn factors(scene: &Scene<'_>, sign_in: &SignIn, values: &SignInValues, days: Day) -> Vec<Factor> {
    let priors = &scene.engine.scoring.habits;
    let a_day = priors.woken.honest_share / f64::from(days);
    let mut factors = vec![Factor::bare(NEVER_SIGNED_IN, (-a_day.log2()).min(priors.woken.max_bits))];
    if let Some(network) = values.network {
        let bits = priors.rented_network.told(values.rented);
        factors.push(Factor::of(Property::Network, network, "network", bits, true));
    }
    if sign_in.place.trusted {
        let bits = priors.trusted_place_bits;
        factors.extend(values.prefix.map(|prefix| Factor::of(Property::Prefix, prefix, "trustedPlace", bits, false)));
    } else {
        let company = peers::of_place(scene, values.network, values.prefix);
        factors.push(Factor::bare(PLACE_AMONG_PEERS, company.bits));
    }
    if let Some(client) = values.deployment {
        let odds = scene.engine.scoring.peers.deployment;
        let company = peers::of_value(scene, Property::Deployment, client, odds);
        factors.push(Factor::bare(CLIENT_AMONG_PEERS, company.bits));
    }
    if let Some(resource) = values.resource {
        let key = sign_in.resource.as_ref().map(Id::key).unwrap_or_default();
        let bits = priors.sought_resource.told(scene.engine.reference.sought_resource(key).is_some());
        factors.push(Factor::of(Property::Resource, resource, "resource", bits, true));
    }
    factors
}
