//! What is done in repositories that a principal trusts: told, never `medium` by itself, and what an odd sign-in makes of it.

use crate::support::*;
use picket_detectors::event::*;
use picket_detectors::observation::{Observation, Role};
use picket_detectors::risk::RiskLevel;
use proptest::prelude::*;

const LEVELS: [RuleLevel; 4] = [RuleLevel::Low, RuleLevel::Medium, RuleLevel::High, RuleLevel::Critical];

/// An act that a rule of this level matches.
fn act(
    time: EventTime,
    number: usize,
    level: Option<RuleLevel>,
    change: impl FnOnce(&mut RepositoryAct),
) -> Observation {
    let mut act = RepositoryAct {
        action: format!("action.{number}").into(),
        repository: Some("example/export".into()),
        organization: Some("example".into()),
        actor: Some("release-manager".into()),
        place: place("192.0.2.20", 64_500, *b"NL", "Amsterdam"),
        ..RepositoryAct::default()
    };
    change(&mut act);
    let mut event = event(&format!("act {number} {time}"), time, Body::RepositoryAct(Box::new(act)));
    event.signals = level
        .map(|level| {
            Signal::Rule(Box::new(RuleMatch {
                rule: format!("rule {number}").into(),
                title: format!("Rule {number}").into(),
                level,
                maturity: Maturity::Proven,
                weight: None,
                about: About::Target,
                attack: Vec::new(),
            }))
        })
        .into_iter()
        .collect();
    to_principal(event, Role::OfApplication)
}

fn run(day: i64, workflow: &str, secrets: &[&str]) -> Observation {
    act(at(day, 2, 5), usize::from(workflow.len() as u8), None, |act| {
        act.workflow = Some(workflow.into());
        act.secrets = secrets.iter().map(|name| (*name).into()).collect();
    })
}

/// A month in which one workflow runs every day.
fn after_a_month_of_runs(more: Vec<Observation>) -> Outcome {
    let mut month = a_quiet_month();
    month.extend((0..30).map(|day| run(day, "example/export/deploy.yml", &[])));
    month.sort_by_key(Observation::time);
    World::run(&[month, more].concat())
}

fn from_next_door(time: EventTime) -> Observation {
    sign_in(time, |one| one.place = place("192.0.2.9", 64_499, *b"DE", "Frankfurt am Main"))
}

#[test]
fn a_grave_change_makes_an_odd_sign_in_of_the_day_odder_whichever_comes_first() {
    let guard = act(at(30, 3, 0), 1, Some(RuleLevel::High), |act| act.actor = Some("newcomer".into()));
    let odd = from_next_door(at(30, 9, 33));
    for alone in [guard.clone(), odd.clone()] {
        assert!(after_a_month_of_runs(vec![alone]).level() < RiskLevel::Medium);
    }
    for both in [vec![guard.clone(), odd.clone()], vec![odd, guard]] {
        let outcome = after_a_month_of_runs(both);
        assert_eq!(outcome.fact("oddAct").as_deref(), Some("action.1 in example/export"));
        assert!(outcome.level() >= RiskLevel::Medium, "{:?}", outcome.types());
    }
}

#[test]
fn what_the_usual_maintainer_does_to_a_lesser_degree_makes_nothing_odder() {
    let by_him = |day| act(at(day, 11, 0), 1, Some(RuleLevel::Medium), |_| {});
    let outcome = after_a_month_of_runs(vec![by_him(31), by_him(38), from_next_door(at(38, 14, 1))]);
    assert_eq!(outcome.fact("oddAct"), None);
    assert!(outcome.level() < RiskLevel::Medium);
}

#[test]
fn a_new_workflow_is_told_once_runs_are_known_and_makes_no_sign_in_odder() {
    let debug = || run(30, "example/export/debug.yml", &["TOKEN_A", "TOKEN_B", "TOKEN_C", "TOKEN_D"]);
    let outcome = after_a_month_of_runs(vec![debug()]);
    assert_eq!(outcome.fact("workflow").as_deref(), Some("example/export/debug.yml"));
    assert_eq!(outcome.fact("secrets").as_deref(), Some("TOKEN_A, TOKEN_B, TOKEN_C and 1 more"));
    assert!(outcome.level() < RiskLevel::Medium);
    let with_sign_in = after_a_month_of_runs(vec![debug(), from_next_door(at(30, 9, 33))]);
    assert_eq!(with_sign_in.fact("oddAct"), None);
    let first = World::run(&[a_quiet_month(), vec![debug()]].concat());
    assert_eq!(first.fact("workflow"), None, "the log has only begun to tell of runs");
}

#[test]
fn the_same_workflow_is_no_news_on_another_day() {
    let debug = |day| run(day, "example/export/debug.yml", &["TOKEN"]);
    let outcome = after_a_month_of_runs(vec![debug(30), sign_in(at(31, 2, 0), |_| {}), debug(31)]);
    let told = outcome.types().iter().filter(|kind| **kind == "suspiciousPipelineActivity").count();
    assert_eq!(told, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_a_day_brings_to_a_repository_alone_is_below_medium(
        levels in proptest::collection::vec((0_usize..12, prop::sample::select(&LEVELS[..]), any::<bool>(), any::<bool>()), 1..16),
    ) {
        let acts = levels.into_iter().zip(0..).map(|((number, level, known, of_all), minute)| {
            act(at(30, 8, minute), number, Some(level), |act| {
                act.actor = Some(if known { "release-manager" } else { "newcomer" }.into());
                act.repository = act.repository.take().filter(|_| !of_all);
            })
        });
        prop_assert!(after_a_month_of_runs(acts.collect()).level() < RiskLevel::Medium);
    }
}
