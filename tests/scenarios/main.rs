//! Scenarios: a folder a story, `tests/scenarios/<riskEventType>/<name>/`, replayed by the real program.
//!
//! A story whose folder begins with `attack-` must fire its detector; its benign twins (`benign-`) must not raise the
//! level to `medium`. `UPDATE_SCENARIOS=1` writes the generated events anew; what they lead to is a reviewed snapshot.
#![expect(clippy::expect_used, reason = "a test may fail")]

mod administrators;
mod calls;
mod forgotten;
mod repositories;
mod signals;
mod stories;

use picket_detectors::detect::DETECTORS;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use stories::{Scenario, scenarios};

fn folder(scenario: &Scenario) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").join(scenario.detector).join(scenario.name)
}

fn lines(records: &[Value]) -> String {
    records.iter().flat_map(|record| [record.to_string(), "\n".to_owned()]).collect()
}

fn read(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
}

/// Replays a folder and gives the detections and transitions.
fn replay(folder: &Path) -> (Vec<Value>, Vec<Value>) {
    let out = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_picket"));
    command.args(["--log-level", "error", "replay", "--json"]).arg(folder.join("events.ndjson"));
    if folder.join("inventory.ndjson").exists() {
        command.arg("--inventory").arg(folder.join("inventory.ndjson"));
    }
    let indicators = folder.join("indicators.txt");
    if indicators.exists() {
        command.env("PICKET__INTELLIGENCE__FILES", format!("[{:?}]", indicators.display().to_string()));
    }
    let output = command.arg("--out").arg(out.path()).output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (read(&out.path().join("risk-detections.ndjson")), read(&out.path().join("risk-transitions.ndjson")))
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

/// What a person checks: who, what, how high, why.
fn summary(detections: &[Value], transitions: &[Value]) -> String {
    let mut summary = String::new();
    for one in detections {
        let (when, what, level) = (text(one, "activityDateTime"), text(one, "riskEventType"), text(one, "riskLevel"));
        writeln!(summary, "{when} {what} {level}\n  {}", text(one, "explanation")).expect("a string");
        for fact in one.pointer("/evidence/facts").and_then(Value::as_array).into_iter().flatten() {
            let bits = fact.get("bits").and_then(Value::as_f64).unwrap_or_default();
            writeln!(
                summary,
                "  {bits:+.1} {}: {} (usual: {})",
                text(fact, "kind"),
                text(fact, "observed"),
                text(fact, "usual")
            )
            .expect("a string");
        }
    }
    for one in transitions {
        let (from, to) = (text(one, "previousLevel"), text(one, "riskLevel"));
        writeln!(summary, "{} {from} -> {to}, {}", text(one, "dateTime"), text(one, "riskState")).expect("a string");
    }
    if summary.is_empty() { "quiet\n".to_owned() } else { summary }
}

#[test]
fn every_scenario_ends_as_reviewed() {
    for scenario in scenarios() {
        let folder = folder(&scenario);
        if std::env::var_os("UPDATE_SCENARIOS").is_some() {
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join("events.ndjson"), lines(&scenario.events)).expect("written");
            std::fs::write(folder.join("README.md"), format!("{}\n", scenario.tells)).expect("written");
            if !scenario.indicators.is_empty() {
                std::fs::write(folder.join("indicators.txt"), scenario.indicators).expect("written");
            }
            if !scenario.inventory.is_empty() {
                std::fs::write(folder.join("inventory.ndjson"), lines(&scenario.inventory)).expect("written");
            }
        }
        let name = format!("{}/{}", scenario.detector, scenario.name);
        let stored = std::fs::read_to_string(folder.join("events.ndjson")).unwrap_or_default();
        assert!(stored == lines(&scenario.events), "{name} is out of date: run with UPDATE_SCENARIOS=1");
        let (detections, transitions) = replay(&folder);
        let fired = detections.iter().any(|one| text(one, "riskEventType") == scenario.detector);
        let raised = transitions.iter().any(|one| matches!(text(one, "riskLevel"), "medium" | "high"));
        if scenario.name.starts_with("attack-") {
            assert!(fired, "{name} does not fire");
        } else {
            assert!(!raised, "{name} raises the level: {transitions:?}");
        }
        insta::with_settings!({ snapshot_path => &folder, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("expected", summary(&detections, &transitions));
        });
    }
}

#[test]
fn every_detector_has_an_attack_and_a_benign_twin() {
    let all = scenarios();
    for detector in DETECTORS {
        let name = detector.descriptor().risk_event_type;
        for kind in ["attack-", "benign-"] {
            assert!(
                all.iter().any(|one| one.detector == name && one.name.starts_with(kind)),
                "{name} has no {kind}scenario"
            );
        }
    }
}
