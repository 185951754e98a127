//! Rules that matched and indicators that were seen.

use crate::support::*;
use picket_detectors::event::{
    About, Actor, ActorKind, CorrelationKind, CorrelationPart, EventTime, Id, IndicatorKind, IndicatorMatch, Maturity,
    PrincipalId, RuleLevel, RuleMatch, Signal,
};
use picket_detectors::observation::{Observation, Role};
use picket_detectors::risk::RiskLevel;
use std::sync::Arc;

fn rule(name: &str, level: RuleLevel) -> RuleMatch {
    RuleMatch {
        rule: name.into(),
        title: "A rule".into(),
        level,
        maturity: Maturity::Proven,
        weight: None,
        about: About::Target,
        attack: vec!["T1098".into()],
    }
}

fn with(mut observation: Observation, signals: Vec<Signal>) -> Observation {
    Arc::make_mut(&mut observation.event).signals = signals;
    observation
}

fn matching(hour: i64, rules: Vec<RuleMatch>) -> Observation {
    let signals = rules.into_iter().map(|rule| Signal::Rule(Box::new(rule))).collect();
    with(sign_in(at(1, hour, 0), |_| {}), signals)
}

#[test]
fn a_rule_is_told_once_a_day_however_often_it_matches() {
    let again = |hour| matching(hour, vec![rule("r", RuleLevel::High)]);
    let outcome = World::run(&[again(1), again(2), again(3)]);
    assert_eq!((outcome.types(), outcome.level()), (vec!["sigmaRuleMatch"], RiskLevel::Medium));
    assert_eq!(outcome.fact("ruleId").as_deref(), Some("r"));
}

#[test]
fn a_low_rule_that_matches_day_by_day_is_told_on_its_first() {
    let told = |rule: &RuleMatch| {
        let days = (1..6).map(|day| with(sign_in(at(day, 2, 0), |_| {}), vec![Signal::Rule(Box::new(rule.clone()))]));
        World::run(&days.collect::<Vec<_>>()).types().len()
    };
    assert_eq!(told(&rule("r", RuleLevel::Low)), 1);
    assert_eq!(told(&RuleMatch { weight: Some(0.02), ..rule("r", RuleLevel::Low) }), 5, "the operator has weighed it");
}

#[test]
fn levels_say_how_much_a_match_weighs() {
    let level = |rules: Vec<RuleMatch>| {
        let records: Vec<_> = (1..).zip(rules).map(|(hour, rule)| matching(hour, vec![rule])).collect();
        World::run(&records).level()
    };
    assert_eq!(level(vec![rule("a", RuleLevel::Informational)]), RiskLevel::None);
    assert_eq!(level(vec![rule("a", RuleLevel::Low)]), RiskLevel::None);
    assert_eq!(level(vec![rule("a", RuleLevel::Medium)]), RiskLevel::Low);
    assert_eq!(level(vec![rule("a", RuleLevel::Medium), rule("b", RuleLevel::Medium)]), RiskLevel::Medium);
    assert_eq!(level(vec![rule("a", RuleLevel::Critical)]), RiskLevel::High);
    let unproven = RuleMatch { maturity: Maturity::Unproven, ..rule("a", RuleLevel::Critical) };
    assert_eq!(level(vec![unproven.clone()]), RiskLevel::Low, "what has not proved itself stays below medium");
    assert_eq!(
        level(vec![RuleMatch { weight: Some(0.6), ..unproven }]),
        RiskLevel::Medium,
        "the operator knows better"
    );
}

#[test]
fn rules_that_match_one_record_are_one_piece_of_evidence() {
    let both = vec![rule("a", RuleLevel::Medium), rule("b", RuleLevel::Medium), rule("c", RuleLevel::Low)];
    let outcome = World::run(&[matching(1, both)]);
    assert_eq!((outcome.types().len(), outcome.level()), (1, RiskLevel::Low));
    assert_eq!(outcome.fact("ruleId").as_deref(), Some("a"));
    assert!(outcome.fact("alsoMatches").is_some());
}

fn counted(hour: i64, least: u32, group: u32) -> Observation {
    let part = CorrelationPart {
        whole: rule("often", RuleLevel::High),
        kind: CorrelationKind::EventCount,
        part: 0,
        parts: 1,
        group,
        value: 0,
        window: 5 * EventTime::HOUR,
        least,
    };
    with(sign_in(at(1, hour, 0), |_| {}), vec![Signal::Part(Box::new(part))])
}

#[test]
fn a_correlation_is_told_once_its_window_is_whole_and_survives_a_restart() {
    let mut world = World::new();
    world.fold_all(&[counted(1, 3, 0), counted(2, 3, 1), counted(3, 3, 0)]);
    assert_eq!(world.outcome.types(), Vec::<&str>::new(), "two of one group and one of another are not three");
    world.restart();
    world.fold_all(&[counted(4, 3, 0), counted(5, 3, 0)]);
    assert_eq!((world.outcome.types(), world.outcome.level()), (vec!["sigmaRuleMatch"], RiskLevel::Medium));
    let shuffled = World::run(&[counted(4, 3, 0), counted(1, 3, 0), counted(3, 3, 0)]);
    let id = |outcome: &Outcome| outcome.detections.first().map(|one| one.id);
    assert_eq!(id(&shuffled), id(&world.outcome), "an id does not depend on which event comes last");
    assert_eq!(World::run(&[counted(1, 3, 0), counted(5, 3, 0), counted(9, 3, 0)]).types(), Vec::<&str>::new());
}

#[test]
fn a_match_on_a_change_falls_to_whom_it_speaks_of() {
    let change = |about, role, target: bool| {
        let by_app = Actor { kind: ActorKind::Application, id: Id::parse("deployer"), ..actor("deployer") };
        let mut observation = credential_change(at(1, 1, 0), by_app, Vec::new(), Vec::new(), |change| {
            change.principal = PrincipalId::parse(JOB).filter(|_| target);
        });
        observation.role = role;
        let matched = RuleMatch { about, ..rule("r", RuleLevel::High) };
        World::run(&[with(observation, vec![Signal::Rule(Box::new(matched))])]).types().len()
    };
    assert_eq!(change(About::Target, Role::Target, true), 1);
    assert_eq!(change(About::Target, Role::Actor, true), 0, "the deployer is not what was changed");
    assert_eq!(change(About::Target, Role::Actor, false), 1, "nobody else is named");
    assert_eq!(change(About::Actor, Role::Actor, true), 1);
    assert_eq!(change(About::Actor, Role::Target, true), 0);
}

fn indicator(confidence: u8) -> Signal {
    Signal::Indicator(Box::new(IndicatorMatch {
        kind: IndicatorKind::Network,
        observed: "203.0.113.66".into(),
        indicator: "203.0.113.0/24".into(),
        source: "our list".into(),
        confidence,
        label: None,
        until: Some(at(10, 0, 0)),
    }))
}

#[test]
fn an_indicator_weighs_as_its_source_is_sure() {
    let seen =
        |day, confidence, error| with(sign_in(at(day, 1, 0), |one| one.error = error), vec![indicator(confidence)]);
    let run = |observation: Observation| {
        let outcome = World::run(&[observation]);
        (outcome.types().len(), outcome.level())
    };
    assert_eq!(run(seen(1, 90, 0)), (1, RiskLevel::Medium));
    assert_eq!(run(seen(1, 10, 0)), (1, RiskLevel::Low));
    assert_eq!(run(seen(1, 90, 7_000_215)), (1, RiskLevel::Low), "who was refused did less harm");
    assert_eq!(run(seen(11, 90, 0)), (0, RiskLevel::None), "an indicator has an end");
    let outcome = World::run(&[seen(1, 90, 7_000_215), with(sign_in(at(1, 2, 0), |_| {}), vec![indicator(90)])]);
    assert_eq!((outcome.types().len(), outcome.level()), (2, RiskLevel::Medium), "first refused, then let in");
}
