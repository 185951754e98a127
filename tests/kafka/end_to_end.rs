//! Records in, detections out, through both roles.

use crate::broker::Broker;
use crate::check::{assert_exact, assert_letters_once, stories};
use crate::wait;
use crate::world::{Stored, World};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// What is second in an envelope has numbers of its own.
const SECOND: u64 = 1_000_000;

/// One of Microsoft's verdicts as Azure Monitor exports it. Each is worth one detection: it is the only one of its
/// principal on its day.
fn verdict(number: u64, principals: u64) -> String {
    let principal = if number < SECOND { number % principals } else { number };
    let (day, minute, second) = (1 + number % SECOND / principals, number / 60 % 60, number % 60);
    serde_json::json!({
        "time": format!("2026-06-{day:02}T10:{minute:02}:{second:02}Z"),
        "category": "ServicePrincipalRiskEvents",
        "tenantId": "a0000000-0000-4000-8000-000000000001",
        "properties": {
            "id": format!("d0000000-0000-4000-8000-{number:012}"),
            "servicePrincipalId": format!("b0000000-0000-4000-8000-{principal:012}"),
            "servicePrincipalDisplayName": "a test",
            "riskEventType": format!("risk{number}"),
            "riskLevel": "low",
            "riskState": "atRisk",
            "detectedDateTime": format!("2026-06-{day:02}T10:{minute:02}:{second:02}Z"),
        }
    })
    .to_string()
}

/// An application of the inventory and its principal: what a directory entity passes on goes through the log again.
fn inventory(number: u64) -> Vec<String> {
    let app = format!("e0000000-0000-4000-8000-{number:012}");
    vec![
        serde_json::json!({
            "category": "Inventory", "@odata.type": "#microsoft.graph.application",
            "id": format!("f0000000-0000-4000-8000-{number:012}"), "appId": app, "displayName": "an application",
            "passwordCredentials": [], "keyCredentials": []
        })
        .to_string(),
        serde_json::json!({
            "@odata.type": "#microsoft.graph.servicePrincipal", "servicePrincipalType": "Application",
            "id": format!("b0000000-0000-4000-8000-{number:012}"), "appId": app, "displayName": "its principal",
            "appOwnerOrganizationId": "a0000000-0000-4000-8000-000000000001"
        })
        .to_string(),
    ]
}

/// Records of which every tenth value is an envelope of two, every fortieth is cut off, and every twenty-fifth comes twice.
fn inputs(numbers: std::ops::Range<u64>, principals: u64) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut values = Vec::new();
    for number in numbers {
        let record = verdict(number, principals);
        match number {
            n if n % 10 == 0 => {
                values.push(format!("{{\"records\":[{record},{}]}}", verdict(number + SECOND, principals)));
            }
            n if n % 40 == 1 => values.push(record.chars().take(record.len() / 2).collect()),
            n if n % 25 == 2 => values.extend([record.clone(), record]),
            _ => values.push(record),
        }
        if number < 20 {
            values.extend(inventory(number));
        }
    }
    values.into_iter().map(|value| (Vec::new(), value.into_bytes())).collect()
}

/// Detections as kcat sees them, or as an ordinary consumer does where there is no kcat.
fn seen_by_kcat(world: &World) -> Vec<String> {
    let arguments = ["-C", "-q", "-e", "-o", "beginning", "-X", "isolation.level=read_committed", "-f", "%s\\n"];
    let topic = world.topic("risk-detections");
    let mut kcat = Command::new("kcat");
    match kcat.args(arguments).args(["-b", world.bootstrap(), "-t", &topic]).output() {
        Ok(output) => {
            assert!(output.status.success(), "kcat: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
        }
        Err(error) => {
            println!("kcat is missing ({error}): an ordinary consumer of librdkafka takes its place");
            let text = |record: Stored| String::from_utf8(record.value.expect("a value")).expect("text");
            world.read("risk-detections").into_iter().map(text).collect()
        }
    }
}

fn id_of(line: &str) -> String {
    let detection: serde_json::Value = serde_json::from_str(line).expect("JSON");
    detection["id"].as_str().expect("an id").to_owned()
}

/// Dumps the observations topic and replays the dump with the program itself.
fn assert_replay_equals(world: &World) {
    let dump = world.folder.path().join("observations");
    let out = world.folder.path().join("replayed");
    let (dump, out_text) = (dump.to_str().expect("a path"), out.to_str().expect("a path"));
    world.command(&["observations", "dump", "--out", dump]);
    world.command(&["replay", "--observations", dump, "--out", out_text, "--json"]);
    let told = stories(world);
    let mut detections: Vec<String> = told.values().flat_map(|story| story.detections.clone()).collect();
    let mut risks: Vec<String> = told.values().filter_map(|story| story.risk.clone()).collect();
    let mut incidents: Vec<String> = told.values().flat_map(|story| story.incidents.clone()).collect();
    detections.sort();
    risks.sort();
    incidents.sort();
    assert_eq!(sorted(&out, "risk-detections"), detections);
    assert_eq!(sorted(&out, "risky-principals"), risks);
    assert_eq!(sorted(&out, "incidents"), incidents);
    // The changes of one principal stand in the same order on both sides.
    let by_principal = |lines: Vec<String>| {
        let mut stories = BTreeMap::<String, Vec<String>>::new();
        for line in lines {
            let transition: serde_json::Value = serde_json::from_str(&line).expect("JSON");
            stories.entry(transition["servicePrincipalId"].to_string()).or_default().push(line);
        }
        stories
    };
    let kafka = told.into_values().flat_map(|story| story.transitions).collect();
    assert_eq!(by_principal(lines(&out, "risk-transitions")), by_principal(kafka));
}

fn lines(folder: &Path, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(format!("{name}.ndjson"))).expect("a file");
    text.lines().map(str::to_owned).collect()
}

fn sorted(folder: &Path, name: &str) -> Vec<String> {
    let mut lines = lines(folder, name);
    lines.sort();
    lines
}

#[test]
fn records_become_detections_exactly_once_whoever_is_killed() {
    let Some(broker) = Broker::shared() else { return };
    let world = World::new(broker, "whole");
    let both = world.start("a", "route,score").ready();
    let router = world.start("b", "route").ready();
    let scorer = world.start("c", "score");
    world.produce("in", &inputs(0..1_500, 150));
    wait::until("some of it is scored", || world.position("score", "observations") > 200);
    router.kill();
    scorer.kill();
    world.produce("in", &inputs(1_500..2_000, 150));
    world.drained("route", "in");
    world.drained("score", "observations");
    let page = both.page("/metrics").expect("metrics");
    both.stop();
    assert_exact(&world);
    assert_letters_once(&world);
    // Every number is one detection, envelopes hold two, and of each forty one record is cut off.
    let cut_off = (0..2_000_u64).filter(|number| number % 40 == 1).count();
    let enveloped = (0..2_000_u64).filter(|number| number % 10 == 0).count();
    let seen: Vec<String> = seen_by_kcat(&world).iter().map(|line| id_of(line)).collect();
    assert_eq!(seen.len(), 2_000 + enveloped - cut_off);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "a detection stands there twice");
    assert_eq!(world.read("dead-letters").len(), cut_off);
    assert_replay_equals(&world);
    for metric in ["picket_kafka_commits_total", "picket_kafka_lag_records", "picket_kafka_restore_offsets"] {
        assert!(page.contains(metric), "no {metric} in\n{page}");
    }
}

/// Positions of another cluster can't be in the transaction: observations may repeat, verdicts don't.
#[test]
fn inputs_of_another_cluster_are_routed_at_least_once_and_scored_once() {
    let Some(broker) = Broker::shared() else { return };
    let mut world = World::new(broker, "across");
    world.extra = format!("[kafka.input]\nbootstrap = '{}'\n", broker.bootstrap());
    let scorer = world.start("a", "score").ready();
    world.create("in");
    let stop = [("FAILPOINTS", "kafka.route.committed=1*off->1*panic")];
    let router = world.start_with("b", "route", &stop).ready();
    world.produce("in", &inputs(0..1_200, 100));
    let (status, log) = router.ended();
    assert!(!status.success(), "the fail point was not reached:\n{log}");
    let router = world.start("b", "route");
    world.drained("route", "in");
    world.drained("score", "observations");
    router.stop();
    scorer.stop();
    let observations = world.read("observations").len();
    let events: BTreeSet<_> = world.read("observations").into_iter().map(|record| record.value).collect();
    assert!(events.len() < observations, "nothing was routed twice: the test proves nothing");
    assert_exact(&world);
}
