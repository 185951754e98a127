//! One address is refused as several of a tenant's principals, and then let in as one of them.

use crate::peers::Tenant;
use crate::support::*;
use picket_detectors::event::{Body, EventTime, Id, Place, PrincipalId};
use picket_detectors::observation::{EntityKey, Observation, Role};
use picket_detectors::profile::prefix_value;

/// Of the network, country and city that the job comes from, but another block of addresses.
fn next_door() -> Place {
    place("198.51.107.8", 64_496, *b"DE", "Frankfurt am Main")
}

fn another(number: u128) -> PrincipalId {
    PrincipalId(Id::Guid(uuid::Uuid::from_u128(1_000 + number)))
}

/// A refused proof, as the pipeline addresses it: to the principal and to the block of addresses.
fn refused(time: EventTime, principal: Option<PrincipalId>, from: &Place) -> [Observation; 2] {
    let mut one = sign_in(time, |one| {
        one.error = 7_000_215;
        one.place = from.clone();
        one.principal = principal.clone().unwrap_or_else(|| one.principal.clone());
    });
    if let Some(principal) = principal {
        (one.entity, one.id) = (EntityKey::principal(&one.tenant, &principal), principal.0);
    }
    let prefix = prefix_value(from).expect("an address");
    [Observation { entity: EntityKey::address_block(&one.tenant, prefix), ..one.clone() }, one]
}

fn let_in(time: EventTime, from: Place) -> Vec<Observation> {
    vec![sign_in(time, |one| one.place = from)]
}

/// How many were refused, as the detection of the story says, if there is one.
fn told(story: impl IntoIterator<Item = Observation>) -> Option<String> {
    let mut tenant = Tenant::new();
    for observation in a_quiet_month().into_iter().chain(story) {
        tenant.fold(observation);
    }
    tenant.outcome.fact("principalsRefused")
}

/// `others` principals and the job are refused, a minute apart.
fn tried(others: u128, from: &Place) -> Vec<Observation> {
    let of_others = (0..others).map(|other| refused(at(30, 9, other as i64), Some(another(other)), from));
    of_others.chain([refused(at(30, 9, 30), None, from)]).flatten().collect()
}

#[test]
fn who_tries_secrets_on_four_and_gets_in_as_one_is_told_of() {
    let success = || let_in(at(30, 9, 40), next_door());
    assert_eq!(told(tried(3, &next_door()).into_iter().chain(success())).as_deref(), Some("4 or more"));
    assert_eq!(told(tried(2, &next_door()).into_iter().chain(success())), None, "three share a mistake");
    assert_eq!(told(tried(3, &next_door())), None, "nobody was let in");
}

#[test]
fn the_success_may_come_before_the_others_are_refused() {
    let first = refused(at(30, 9, 0), None, &next_door()).into_iter().chain(let_in(at(30, 9, 1), next_door()));
    let others = (0..3).flat_map(|other| refused(at(30, 9, 2 + other), Some(another(other as u128)), &next_door()));
    assert_eq!(told(first.chain(others)).as_deref(), Some("4 or more"));
}

#[test]
fn at_home_it_is_a_configuration_that_went_wrong() {
    assert_eq!(told(tried(9, &home()).into_iter().chain(let_in(at(30, 9, 40), home()))), None);
}

#[test]
fn refusals_of_another_day_are_forgotten() {
    let earlier = (0..3).flat_map(|other| refused(at(28, 9, other), Some(another(other as u128)), &next_door()));
    let story = earlier.chain(tried(0, &next_door())).chain(let_in(at(30, 9, 40), next_door()));
    assert_eq!(told(story), None);
}

#[test]
fn a_block_of_addresses_keeps_no_more_than_so_many() {
    let key = EntityKey::address_block(&tenant(), 7);
    let mut state = picket_detectors::state::EntityState::new(key);
    let engine = picket_detectors::engine::Engine::builtin();
    for other in 0..5_000 {
        let [to_block, _] = refused(at(1, 0, 0), Some(another(other)), &next_door());
        engine.fold(&mut state, &picket_detectors::tenant::Peers::default(), &to_block);
    }
    assert!(state.memory() < 16_384, "{}", state.memory());
    let tick = Observation { entity: key, ..to_principal(event("tick", at(1, 0, 0), Body::Tick), Role::Subject) };
    assert!(engine.fold(&mut state, &picket_detectors::tenant::Peers::default(), &tick).derived.is_empty());
}
