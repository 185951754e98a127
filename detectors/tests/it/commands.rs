//! Administrators' words.

use crate::support::*;
use picket_detectors::event::{Agent, Verdict};
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
