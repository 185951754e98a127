//! What is called, and where tokens go.

use crate::support::*;
use picket_detectors::event::{EventTime, Id, Place};
use picket_detectors::observation::Observation;
use picket_detectors::risk::RiskLevel;

/// A month of sign-ins and of calls of one endpoint, and then this.
fn after_a_month_of_calls(more: &[Observation]) -> Outcome {
    let calls = (0..30).map(|day| api_call(at(day, 2, 1), "/organization", |_| {}));
    let mut month: Vec<Observation> = a_quiet_month().into_iter().chain(calls).collect();
    month.sort_by_key(Observation::time);
    World::run(&[month, more.to_vec()].concat())
}

fn calls_of(endpoints: &[&str], status: u16) -> Vec<Observation> {
    let twice = endpoints.iter().chain(endpoints).zip(2..);
    twice.map(|(endpoint, minute)| api_call(at(30, 2, minute), endpoint, |call| call.status = status)).collect()
}

#[test]
fn several_doors_that_are_sought_and_shut_are_more_than_several_of_either_kind() {
    let most = |endpoints: &[&str], status| {
        let outcome = after_a_month_of_calls(&calls_of(endpoints, status));
        let breadth =
            outcome.detections.iter().filter(|one| one.evidence.facts.iter().any(|fact| fact.kind.ends_with("readth")));
        breadth.filter_map(|one| one.evidence.total_bits).fold(0.0, f32::max)
    };
    let (sought, plain) = (["/users", "/groups", "/applications", "/policies"], ["/a", "/b", "/c", "/d"]);
    let (open, shut, both) = (most(&sought, 200), most(&plain, 403), most(&sought, 403));
    assert!(both > open.max(shut), "{both} against {open} and {shut}");
}

#[test]
fn a_known_door_that_jams_is_not_counted_among_the_shut_ones() {
    let refused = |minute, endpoint| api_call(at(30, 2, minute), endpoint, |call| call.status = 403);
    let shut = |known| [refused(2, known), refused(3, "/devices"), refused(4, "/devices")];
    let counts = |known| {
        after_a_month_of_calls(&shut(known)).fact("refusedBreadth").map(|seen| seen.chars().take(1).collect::<String>())
    };
    assert_eq!(counts("/domains").as_deref(), Some("2"));
    assert_eq!(counts("/organization"), None, "it has called that for a month");
}

fn from(address: &str) -> Place {
    place(address, 64_499, *b"DE", "Frankfurt am Main")
}

fn token() -> Option<Id> {
    Id::parse("a-token")
}

fn gets_a_token(time: EventTime, address: &str) -> Observation {
    sign_in(time, |one| (one.place, one.token) = (from(address), token()))
}

fn uses_it(time: EventTime, address: &str) -> Observation {
    api_call(time, "/organization", |call| (call.place, call.token) = (from(address), token()))
}

#[test]
fn a_token_that_was_issued_on_new_ground_is_no_copy() {
    let (home, new_ground) = ("198.51.100.7", "192.0.2.9");
    for (issued, is_copy) in [(home, true), (new_ground, false)] {
        let outcome =
            after_a_month_of_calls(&[gets_a_token(at(30, 2, 0), issued), uses_it(at(30, 2, 9), "203.0.113.66")]);
        assert_eq!(outcome.types().contains(&"tokenReplay"), is_copy, "issued to {issued}: {:?}", outcome.types());
        assert_eq!(outcome.level() >= RiskLevel::Medium, is_copy);
    }
}
