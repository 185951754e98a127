//! What goes on from day to day is one episode, whatever changes beside it every day.

use crate::support::*;
use picket_detectors::event::{EventTime, Place};
use picket_detectors::observation::Observation;
use picket_detectors::risk::RiskLevel;

/// A runner: every call comes from another address.
fn call(time: EventTime, endpoint: &str) -> Observation {
    let number = time.micros() / EventTime::MINUTE;
    let from = Place {
        address: format!("203.{}.{}.7", 1 + number / 251 % 200, number % 251).parse().ok(),
        ..Place::default()
    };
    api_call(time, endpoint, |call| (call.place, call.status) = (from, 403))
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

/// A month at home, a first day elsewhere, and then so many days only there; beside them home goes on or not.
fn moves(days: i64, goes_on_at_home: bool) -> f64 {
    let elsewhere = |day| {
        sign_in(at(day, 2, 0), |one| {
            one.place = hideout();
            one.resource = picket_detectors::event::Id::parse(GRAPH);
        })
    };
    let home = |day| goes_on_at_home.then(|| sign_in(at(day, 14, 1), |_| {}));
    let after = (30..30 + days).flat_map(|day| std::iter::once(elsewhere(day)).chain(home(day)));
    let outcome = World::run(&a_quiet_month().into_iter().chain(after).collect::<Vec<_>>());
    outcome.last.expect("a risk state").score
}

#[test]
fn a_place_that_has_taken_over_counts_less_than_one_beside_home() {
    let (first, second, taken_over) = (moves(1, false), moves(2, false), moves(5, false));
    assert!(second >= first * 0.85, "{first} {second}: two days are no move yet");
    assert!(taken_over < first * 0.7, "{first} {taken_over}");
    assert!(moves(5, true) > first * 0.85, "home goes on");
}
