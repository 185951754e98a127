//! Envelopes, lists, lines, rows and bare resources.

use crate::samples::*;
use picket::decode::{Outcome, ReasonCode};
use picket_detectors::event::Body;
use serde_json::{Value, json};

fn categories(bytes: &[u8]) -> Vec<&'static str> {
    let name = |outcome: &Outcome| match outcome {
        Outcome::Events(events) => events[0].body.category(),
        Outcome::Ignored(_) => "ignored",
        Outcome::Dead(_) => "dead",
    };
    all(bytes).iter().map(|seen| name(&seen.outcome)).collect()
}

const BOTH: [&str; 2] = ["ServicePrincipalSignInLogs", "AuditLogs"];

#[test]
fn records_come_in_envelopes_lists_and_lines() {
    let (one, two) = (sign_in_record(), audit_record());
    let pretty = |record: &Value| serde_json::to_string_pretty(record).expect("JSON");
    for (what, text) in [
        ("an envelope", json!({"records": [one, two]}).to_string()),
        ("a capitalised envelope", json!({"Records": [one, two]}).to_string()),
        ("an envelope with more", format!(r#"{{"a":{{"records":1}},"records":[{one},{two}],"z":[2]}}"#)),
        ("a list", json!([one, two]).to_string()),
        ("a list of envelopes", json!([{"records": [one]}, {"records": [two]}]).to_string()),
        ("a Graph page", json!({"@odata.context": "x", "value": [one, two], "@odata.nextLink": "y"}).to_string()),
        ("lines", format!("{one}\n{two}\n")),
        ("lines of another system", format!("{one}\r\n{two}\r\n")),
        ("several lines a record", format!("{}\n{}", pretty(&one), pretty(&two))),
        ("no line between", format!("{one}{two}")),
        ("a pretty envelope", pretty(&json!({"records": [one, two]}))),
        ("a byte order mark", format!("\u{feff}{}", json!({"records": [one, two]}))),
        ("white space", format!("  \n\t{one}\n\n{two}  ")),
    ] {
        assert_eq!(categories(text.as_bytes()), BOTH, "{what}");
    }
}

#[test]
fn nothing_gives_nothing() {
    for text in ["", "  \n ", "\u{feff}", "[]", "{\"records\":[]}", "{\"records\": [ ] }\n[]"] {
        assert_eq!(categories(text.as_bytes()), [""; 0], "{text:?}");
    }
}

#[test]
fn a_record_is_given_with_its_place_and_bytes() {
    let text = format!(r#"{{"records": [{}, {{"category":"SignInLogs"}} , 7]}}"#, sign_in_record());
    let seen = all(text.as_bytes());
    assert_eq!(seen.iter().map(|one| one.index).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(seen[0].bytes, sign_in_record().to_string().into_bytes());
    assert_eq!(seen[1].bytes, br#"{"category":"SignInLogs"}"#);
    assert_eq!(seen[2].bytes, b"7");
}

#[test]
fn other_categories_are_ignored_by_name() {
    for name in [
        "SignInLogs",
        "NonInteractiveUserSignInLogs",
        "MicrosoftServicePrincipalSignInLogs",
        "ProvisioningLogs",
        "SomethingNew",
    ] {
        assert_eq!(ignored(&with(sign_in_record(), "/category", json!(name))), name);
    }
    assert_eq!(ignored(&json!({"category": "x".repeat(1_000)})).len(), 64);
    assert_eq!(dead(&json!({"a": 1})).0, ReasonCode::UnknownShape);
    assert_eq!(dead(&json!({})).0, ReasonCode::UnknownShape);
}

/// The same record as a row of Log Analytics writes it: flat, capitals, JSON in strings.
fn row(record: &Value, table: &str) -> Value {
    let mut row = serde_json::Map::new();
    let capital = |name: &str| format!("{}{}", name[..1].to_uppercase(), &name[1..]);
    for (name, value) in record["properties"].as_object().expect("an object") {
        let value =
            if value.is_array() || value.is_object() { Value::String(value.to_string()) } else { value.clone() };
        row.insert(capital(name), value);
    }
    row.insert("Type".to_owned(), json!(table));
    row.insert("TenantId".to_owned(), json!("99999999-9999-4999-8999-999999999999"));
    row.insert("AADTenantId".to_owned(), json!(TENANT));
    row.entry("TimeGenerated").or_insert(json!("2026-05-04T23:59:59Z"));
    Value::Object(row)
}

#[test]
fn a_row_of_log_analytics_is_the_same_event() {
    let mut sign_ins = row(&sign_in_record(), "AADServicePrincipalSignInLogs");
    sign_ins["LocationDetails"] = sign_ins["Location"].take();
    sign_ins["Location"] = json!("NL");
    sign_ins["ResourceIdentity"] = sign_ins["ResourceId"].take();
    sign_ins["ResourceId"] = json!(format!("/tenants/{TENANT}/providers/Microsoft.aadiam"));
    sign_ins["ResultType"] = json!("0");
    sign_ins["CorrelationId"] = json!("c0000000-0000-4000-8000-000000000001");
    sign_ins["Category"] = json!("ServicePrincipalSignInLogs");
    assert_eq!(event(&sign_ins), event(&sign_in_record()));
    let mut audits = row(&audit_record(), "AuditLogs");
    audits["Category"] = json!("ApplicationManagement");
    assert_eq!(event(&audits), event(&audit_record()));
    assert_eq!(event(&row(&graph_record(), "MicrosoftGraphActivityLogs")), event(&graph_record()));
}

#[test]
fn a_rows_tenant_is_never_its_workspace() {
    let mut audits = row(&audit_record(), "AuditLogs");
    audits.as_object_mut().expect("an object").remove("AADTenantId");
    assert_eq!(event(&audits).tenant.to_string(), OTHER_TENANT);
    audits["ResourceId"] = json!(format!("/TENANTS/{TENANT}/PROVIDERS/x"));
    assert_eq!(event(&audits).tenant.to_string(), TENANT);
    audits.as_object_mut().expect("an object").remove("ResourceId");
    audits["_ResourceId"] = json!(format!("/tenants/{TENANT}/providers/microsoft.aadiam"));
    assert_eq!(event(&audits).tenant.to_string(), TENANT);
    audits["AADTenantId"] = json!("00000000-0000-0000-0000-000000000000");
    assert_eq!(event(&audits).tenant.to_string(), "00000000-0000-0000-0000-000000000000");
}

#[test]
fn what_a_collector_wraps_around_a_record_changes_nothing() {
    for record in [sign_in_record(), audit_record(), row(&graph_record(), "MicrosoftGraphActivityLogs")] {
        let text = record.to_string();
        for wrapped in [
            json!({"time": 1_777_885_200.5, "sourcetype": "azure:monitor:aad", "event": record}),
            json!({"time": 1_777_885_200.5, "event": text}),
            json!({"preview": false, "offset": 0, "result": {"_raw": text, "sourcetype": "azure:monitor:aad"}}),
            json!({"preview": false, "result": record}),
            json!({"@timestamp": "2026-05-04T10:00:10Z", "event": {"original": text, "kind": "event"}, "agent": {"type": "filebeat"}}),
        ] {
            assert_eq!(event(&wrapped), event(&record), "{wrapped}");
        }
    }
    let other = json!({"event": {"category": "NetworkSecurityGroupEvent"}});
    assert_eq!(ignored(&other), "NetworkSecurityGroupEvent");
    assert_eq!(dead(&json!({"event": {"event": sign_in_record()}})).0, ReasonCode::UnknownShape, "one level");
}

#[test]
fn an_answer_of_log_analytics_is_its_rows() {
    let first = row(&graph_record(), "MicrosoftGraphActivityLogs");
    let second = json!({"Type": "Heartbeat"});
    let names: Vec<&String> = first.as_object().expect("an object").keys().collect();
    let columns: Vec<Value> = names.iter().map(|name| json!({"name": name, "type": "string"})).collect();
    let cells = |row: &Value| names.iter().map(|name| row[name.as_str()].clone()).collect::<Vec<_>>();
    let answer = json!({"tables": [{"name": "PrimaryResult", "columns": columns,
        "rows": [cells(&first), cells(&second), "no row"]}]});
    let seen = all(answer.to_string().as_bytes());
    assert_eq!(seen.len(), 3);
    assert!(matches!(&seen[0].outcome, Outcome::Events(events) if *events.as_slice() == [event(&first)]));
    assert!(seen[0].bytes.starts_with(b"[") && seen[0].bytes.ends_with(b"]"), "the row is the record");
    assert!(matches!(&seen[1].outcome, Outcome::Ignored(rule) if rule == "Heartbeat"));
    assert!(matches!(&seen[2].outcome, Outcome::Dead(_)));
}

#[test]
fn a_bare_graph_resource_is_known_by_shape() {
    let mut bare = sign_in_record()["properties"].take();
    assert_eq!(event(&bare).tenant.to_string(), OTHER_TENANT);
    bare["signInEventTypes"] = json!(["managedIdentity"]);
    let Body::SignIn(sign_in) = event(&bare).body else { panic!("no sign-in") };
    assert!(sign_in.managed_identity.is_some());
    let audit = audit_record()["properties"].take();
    assert!(matches!(event(&audit).body, Body::DirectoryChange(_)));
    let call = graph_record()["properties"].take();
    assert!(matches!(event(&call).body, Body::ApiActivity(_)));
}

#[test]
fn properties_may_come_as_text() {
    for record in [sign_in_record(), audit_record(), graph_record(), risk_record()] {
        let text = record["properties"].to_string();
        assert_eq!(event(&with(record.clone(), "/properties", json!(text))), event(&record));
    }
}
