//! What people make of alerts: whom to ask, what was expected, what became of them.

use crate::support::program::{expect_code, picket, stdout, write_lines};
use picket::demo::{Audit, SignIn, service_principal};
use picket_detectors::event::EventTime;
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

const TENANT: &str = "11111111-1111-4111-8111-111111111111";
const JOB: &str = "d0000000-4000-8000-0000-000000000001";

fn at(day: i64, hour: i64) -> EventTime {
    let start = EventTime::from_civil(2026, 3, 1, 0, 0, 0, 0).expect("a date");
    start.plus(day * EventTime::DAY + hour * EventTime::HOUR)
}

fn job(time: EventTime) -> SignIn<'static> {
    SignIn {
        time,
        principal: 1,
        name: "nightly-export",
        key: Some(1),
        place: ("198.51.100.7", 64_496, "DE", "Frankfurt am Main"),
        agent: "azsdk-net-Identity/1.10.4",
        resource: ("e406a681-f3d4-42a8-90b6-c2b029497af1", "Azure Storage"),
    }
}

/// Three weeks of work, a rotation, then a theft.
fn story() -> Vec<Value> {
    let work = (0..21).flat_map(|day| [job(at(day, 2)).record(), job(at(day, 14)).record()]);
    let actor = Ok("ops@example.org");
    let rotation = Audit { time: at(19, 9), principal: 1, name: "nightly-export", actor, before: &[1], after: &[1, 2] };
    let theft = SignIn {
        place: ("203.0.113.66", 24_940, "FI", "Helsinki"),
        agent: "python-requests/2.31.0",
        resource: ("00000003-0000-0000-c000-000000000000", "Microsoft Graph"),
        ..job(at(21, 4))
    };
    work.chain([rotation.record(), theft.record()]).collect()
}

fn command(word: &str, time: EventTime, more: &Value) -> Value {
    let mut command = json!({
        "command": word, "tenantId": TENANT, "servicePrincipalIds": [JOB], "initiatedBy": "ops@example.org",
        "reason": "a move", "dateTime": time,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        command[name] = value.clone();
    }
    command
}

fn inventory() -> Value {
    let mut listed = service_principal(1, "nightly-export", "Application");
    listed["owners"] = json!([{ "id": "f1", "userPrincipalName": "data-team@example.org" }]);
    listed["appRoleAssignments"] =
        json!([{ "appRoleValue": "RoleManagement.ReadWrite.Directory" }, { "appRoleValue": "User.Read.All" }]);
    listed
}

/// Replays records and gives the folder with `out` in it, and what was printed.
fn replayed(records: &[Value], settings: &[(&str, &str)]) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let events = write_lines(&folder.path().join("events.ndjson"), records.iter().map(Value::to_string));
    let listed = write_lines(&folder.path().join("inventory.ndjson"), [inventory().to_string()]);
    let mut command = picket(["--log-level", "error", "replay", "--inventory"]);
    command.arg(listed).arg(events).arg("--out").arg(folder.path().join("out")).envs(settings.iter().copied());
    let printed = stdout(&expect_code(&mut command, 0));
    (folder, printed)
}

fn lines(folder: &Path, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("out").join(name)).expect("an output file");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn reported(folder: &Path) -> Value {
    let mut command = picket(["report", "--json", "--in"]);
    let text = stdout(&expect_code(command.arg(folder.join("out")), 0));
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn an_alert_says_whom_to_ask_what_changed_what_is_at_stake_and_what_to_do() {
    let (folder, _) = replayed(&story(), &[]);
    let detections = lines(folder.path(), "risk-detections.ndjson");
    let theft = detections.last().expect("a detection");
    let states = lines(folder.path(), "risky-principals.ndjson");
    for told in [theft, states.last().expect("a state")] {
        assert_eq!(told["owners"], json!(["data-team@example.org"]));
        assert_eq!(told["lastChange"]["initiatedBy"], "ops@example.org");
        assert_eq!(told["lastChange"]["dateTime"], "2026-03-20T09:00:00Z");
        assert_eq!(told["reach"]["permissions"][0], "RoleManagement.ReadWrite.Directory", "what is worth most");
        assert_eq!(told["impact"], "tenantTakeover");
        assert!(told["recommendedActions"].as_array().is_some_and(|actions| actions.len() > 1));
    }
    let explained =
        |who: &str| stdout(&expect_code(picket(["explain", who, "--in"]).arg(folder.path().join("out")), 0));
    let by_id = explained(JOB);
    let name = theft["servicePrincipalDisplayName"].as_str().expect("a name");
    assert_eq!(explained(&name.to_uppercase()), by_id);
    insta::assert_snapshot!(by_id);
}

#[test]
fn owners_of_the_application_and_an_agent_s_sponsors_and_manager_are_named_beside_the_principal_s_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let (app, object) = ("b0000000-4000-8000-0000-000000000001", "90000000-0000-4000-8000-000000000001");
    let application = json!({ "@odata.type": "#microsoft.graph.application", "id": object, "appId": app, "tenantId": TENANT,
        "owners": [{ "userPrincipalName": "platform@example.org" }], "sponsors": [{ "userPrincipalName": "head@example.org" }] });
    let account = json!({ "@odata.type": "#microsoft.graph.agentUser", "id": "f0000000-0000-4000-8000-000000000009",
        "tenantId": TENANT, "identityParentId": JOB, "manager": { "userPrincipalName": "lead@example.org" } });
    let listed = write_lines(
        &folder.path().join("inventory.ndjson"),
        [&application, &inventory(), &account].map(ToString::to_string),
    );
    let added = json!({ "time": at(1, 0), "category": "AuditLogs", "tenantId": TENANT, "properties": {
        "id": "a", "activityDisplayName": "Add owner to application", "activityDateTime": at(1, 0), "result": "success",
        "initiatedBy": { "user": { "userPrincipalName": "ops@example.org" } },
        "targetResources": [{ "id": "f2", "type": "User", "userPrincipalName": "new@example.org", "modifiedProperties": [
            { "displayName": "Application.ObjectID", "oldValue": null, "newValue": format!("\"{object}\"") }] },
            { "id": object, "type": "Application" }] } });
    let confirmed = command("confirmCompromised", at(2, 0), &json!({}));
    let events = write_lines(&folder.path().join("events.ndjson"), [added.to_string(), confirmed.to_string()]);
    let mut replay = picket(["--log-level", "error", "replay", "--inventory"]);
    expect_code(replay.arg(listed).arg(events).arg("--out").arg(folder.path().join("out")), 0);
    let states = lines(folder.path(), "risky-principals.ndjson");
    let told = states.last().expect("a state");
    assert_eq!(told["owners"], json!(["data-team@example.org", "platform@example.org", "new@example.org"]));
    assert_eq!(told["sponsors"], json!(["head@example.org"]));
    assert_eq!(told["managers"], json!(["lead@example.org"]));
    let mut explain = picket(["explain", JOB, "--in"]);
    let said = stdout(&expect_code(explain.arg(folder.path().join("out")), 0));
    assert!(said.contains("sponsors     head@example.org"), "{said}");
    assert!(said.contains("managers     lead@example.org"), "{said}");
}

#[test]
fn what_a_cause_grew_by_since_it_was_told_is_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    let story = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/scenarios/suspiciousAPITraffic/attack-looking-around/events.ndjson");
    let mut replay = picket(["--log-level", "error", "replay"]);
    expect_code(replay.arg(story).arg("--out").arg(folder.path().join("out")), 0);
    let told = lines(folder.path(), "risk-detections.ndjson");
    let state = lines(folder.path(), "risky-principals.ndjson").pop().expect("a state");
    let counts = &state["contributions"][0];
    let detection = told.iter().find(|one| one["id"] == counts["detectionId"]).expect("what it hangs on");
    let weight = |value: &Value| value["weight"].as_f64().expect("a weight");
    assert!(weight(counts) > weight(&detection["evidence"]), "it grew: {counts}");
    let mut explain = picket(["explain", state["id"].as_str().expect("an id"), "--in"]);
    let said = stdout(&expect_code(explain.arg(folder.path().join("out")), 0));
    let growth =
        format!("{:.3} when detection {}", weight(&detection["evidence"]), detection["id"].as_str().expect("an id"));
    assert!(said.contains(&growth), "{said}");
}

#[test]
fn an_expected_change_is_told_and_does_not_raise_the_level() {
    let window = json!({ "from": at(21, 0), "until": at(22, 0) });
    let announced = [story(), vec![command("expectChange", at(20, 20), &window)]].concat();
    let file = tempfile::NamedTempFile::new().expect("a file");
    let yaml = "- { id: move, from: 2026-03-22T00:00:00Z, until: 2026-03-23T00:00:00Z, author: ops@example.org, reason: a move, networks: [203.0.113.0/24] }";
    std::fs::write(file.path(), yaml).expect("writes");
    let path = file.path().to_str().expect("text");
    for (records, settings) in [(announced, vec![]), (story(), vec![("PICKET__RULES__EXPECTED_CHANGES", path)])] {
        let (folder, _) = replayed(&records, &settings);
        let detections = lines(folder.path(), "risk-detections.ndjson");
        let held = detections.iter().find(|one| one["riskEventType"] == "suspiciousSignins").expect("it is told");
        assert_eq!((&held["riskState"], &held["expectedChange"]["reason"]), (&json!("dismissed"), &json!("a move")));
        let transitions = lines(folder.path(), "risk-transitions.ndjson");
        assert!(transitions.iter().all(|one| one["riskLevel"] != "high" && one["riskLevel"] != "medium"));
        let report = reported(folder.path());
        assert!(report.as_array().is_some_and(|rows| rows.iter().any(|row| row["expected"] == 1)), "{report}");
    }
}

#[test]
fn the_report_counts_what_administrators_said() {
    let judged = |word| {
        let (folder, _) = replayed(&[story(), vec![command(word, at(21, 8), &json!({}))]].concat(), &[]);
        let report = reported(folder.path());
        let rows = report.as_array().expect("a list").clone();
        rows.into_iter().find(|row| row["riskEventType"] == "suspiciousSignins").expect("a row")
    };
    assert_eq!(judged("confirmSafe")["confirmedSafe"], 1);
    assert_eq!(judged("confirmSafe")["falsePositiveShare"], 1.0);
    assert_eq!(judged("confirmCompromised")["confirmedCompromised"], 1);
    assert_eq!(judged("confirmCompromised")["falsePositiveShare"], 0.0);
    assert_eq!(judged("dismiss")["dismissed"], 1);
    let (folder, _) = replayed(&story(), &[]);
    let table = stdout(&expect_code(picket(["report", "--in"]).arg(folder.path().join("out")), 0));
    assert!(table.contains("false positives") && table.contains("suspiciousSignins"), "{table}");
}

#[test]
fn a_detector_in_shadow_is_counted_and_not_published() {
    let (folder, printed) = replayed(&story(), &[("PICKET__DETECTORS__SUSPICIOUSSIGNINS", "shadow")]);
    let detections = lines(folder.path(), "risk-detections.ndjson");
    assert!(detections.iter().all(|one| one["riskEventType"] != "suspiciousSignins"));
    let counted = printed.lines().skip_while(|line| !line.starts_with("in shadow")).nth(1).unwrap_or_default();
    assert!(counted.contains("suspiciousSignins"), "{printed}");
}

#[test]
fn principals_that_fall_to_one_network_are_one_incident_unless_that_is_expected() {
    let of = |principal: u128, day: i64, hour: i64| SignIn {
        principal,
        key: Some(principal),
        name: if principal == 1 { "nightly-export" } else { "billing-sync" },
        ..job(at(day, hour))
    };
    let work = (0..21).flat_map(|day| [1, 2].map(|principal| of(principal, day, 2).record()));
    let thefts = [1, 2].map(|principal| {
        let place = ("203.0.113.66", 24_940, "FI", "Helsinki");
        SignIn { place, agent: "python-requests/2.31.0", ..of(principal, 21, 4) }.record()
    });
    let records: Vec<Value> = work.chain(thefts).collect();
    let window = command("expectChange", at(20, 20), &json!({ "from": at(21, 0), "until": at(22, 0) }));
    let (expected, _) = replayed(&[records.clone(), vec![window]].concat(), &[]);
    assert_eq!(lines(expected.path(), "incidents.ndjson"), Vec::<Value>::new(), "one of the two was announced");
    let (folder, _) = replayed(&records, &[]);
    let mut command = picket(["report", "--incidents", "--json", "--in"]);
    let text = stdout(&expect_code(command.arg(folder.path().join("out")), 0));
    let incidents: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(incidents.as_array().map(Vec::len), Some(1), "{incidents}");
    assert_eq!(incidents[0]["shared"], json!(["network:203.0.113.0/24"]));
    assert_eq!(incidents[0]["principals"].as_array().map(Vec::len), Some(2));
    let told = lines(folder.path(), "incidents.ndjson");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&told[0]["change"], &told[0]["incidentKey"]), (&json!("opened"), &json!("network:203.0.113.0/24")));
    let names: Vec<&Value> =
        told[0]["principals"].as_array().expect("a list").iter().map(|one| &one["displayName"]).collect();
    assert_eq!(names, ["nightly-export", "billing-sync"]);
    let ids: Vec<Value> = lines(folder.path(), "risk-detections.ndjson").iter().map(|one| one["id"].clone()).collect();
    assert_eq!(told[0]["detectionIds"], json!(ids));
    let listed = stdout(&expect_code(picket(["report", "--incidents", "--in"]).arg(folder.path().join("out")), 0));
    assert!(listed.contains("2 principals") && listed.contains("billing-sync"), "{listed}");
}
