//! Administrators' words.

use crate::support::*;
use picket_detectors::event::{Agent, Id, Verdict};
use picket_detectors::observation::Observation;
use picket_detectors::risk::{RiskLevel, RiskStatus};

fn theft(day: i64) -> Observation {
    sign_in(at(day, 4, 0), |one| {
        one.place = hideout();
        one.agent = Agent::new("curl/8");
    })
}

fn ending_in(more: Vec<Observation>) -> (RiskLevel, RiskStatus) {
    let outcome = World::run(&[a_quiet_month(), vec![theft(30)], more].concat());
    outcome.last.map(|state| (state.level, state.status)).expect("a state")
}

#[test]
fn confirmed_compromised_is_high_until_somebody_takes_it_back() {
    let confirmed = command(at(31, 0, 0), Verdict::ConfirmCompromised);
    let state = ending_in(vec![confirmed.clone(), tick(at(200, 0, 0))]);
    assert_eq!(state, (RiskLevel::High, RiskStatus::ConfirmedCompromised));
    let state = ending_in(vec![confirmed, command(at(32, 0, 0), Verdict::Dismiss)]);
    assert_eq!(state, (RiskLevel::None, RiskStatus::Dismissed));
}

#[test]
fn a_dismissed_episode_does_not_rise_again_by_the_same_values() {
    let state = ending_in(vec![command(at(31, 0, 0), Verdict::Dismiss), theft(32), theft(33)]);
    assert_eq!(state, (RiskLevel::None, RiskStatus::Dismissed));
}

#[test]
fn confirmed_safe_teaches() {
    let mut world = World::new();
    world.fold_all(&a_quiet_month());
    world.fold_all(&[theft(30), command(at(31, 0, 0), Verdict::ConfirmSafe), theft(32)]);
    assert_eq!(world.outcome.types(), ["suspiciousSignins"]);
    assert_eq!(
        world.outcome.last.map(|state| (state.level, state.status)),
        Some((RiskLevel::None, RiskStatus::ConfirmedSafe))
    );
}

#[test]
fn a_theft_after_a_dismissal_is_an_episode_of_its_own() {
    for verdict in [Verdict::Dismiss, Verdict::ConfirmSafe] {
        let oddity = sign_in(at(30, 1, 0), |one| {
            one.place = place("192.0.2.8", 64_999, *b"FR", "Paris");
            one.agent = Agent::new("curl/8");
        });
        let mut world = World::new();
        world.fold_all(&a_quiet_month());
        let stolen = sign_in(at(30, 4, 0), |one| {
            one.place = hideout();
            one.agent = Agent::new("python-requests/2.31");
            one.resource = Id::parse(GRAPH);
        });
        world.fold_all(&[oddity, command(at(30, 3, 0), verdict), stolen]);
        assert_eq!(world.outcome.level(), RiskLevel::High, "{verdict:?}");
    }
}

#[test]
fn what_was_confirmed_safe_may_go_on_the_same_day() {
    let again = sign_in(at(30, 8, 0), |one| {
        one.place = hideout();
        one.agent = Agent::new("curl/8");
    });
    let outcome =
        World::run(&[a_quiet_month(), vec![theft(30), command(at(30, 6, 0), Verdict::ConfirmSafe), again]].concat());
    assert_eq!(outcome.types(), ["suspiciousSignins"]);
}

#[test]
fn a_command_clears_only_what_stood_when_it_was_given_and_only_once() {
    let dismissal = command(at(30, 3, 50), Verdict::Dismiss);
    let mut world = World::new();
    world.fold_all(&a_quiet_month());
    world.fold_all(&[theft(30), dismissal.clone()]);
    assert!(world.outcome.level() >= RiskLevel::Medium, "said before the theft, whatever the order of arrival");
    // Redelivered when the memory of events no longer knows it.
    world.fold_all(&[sign_in(at(35, 2, 0), |_| {}), dismissal]);
    assert!(world.outcome.level() >= RiskLevel::Medium, "{:?}", world.outcome.level());
}
