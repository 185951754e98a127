//! The peers' real cases: what their rules must and must not report, through the whole of decoding, marking and judging.
//!
//! Only cases about workload identities count: those whose record Picket takes for an event. Every true one fires, as a
//! detection or as a rule that matches; no false one raises a principal to `medium`. What is missed is listed by name with
//! its reason, so that nothing is missed in silence.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a test may fail, and prints its table")]

mod cases;

use cases::{Case, cases};
use picket::decode::{Context, Decoder, Limits, Outcome};
use picket::pipeline::{Addressed, Derived, Judge, PreparedEvent};
use picket::sigma::{RuleFiles, Rules};
use picket::store::{Durability, Store, StoreOptions};
use picket_detectors::engine::Engine;
use picket_detectors::event::{Event, TenantId};
use std::collections::BTreeSet;
use std::sync::Arc;

/// True cases that nothing reports, and why.
const MISSED: &[(&str, &str)] = &[
    (
        "Standard.SignInFromRogueState / Azure - Rogue State Sign-In",
        "the country stands only in what the peer's own enrichment added; the record says US",
    ),
    (
        "events/datadog-normaliser-tests/events.jsonl:1 G17",
        "one ordinary call: the idea is drift, which shows only against a history",
    ),
];

/// Rules that say that something was recorded, not that it is suspicious: they make no case fire.
const INVENTORY: &[&str] = &["Sign-in of a service principal", "Sign-in with a low risk level of Microsoft"];

/// Cases that are about just that.
const ABOUT_INVENTORY: &[&str] = &["Azure.Audit.RiskLevelPassthrough / Failed Sign-In with riskLevelAggregated"];

/// What became of a case.
#[derive(Debug, Default)]
struct Result {
    /// Whether the record is about a workload identity.
    concerns: bool,
    /// Rules that matched.
    rules: BTreeSet<String>,
    /// Detections and levels.
    detections: BTreeSet<String>,
    /// Whether a principal rose to medium or higher.
    raised: bool,
}

fn decoder(rules: &Arc<Rules>) -> Decoder {
    let context = Context { default_tenant: TenantId::UNKNOWN, limits: Limits::default(), scrubber: Arc::default() };
    Decoder { context, marks: vec![Arc::clone(rules) as _] }
}

fn judge(events: Vec<Event>, result: &mut Result) {
    let folder = tempfile::tempdir().expect("a folder");
    let options = StoreOptions { durability: Durability::Temporary, ..StoreOptions::default() };
    let store = Arc::new(Store::open(folder.path(), options).expect("a store"));
    let engine = Arc::new(Engine::builtin());
    let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread"));
    let mut judge = Judge::new(engine, store, pool, Derived::Fold, usize::MAX);
    let prepared =
        events.into_iter().map(|event| (event.time, event)).map(|(time, event)| PreparedEvent::new(event, time));
    let observations = prepared.flat_map(|event| event.observations).zip(0..);
    let addressed = observations.map(|(observation, at)| Addressed::new(at, observation)).collect();
    for output in judge.judge(addressed).expect("judged").outputs {
        let line: serde_json::Value = serde_json::from_slice(&output.line).expect("JSON");
        if line.get("previousLevel").is_some() {
            result.raised |= matches!(output.label, "medium" | "high");
        } else if line.get("evidence").is_some() {
            result.detections.insert(output.label.to_owned());
        }
    }
}

fn run(case: &Case, rules: &Arc<Rules>) -> Result {
    let mut result = Result::default();
    let mut all = Vec::new();
    // Informational matches leave no signal: the rules are asked themselves.
    decoder(rules).current().decode(case.record.as_bytes(), &mut |decoded| {
        let Outcome::Events(events) = decoded.outcome else { return };
        let record = std::str::from_utf8(decoded.bytes).expect("an event's record is text");
        for event in &events {
            result.rules.extend(rules.current().matches(record, Some(event)).iter().map(|rule| rule.title.to_string()));
        }
        all.extend(events);
    });
    result.concerns = !all.is_empty();
    if result.concerns {
        judge(all, &mut result);
    }
    result
}

#[test]
fn true_cases_fire_and_false_ones_do_not_raise() {
    let rules = Arc::new(Rules::open(RuleFiles::default()).expect("no overrides"));
    let (mut truth, mut fired, mut lies, mut raised) = (0, 0, 0, Vec::new());
    let mut missed = BTreeSet::new();
    for case in cases() {
        let result = run(&case, &rules);
        if !result.concerns {
            continue;
        }
        let found: Vec<&str> = result.detections.iter().chain(&result.rules).map(String::as_str).collect();
        println!("{:5} | {} | {}", case.expected, case.name, found.join(", "));
        if case.expected {
            truth += 1;
            let counts = |rule: &&&str| ABOUT_INVENTORY.contains(&case.name.as_str()) || !INVENTORY.contains(*rule);
            if found.iter().filter(counts).count() == 0 {
                missed.insert(case.name.clone());
            } else {
                fired += 1;
            }
        } else {
            lies += 1;
            if result.raised {
                raised.push(case.name.clone());
            }
        }
    }
    println!("{fired} of {truth} true cases fire; {} of {lies} false cases raise", raised.len());
    assert_eq!(raised, Vec::<String>::new(), "no false case raises a principal");
    let known: BTreeSet<String> = MISSED.iter().map(|(name, _)| (*name).to_owned()).collect();
    if truth > 0 {
        assert_eq!(missed, known);
    }
}
