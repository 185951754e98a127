//! Directory changes.

use crate::samples::*;
use picket_detectors::event::{ActorKind, CredentialKind, Operation};
use serde_json::{Value, json};

const OBJECT: &str = "90000000-0000-4000-8000-000000000001";
const RESOURCE: &str = "91000000-0000-4000-8000-000000000002";

fn quoted(text: &str) -> Value {
    json!(format!("\"{text}\""))
}

/// A change with this name, these targets and these properties at the first of them.
fn audit(activity: &str, targets: &[(&str, &str, Option<&str>)], properties: &[(&str, Value, Value)]) -> Value {
    let mut list: Vec<Value> = targets
        .iter()
        .map(|(kind, id, name)| json!({"type": kind, "id": id, "displayName": name, "modifiedProperties": []}))
        .collect();
    list[0]["modifiedProperties"] = properties
        .iter()
        .map(|(name, old, new)| json!({"displayName": name, "oldValue": old, "newValue": new}))
        .collect();
    let record = with(audit_record(), "/properties/activityDisplayName", json!(activity));
    let record = with(record, "/properties/targetResources", Value::Array(list));
    with(record, "/operationName", json!(activity))
}

#[test]
fn a_new_secret_on_an_application_is_read_whole() {
    let event = event(&audit_record());
    assert_eq!(event.time.to_string(), "2026-05-04T09:00:00Z");
    assert_eq!(event.id.to_string(), "Directory_c0000000-0000-4000-8000-000000000003_AB1CD_1001");
    let change = change(&audit_record());
    assert_eq!(change.operation, Operation::Credentials);
    assert_eq!(change.activity, "update application - certificates and secrets management");
    assert_eq!(change.application_object.expect("an object").to_string(), OBJECT);
    assert_eq!(change.application.expect("an app").to_string(), APP);
    assert_eq!((change.principal, change.name.as_deref()), (None, Some("nightly-export")));
    assert_eq!(change.actor.kind, ActorKind::User);
    assert_eq!(change.actor.name.as_deref(), Some("ops@example.org"));
    assert_eq!(change.actor.place.address, "198.51.100.9".parse().ok());
    assert_eq!(change.actor.agent.text.as_deref(), Some("Mozilla/5.0"));
    let [added] = change.credentials.added.as_slice() else { panic!("one is added") };
    assert_eq!((added.key.to_string().as_str(), added.kind, added.verifies), (KEY, CredentialKind::Secret, true));
    assert_eq!((change.credentials.before, change.properties), (Some(0), vec![]));
    assert!(change.succeeded);
}

#[test]
fn values_may_be_json_without_a_string_around_it() {
    let path = "/properties/targetResources/0/modifiedProperties/0";
    let entry = format!("[KeyIdentifier={KEY},KeyType=Password,KeyUsage=Verify,DisplayName=ci]");
    for (old, new) in
        [(json!([]), json!([entry])), (json!("\"[]\""), json!(json!(json!([entry]).to_string()).to_string()))]
    {
        let record = with(with(audit_record(), &format!("{path}/oldValue"), old), &format!("{path}/newValue"), new);
        assert_eq!(change(&record).credentials.added.len(), 1);
    }
}

#[test]
fn the_grantee_of_an_app_role_is_never_the_resource() {
    let properties = [
        ("AppRole.Value", json!(null), quoted("full_access_as_app")),
        ("AppRole.Id", json!(null), quoted("dc890d15-9560-4a4c-9b7f-a736ec74ec40")),
        ("ServicePrincipal.ObjectID", json!(null), quoted(PRINCIPAL)),
        ("ServicePrincipal.AppId", json!(null), quoted(APP)),
        ("ServicePrincipal.DisplayName", json!(null), quoted("nightly-export")),
    ];
    let activity = "Add app role assignment to service principal";
    let resource = ("ServicePrincipal", RESOURCE, Some("Office 365 Exchange Online"));
    let grantee = ("ServicePrincipal", PRINCIPAL, Some(APP));
    for (properties, name) in [(&properties[..], Some("nightly-export")), (&properties[..2], None)] {
        let change = change(&audit(activity, &[resource, grantee], properties));
        assert_eq!(change.operation, Operation::AppRoleGranted);
        assert_eq!(change.principal.expect("a grantee").to_string(), PRINCIPAL);
        assert_eq!(change.application.expect("its app").to_string(), APP);
        assert_eq!(change.name.as_deref(), name);
        assert_eq!(change.grants, ["full_access_as_app", "dc890d15-9560-4a4c-9b7f-a736ec74ec40"]);
    }
}

#[test]
fn a_new_owner_is_not_the_subject() {
    let properties =
        [("Application.ObjectID", json!(null), quoted(OBJECT)), ("Application.DisplayName", json!(null), quoted("x"))];
    let owner = ("ServicePrincipal", RESOURCE, Some("the owner"));
    for properties in [&properties[..], &[]] {
        let change =
            change(&audit("Add owner to application", &[owner, ("Application", OBJECT, Some("x"))], properties));
        assert_eq!(change.owner().and_then(|owner| owner.name.as_deref()), Some("the owner"));
        assert_eq!((change.operation, change.principal), (Operation::OwnerAdded, None));
        assert_eq!(change.application_object.expect("an application").to_string(), OBJECT);
        assert_eq!(change.name.as_deref(), Some("x"));
    }
    let gone = [("Application.ObjectID", quoted(OBJECT), json!(null))];
    let removed = change(&audit("Remove owner from application", &[owner, ("Application", OBJECT, None)], &gone));
    assert_eq!((removed.operation, removed.application_object.is_some()), (Operation::OwnerRemoved, true));
    let person = json!({"id": RESOURCE, "type": "User", "userPrincipalName": "ana@example.org", "displayName": null, "modifiedProperties": []});
    let mut by_name = audit("Add owner to application", &[owner, ("Application", OBJECT, Some("x"))], &[]);
    by_name["properties"]["targetResources"][0] = person;
    assert_eq!(change(&by_name).owner().and_then(|owner| owner.name.as_deref()), Some("ana@example.org"));
    let targets = [owner, ("ServicePrincipal", PRINCIPAL, Some("y"))];
    let marks = [("Whatever", json!(null), quoted("1"))];
    let change = change(&audit("Add owner to service principal", &targets, &marks));
    assert_eq!(change.principal.expect("a principal").to_string(), PRINCIPAL);
}

#[test]
fn a_role_is_given_to_the_principal_wherever_it_stands() {
    let properties = [
        ("Role.DisplayName", json!(null), quoted("Global Administrator")),
        ("Role.TemplateId", json!(null), quoted("62e90394-69f5-4237-9190-012177145e10")),
        ("TargetId.ServicePrincipalNames", json!(null), quoted(&format!("{APP};https://x.example"))),
    ];
    let principal = ("ServicePrincipal", PRINCIPAL, Some("nightly-export"));
    let role = ("Role", "92000000-0000-4000-8000-000000000003", None);
    for targets in [[principal, role], [role, principal]] {
        for activity in
            ["Add member to role", "Add member to role in PIM completed (permanent)", "add eligible member to role."]
        {
            let change = change(&audit(activity, &targets, &properties));
            assert_eq!(change.operation, Operation::RoleGranted, "{activity}");
            assert_eq!(change.principal.expect("a principal").to_string(), PRINCIPAL);
            assert_eq!(change.application.expect("an app").to_string(), APP);
            assert_eq!(change.grants, ["Global Administrator", "62e90394-69f5-4237-9190-012177145e10"]);
        }
    }
    let unnamed = [("Other", PRINCIPAL, Some("nightly-export")), role];
    assert_eq!(
        change(&audit("Add member to role", &unnamed, &properties)).principal.expect("found").to_string(),
        PRINCIPAL
    );
    let user = [("User", PRINCIPAL, Some("somebody")), role];
    assert_eq!(ignored(&audit("Add member to role", &user, &properties[..2])), "AuditLogs without a workload identity");
    let revoked = [("Role.DisplayName", quoted("Global Administrator"), json!(null))];
    let change = change(&audit("Remove member from role", &[principal, role], &revoked));
    assert_eq!((change.operation, change.grants), (Operation::RoleRevoked, vec!["Global Administrator".into()]));
}

#[test]
fn update_says_what_it_is_only_in_its_properties() {
    let principal = [("ServicePrincipal", PRINCIPAL, Some("x"))];
    let application = [("Application", OBJECT, Some("x"))];
    let trust = json!(
        "[{\"Name\":\"ci\",\"Issuer\":\"https://i.example\",\"Subject\":\"repo:a/b\",\"Id\":\"f1000000-0000-4000-8000-000000000001\"}]"
    );
    let disabled = change(&audit(
        "Update service principal",
        &principal,
        &[("AccountEnabled", json!("[true]"), json!("[false]"))],
    ));
    assert_eq!((disabled.operation, disabled.enabled), (Operation::AccountEnabled, Some(false)));
    let same =
        change(&audit("Update service principal", &principal, &[("AccountEnabled", json!("[true]"), json!("[true]"))]));
    assert_eq!((same.operation, same.enabled), (Operation::Other, None));
    let federated =
        change(&audit("Update application", &application, &[("FederatedIdentityCredentials", json!("[]"), trust)]));
    assert_eq!(federated.operation, Operation::FederatedCredentials);
    assert_eq!(federated.credentials.added[0].subject.as_deref(), Some("repo:a/b"));
    let other = change(&audit("Update application", &application, &[("AppAddress", json!("[]"), json!("[1]"))]));
    assert_eq!((other.operation, other.properties.len()), (Operation::Other, 1));
}

#[test]
fn a_credentials_value_is_never_kept() {
    let made_up = json!("[{\"CredentialType\":2,\"Value\":\"made-up\"}]");
    let record = audit(
        "Add service principal",
        &[("ServicePrincipal", PRINCIPAL, None)],
        &[("Credential", json!("[]"), made_up)],
    );
    let change = change(&record);
    assert_eq!(change.operation, Operation::Created);
    assert!(!format!("{change:?}").contains("made-up"));
}

#[test]
fn consent_grants_what_was_not_there_before() {
    let targets = [("ServicePrincipal", RESOURCE, Some("Microsoft Graph")), ("ServicePrincipal", PRINCIPAL, None)];
    let properties = [
        ("DelegatedPermissionGrant.Scope", quoted(" User.Read"), quoted(" User.Read Mail.Send")),
        ("ServicePrincipal.ObjectID", json!(null), quoted(PRINCIPAL)),
        ("ServicePrincipal.AppId", json!(null), json!(null)),
    ];
    let change = change(&audit("Add delegated permission grant", &targets, &properties));
    assert_eq!(change.principal.expect("the client").to_string(), PRINCIPAL);
    assert_eq!((change.operation, change.grants), (Operation::Consent, vec!["Mail.Send".into()]));
}

#[test]
fn failed_changes_are_events_too_and_apps_act_without_app_ids() {
    let record = with(audit_record(), "/properties/result", json!("failure"));
    let app = json!({"app": {"appId": null, "displayName": "robot", "servicePrincipalId": PRINCIPAL, "servicePrincipalName": null}});
    let read = change(&with(record, "/properties/initiatedBy", app.clone()));
    assert!(!read.succeeded);
    assert_eq!((read.actor.kind, read.actor.app), (ActorKind::Application, None));
    assert_eq!(read.actor.id.expect("an id").to_string(), PRINCIPAL);
    let on_a_user = audit("Update user", &[("User", RESOURCE, None)], &[]);
    assert_eq!(ignored(&on_a_user), "AuditLogs without a workload identity");
    assert_eq!(change(&with(on_a_user, "/properties/initiatedBy", app)).principal, None);
}

#[test]
fn the_activity_time_goes_before_the_envelopes() {
    let record = without(audit_record(), "/properties/activityDateTime");
    assert_eq!(event(&record).time.to_string(), "2026-05-04T09:00:07Z");
    assert_eq!(dead(&without(record, "/time")).1, "activityDateTime");
}
