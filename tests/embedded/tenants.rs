//! Whose records are that name no tenant.

use crate::support::program::{assert_same, expect_code, outputs, picket, stderr, stdout, write_lines};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const TENANTS: [&str; 2] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
const PRINCIPAL: &str = "d0000000-0000-4000-8000-000000000001";
const APP: &str = "b0000000-0000-4000-8000-000000000001";
const OBJECT: &str = "a0000000-0000-4000-8000-000000000001";

/// A stranger makes an application trust an issuer of their own; the record names the application object alone.
fn change(tenant: &str, object: &str) -> Value {
    let time = "2026-05-29T09:00:00Z";
    let trust = json!([{"Name": "ci", "Issuer": "https://idp.example", "Subject": "x", "Id": "f1"}]).to_string();
    json!({"time": time, "tenantId": tenant, "category": "AuditLogs", "properties": {
        "id": format!("change of {object}"), "activityDisplayName": "Update application", "activityDateTime": time,
        "result": "success", "loggedByService": "Core Directory",
        "initiatedBy": {"user": {"id": "stranger", "userPrincipalName": "stranger@contoso.example", "ipAddress": "203.0.113.9"}},
        "targetResources": [{"id": object, "type": "Application", "displayName": "report", "modifiedProperties": [
            {"displayName": "FederatedIdentityCredentials", "oldValue": "[]", "newValue": trust}]}]}})
}

/// The application's principal signs in day after day, and on the last day with what it was made to trust.
fn sign_ins() -> impl Iterator<Item = Value> {
    (1..=30).map(|day| {
        let is_last = day == 30;
        let time = format!("2026-05-{day:02}T10:00:00Z");
        json!({"time": time, "tenantId": TENANTS[0], "category": "ServicePrincipalSignInLogs", "properties": {
            "id": format!("sign-in {day}"), "createdDateTime": time, "appId": APP, "servicePrincipalId": PRINCIPAL,
            "ipAddress": if is_last { "203.0.113.9" } else { "198.51.100.7" }, "resourceDisplayName": "Microsoft Graph",
            "clientCredentialType": if is_last { "federatedIdentityCredential" } else { "clientSecret" },
            "federatedCredentialId": if is_last { "f1" } else { "" }, "status": {"errorCode": 0},
            "servicePrincipalCredentialKeyId": if is_last { "" } else { "e0000000-0000-4000-8000-000000000001" },
            "location": {"countryOrRegion": if is_last { "RU" } else { "NL" }}}})
    })
}

/// Graph exports name no tenant.
fn inventory() -> [Value; 2] {
    [
        json!({"id": OBJECT, "appId": APP, "displayName": "report", "passwordCredentials": [], "keyCredentials": []}),
        json!({"id": PRINCIPAL, "appId": APP, "displayName": "report", "servicePrincipalType": "Application"}),
    ]
}

fn file(path: &Path, lines: impl IntoIterator<Item = Value>) -> PathBuf {
    write_lines(path, lines.into_iter().map(|line| line.to_string()))
}

/// Replays with the inventory and gives the summary and the log.
fn replay(folder: &Path, logs: &Path, out: &str, tenant: Option<&str>) -> (Value, String) {
    let mut command = picket(["replay", "--json", "--log-level", "info"]);
    command.arg(logs).arg("--inventory").arg(folder.join("inventory.ndjson")).arg("--out").arg(folder.join(out));
    command.args(tenant.map(|tenant| format!("--tenant={tenant}")));
    let output = expect_code(&mut command, 0);
    (serde_json::from_str(&stdout(&output)).expect("one object"), stderr(&output))
}

#[test]
fn the_one_tenant_that_the_logs_name_is_that_of_the_inventory() {
    let folder = tempfile::tempdir().expect("a folder");
    file(&folder.path().join("inventory.ndjson"), inventory());
    let logs = file(&folder.path().join("logs.ndjson"), sign_ins().chain([change(TENANTS[0], OBJECT)]));
    let (summary, said) = replay(folder.path(), &logs, "adopted", None);
    assert_eq!(summary["tenant"], TENANTS[0]);
    assert!(said.contains("count for the one that the logs name") && said.contains(TENANTS[0]), "{said}");
    let told = String::from_utf8(outputs(&folder.path().join("adopted"))["risk-detections"].clone()).expect("UTF-8");
    let of_the_change = told.lines().filter(|line| line.contains("suspiciousCredentialAddition")).count();
    assert_eq!(of_the_change, 2, "the change, and its use, reach the principal: {told}");
    let (summary, _) = replay(folder.path(), &logs, "said", Some(TENANTS[0]));
    assert_eq!(summary["tenant"], Value::Null, "nothing was taken from the logs");
    assert_same(&folder.path().join("adopted"), &folder.path().join("said"), "a tenant that is said");
}

#[test]
fn of_several_tenants_none_is_taken_and_the_operator_hears_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    file(&folder.path().join("inventory.ndjson"), inventory());
    let changes = TENANTS.map(|tenant| change(tenant, OBJECT));
    let logs = file(&folder.path().join("logs.ndjson"), changes);
    let (summary, said) = replay(folder.path(), &logs, "out", None);
    assert_eq!(summary["tenant"], Value::Null);
    assert!(said.contains("--tenant") && said.contains("records=2"), "{said}");
    let (_, said) = replay(folder.path(), &logs, "out", Some(TENANTS[0]));
    assert!(!said.contains("--tenant"), "{said}");
}

#[test]
fn a_tenant_that_is_named_late_is_told_of() {
    let folder = tempfile::tempdir().expect("a folder");
    file(&folder.path().join("inventory.ndjson"), inventory());
    let early = (0..300).map(|number| change(TENANTS[0], &format!("object {number}")));
    let logs = file(&folder.path().join("logs.ndjson"), early.chain([change(TENANTS[1], OBJECT)]));
    let (summary, said) = replay(folder.path(), &logs, "out", None);
    assert_eq!(summary["tenant"], TENANTS[0]);
    assert!(said.contains("the one that they begin with"), "{said}");
}
