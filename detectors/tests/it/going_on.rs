//! What goes on from day to day is one episode, whatever changes beside it every day.

use crate::support::*;
use picket_detectors::event::{Agent, ApiActivity, Body, EventTime, Place, PrincipalId, Service};
use picket_detectors::observation::{Observation, Role};
use picket_detectors::risk::RiskLevel;

/// A runner: every call comes from another address.
fn call(time: EventTime, endpoint: &str) -> Observation {
    let number = time.micros() / EventTime::MINUTE;
    let from = Place {
        address: format!("203.{}.{}.7", 1 + number / 251 % 200, number % 251).parse().ok(),
        ..Place::default()
    };
    let call = ApiActivity {
        service: Service::Graph,
        principal: PrincipalId::parse(JOB).expect("an id"),
        app: None,
        method: "GET".into(),
        endpoint: endpoint.into(),
        status: 403,
        response_bytes: 0,
        roles: Vec::new(),
        place: from,
        agent: Agent::new("azsdk-net-Identity/1.10"),
        token: None,
    };
    to_principal(event(&format!("call {time} {endpoint}"), time, Body::ApiActivity(Box::new(call))), Role::Subject)
}

fn after_a_month_of_calls(more: impl IntoIterator<Item = Observation>) -> Outcome {
    let calls = (0..30).map(|day| call(at(day, 2, 1), "/organization"));
    let mut month: Vec<Observation> = a_quiet_month().into_iter().chain(calls).collect();
    month.sort_by_key(Observation::time);
    World::run(&month.into_iter().chain(more).collect::<Vec<_>>())
}

#[test]
fn a_new_call_that_is_made_every_day_is_told_once() {
    let daily = (30..36).map(|day| call(at(day, 2, 3), "/groups"));
    let outcome = after_a_month_of_calls(daily);
    assert_eq!(outcome.types(), ["suspiciousAPITraffic"]);
    assert!(outcome.level() < RiskLevel::Medium, "{:?}", outcome.last);
}

#[test]
fn a_credential_that_is_used_in_two_places_day_by_day_is_told_of_once() {
    let elsewhere = |day| sign_in(at(day, 9, 0), |one| one.place = hideout());
    let both = (30..36).flat_map(|day| [elsewhere(day), sign_in(at(day, 14, 1), |_| {})]);
    let outcome = World::run(&a_quiet_month().into_iter().chain(both).collect::<Vec<_>>());
    let parallel =
        outcome.detections.iter().filter(|one| one.evidence.facts.iter().any(|fact| fact.kind == "usedInParallelFrom"));
    assert_eq!(parallel.count(), 1, "{:?}", outcome.types());
}
