//! Expected changes: what is found is told, kept, and does not count.

use crate::support::*;
use picket_detectors::detect::{Mode, Modes};
use picket_detectors::event::*;
use picket_detectors::expectations::{Expectation, Expectations};
use picket_detectors::observation::{Confidence, Observation, Role};
use picket_detectors::risk::{RiskLevel, RiskStatus};
use proptest::prelude::*;

fn window(said: EventTime, from: EventTime, until: EventTime) -> Window {
    Window {
        id: Id::parse("w1").expect("an id"),
        said,
        from,
        until,
        risk_event_types: Vec::new(),
        author: "ops@example.org".into(),
        reason: "a move".into(),
    }
}

fn announce(window: &Window) -> Observation {
    let change = ExpectedChange { principal: PrincipalId::parse(JOB).expect("an id"), window: window.clone() };
    let id = format!("announcement {} {}", window.said, window.until);
    to_principal(event(&id, window.said, Body::ExpectedChange(Box::new(change))), Role::Subject)
}

fn nothing() -> Expectation {
    let all = Vec::new;
    Expectation { tenants: all(), principals: all(), networks: Vec::new(), rules: Vec::new(), window: thirtieth() }
}

fn thirtieth() -> Window {
    window(at(29, 0, 0), at(30, 0, 0), at(31, 0, 0))
}

fn theft(day: i64) -> Observation {
    sign_in(at(day, 4, 0), |one| {
        one.place = hideout();
        one.agent = Agent::new("curl/8");
        one.resource = Id::parse(GRAPH);
    })
}

fn other_theft(day: i64) -> Observation {
    sign_in(at(day, 5, 0), |one| {
        one.place = place("192.0.2.8", 64_999, *b"BR", "Recife");
        one.agent = Agent::new("python-requests/2.31");
        one.resource = Id::parse(GRAPH);
    })
}

fn after_a_month(more: Vec<Observation>) -> Outcome {
    World::run(&[a_quiet_month(), more].concat())
}

#[test]
fn what_is_expected_is_told_and_does_not_count() {
    let outcome = after_a_month(vec![announce(&thirtieth()), theft(30)]);
    assert_eq!((outcome.types(), outcome.level()), (vec!["suspiciousSignins"], RiskLevel::None));
    let told = &outcome.detections[0];
    assert!(told.level >= RiskLevel::Medium, "it is scored as ever");
    assert_eq!(
        (told.status, told.expected.as_ref().map(|one| one.reason.as_str())),
        (RiskStatus::Dismissed, Some("a move"))
    );
    assert!(outcome.transitions.is_empty());
    assert!(outcome.last.is_some_and(|state| state.contributions.is_empty()));
}

#[test]
fn a_window_that_comes_late_lowers_what_it_holds() {
    let late = Window { said: at(30, 8, 0), ..thirtieth() };
    let outcome = after_a_month(vec![theft(30), announce(&late)]);
    let last = outcome.last.clone().expect("a state");
    assert_eq!((last.level, last.status), (RiskLevel::None, RiskStatus::Dismissed));
    assert_eq!(outcome.transitions.last().map(|one| one.level), Some(RiskLevel::None));
}

#[test]
fn the_same_goes_on_quietly_and_anything_else_does_not() {
    let same = after_a_month(vec![announce(&thirtieth()), theft(30), theft(31), theft(32)]);
    assert_eq!((same.types().len(), same.level()), (1, RiskLevel::None));
    let other = after_a_month(vec![announce(&thirtieth()), theft(30), other_theft(31)]);
    assert!(other.level() >= RiskLevel::Medium);
    let outside = after_a_month(vec![announce(&thirtieth()), theft(31)]);
    assert!(outside.level() >= RiskLevel::Medium);
}

#[test]
fn what_stood_before_goes_on_to_count() {
    let alone = after_a_month(vec![theft(29)]).level();
    let outcome = after_a_month(vec![theft(29), announce(&thirtieth()), theft(30), other_theft(30)]);
    assert_eq!(outcome.level(), alone);
}

#[test]
fn a_shorter_word_of_the_same_id_closes_it() {
    let closed = Window { said: at(29, 12, 0), until: at(30, 1, 0), ..thirtieth() };
    let outcome = after_a_month(vec![announce(&thirtieth()), announce(&closed), theft(30)]);
    assert!(outcome.level() >= RiskLevel::Medium);
}

#[test]
fn leaks_are_held_only_where_they_are_named() {
    let leaked = leak(at(30, 4, 0), Confidence::Matched, |_, _| {});
    let outcome = after_a_month(vec![announce(&thirtieth()), leaked.clone()]);
    assert_eq!(outcome.level(), RiskLevel::High);
    let named = Window { risk_event_types: vec!["leakedCredentials".into()], ..thirtieth() };
    let outcome = after_a_month(vec![announce(&named), leaked]);
    assert_eq!(outcome.level(), RiskLevel::None);
    let other = Window { risk_event_types: vec!["signInSpike".into()], ..thirtieth() };
    assert!(after_a_month(vec![announce(&other), theft(30)]).level() >= RiskLevel::Medium);
}

#[test]
fn the_configuration_can_expect_too() {
    let expect = |tenant: &str| {
        let mut world = World::new();
        let tenants = vec![Id::parse(tenant).expect("an id")];
        let one = Expectation { tenants, window: thirtieth(), ..nothing() };
        world.engine.expected = Expectations::of(vec![one]).expect("it ends");
        world.fold_all(&[a_quiet_month(), vec![theft(30)]].concat());
        world.outcome.level()
    };
    assert_eq!(expect(TENANT), RiskLevel::None);
    assert!(expect("another tenant") >= RiskLevel::Medium);
}

/// What becomes of a story after a quiet month where the configuration expects something.
fn where_expected(expectation: Expectation, story: &[Observation]) -> Outcome {
    let mut world = World::new();
    world.engine.expected = Expectations::of(vec![expectation]).expect("it ends");
    world.fold_all(&[&a_quiet_month(), story].concat());
    world.outcome
}

fn from_the_network_of(place: &Place) -> Expectation {
    let network = place.address.expect("an address").to_string();
    Expectation { networks: Network::parse(&format!("{network}/24")).into_iter().collect(), ..nothing() }
}

#[test]
fn what_is_expected_of_a_network_is_expected_of_no_other() {
    let drill = from_the_network_of(&hideout());
    let outcome = where_expected(drill.clone(), &[theft(30)]);
    assert_eq!((outcome.types(), outcome.level()), (vec!["suspiciousSignins"], RiskLevel::None));
    let elsewhere = where_expected(from_the_network_of(&home()), &[theft(30)]);
    assert!(elsewhere.level() >= RiskLevel::Medium);
    for story in [[theft(30), other_theft(30)], [other_theft(30), theft(30)]] {
        let both = where_expected(drill.clone(), &story);
        let alone = where_expected(drill.clone(), &[other_theft(30)]);
        assert_eq!(both.level(), alone.level(), "a drill hides no theft of the same day: {:?}", both.types());
        assert!(both.level() >= RiskLevel::Medium);
    }
}

#[test]
fn nothing_is_made_later_of_a_use_from_a_network_that_is_expected() {
    let home_again = sign_in(at(30, 6, 0), |_| {});
    let added = credential_change(at(30, 3, 0), actor("ops"), vec![secret(NEW_KEY)], vec![], |change| {
        change.principal = PrincipalId::parse(JOB);
    });
    let used = sign_in(at(30, 4, 0), |one| {
        one.place = hideout();
        one.key = KeyId::parse(NEW_KEY);
    });
    let leaked = leak(at(30, 8, 0), Confidence::Matched, |_, owner| owner.key = KeyId::parse(NEW_KEY));
    let drill = from_the_network_of(&hideout());
    let outcome = where_expected(drill.clone(), &[theft(30), home_again]);
    assert_eq!(outcome.level(), RiskLevel::None, "{:?}", outcome.types());
    let alone = where_expected(drill.clone(), &[added.clone(), leaked.clone()]);
    let outcome = where_expected(drill, &[added, used, leaked]);
    let raised = |outcome: &Outcome| outcome.last.as_ref().map(|state| state.contributions.len());
    assert_eq!(raised(&outcome), raised(&alone), "{:?}", outcome.types());
}

#[test]
fn a_rule_that_is_expected_stands_before_no_other() {
    let matched = |hour: i64, rules: &[&str]| {
        let signal = |rule: &&str| {
            Signal::Rule(Box::new(RuleMatch {
                rule: (*rule).into(),
                title: "A rule".into(),
                level: RuleLevel::High,
                maturity: Maturity::Proven,
                weight: None,
                about: About::Target,
                attack: Vec::new(),
            }))
        };
        let mut observation = sign_in(at(30, hour, 0), |_| {});
        std::sync::Arc::make_mut(&mut observation.event).signals = rules.iter().map(signal).collect();
        observation
    };
    let usual = Expectation { rules: vec!["a".into()], ..nothing() };
    let outcome = where_expected(usual.clone(), &[matched(2, &["a"]), matched(3, &["a"])]);
    assert_eq!((outcome.types(), outcome.level()), (vec!["sigmaRuleMatch"], RiskLevel::None), "told once a day");
    let outcome = where_expected(usual.clone(), &[matched(2, &["a"]), matched(3, &["a", "b"])]);
    assert_eq!((outcome.types().len(), outcome.level()), (2, RiskLevel::Medium));
    assert!(where_expected(usual, &[theft(30)]).level() >= RiskLevel::Medium, "it is about the rule alone");
}

#[test]
fn a_detector_in_shadow_is_counted_once_and_changes_nothing() {
    let thefts = (0..5).map(|minute| {
        sign_in(at(30, 4, minute), |one| {
            one.place = hideout();
            one.agent = Agent::new("curl/8");
        })
    });
    let story = [a_quiet_month(), thefts.collect()].concat();
    let run = |mode| {
        let mut world = World::new();
        world.engine.modes = Modes::of([("suspiciousSignins", mode)]).expect("a detector");
        world.fold_all(&story);
        world
    };
    let shadow = run(Mode::Shadow);
    assert_eq!((shadow.outcome.types().len(), shadow.outcome.level()), (0, RiskLevel::None));
    assert_eq!(shadow.shadowed, ["suspiciousSignins"]);
    let off = run(Mode::Off);
    assert_eq!((off.outcome.types().len(), off.shadowed.len()), (0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whenever the announcement arrives, the level at the end is the same.
    #[test]
    fn the_arrival_of_a_window_does_not_change_the_end(place in 0_usize..=3) {
        let mut story = vec![theft(30), sign_in(at(30, 14, 0), |_| {}), sign_in(at(31, 2, 0), |_| {})];
        story.insert(place, announce(&Window { said: at(29, 0, 0), ..thirtieth() }));
        prop_assert_eq!(after_a_month(story).level(), RiskLevel::None);
    }
}
