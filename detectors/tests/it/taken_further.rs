//! An odd sign-in and an odd act on one day: neither is enough alone.

use crate::support::*;
use picket_detectors::event::{EventTime, SignIn};
use picket_detectors::observation::Observation;
use picket_detectors::risk::RiskLevel;

fn call(time: EventTime, endpoint: &str) -> Observation {
    api_call(time, endpoint, |_| {})
}

/// A month of sign-ins and of calls of one endpoint, and then this.
fn after_a_month_of_calls(more: &[Observation]) -> Outcome {
    let calls = (0..30).map(|day| call(at(day, 2, 1), "/organization"));
    let mut month: Vec<Observation> = a_quiet_month().into_iter().chain(calls).collect();
    month.sort_by_key(Observation::time);
    World::run(&[month, more.to_vec()].concat())
}

/// From another network of the same city.
fn from_next_door(one: &mut SignIn) {
    one.place = place("192.0.2.9", 64_499, *b"DE", "Frankfurt am Main");
}

#[test]
fn an_odd_sign_in_and_an_odd_act_together_are_found_whichever_comes_first() {
    let (sign_in, act) = (sign_in(at(30, 9, 33), from_next_door), call(at(30, 9, 35), "/serviceprincipals"));
    let alone =
        [after_a_month_of_calls(std::slice::from_ref(&sign_in)), after_a_month_of_calls(std::slice::from_ref(&act))];
    for outcome in &alone {
        assert!(outcome.level() < RiskLevel::Medium, "{:?}", outcome.types());
        assert_eq!(outcome.fact("oddAct"), None);
    }
    for both in [[sign_in.clone(), act.clone()], [act, sign_in]] {
        let outcome = after_a_month_of_calls(&both);
        assert_eq!(outcome.fact("oddAct").as_deref(), Some("GET /serviceprincipals"));
        assert!(
            outcome.fact("oddSignIn").is_some_and(|odd| odd.contains("AS64499")),
            "{:?}",
            outcome.fact("oddSignIn")
        );
        assert!(outcome.level() >= RiskLevel::Medium);
    }
}

#[test]
fn an_odd_act_of_another_day_is_not_joined() {
    let apart = [
        sign_in(at(30, 9, 33), from_next_door),
        sign_in(at(31, 2, 0), |_| {}),
        call(at(31, 2, 2), "/serviceprincipals"),
    ];
    assert_eq!(after_a_month_of_calls(&apart).fact("oddAct"), None);
}

#[test]
fn the_more_it_looks_around_on_that_day_the_odder_the_act() {
    let weight = |endpoints: &[&str]| {
        let calls = endpoints.iter().zip(35..).map(|(endpoint, minute)| call(at(30, 9, minute), endpoint));
        let day: Vec<Observation> = std::iter::once(sign_in(at(30, 9, 33), from_next_door)).chain(calls).collect();
        let state = after_a_month_of_calls(&day).last.expect("a state");
        state.contributions.iter().find(|line| line.cause.ends_with("takenFurther")).expect("both were odd").weight
    };
    assert!(weight(&["/users"]) < weight(&["/users", "/groups", "/applications", "/serviceprincipals", "/policies"]));
}
