//! Graph activity, Microsoft's verdicts, the inventory, commands.

use crate::samples::*;
use picket::decode::{Outcome, ReasonCode};
use picket_detectors::event::{
    Body, CredentialKind, Event, Id, MicrosoftRisk, UserRisk, UserRiskGrade, Verdict, Window,
};
use serde_json::{Value, json};

fn events(record: &Value) -> Vec<Event> {
    match outcome(record) {
        Outcome::Events(events) => events.into_vec(),
        other => panic!("no events: {other:?}"),
    }
}

#[test]
fn a_call_to_graph_is_read_whole() {
    let record = graph_record();
    assert_eq!(event(&record).time.to_string(), "2026-05-04T10:00:09Z");
    assert_eq!(event(&without(record.clone(), "/tenantId")).tenant.to_string(), TENANT);
    let call = call(&record);
    assert_eq!(
        (call.principal.to_string().as_str(), call.method.as_str(), call.endpoint.as_str()),
        (PRINCIPAL, "GET", "/users")
    );
    assert_eq!((call.status, call.response_bytes), (200, 412_345));
    assert_eq!(call.roles, ["Directory.Read.All", "User.Read.All"]);
    assert_eq!(call.token, Id::parse("a0000000-0000-4000-8000-000000000001"));
    assert_eq!(call.place.address, "203.0.113.7".parse().ok());
}

#[test]
fn calls_on_behalf_of_users_are_ignored_by_name() {
    let record = with(graph_record(), "/properties/servicePrincipalId", json!(""));
    assert_eq!(call(&record).principal.to_string(), PRINCIPAL, "UserPrincipalObjectID of an app token");
    let record = with(record, "/properties/userId", json!("f0000000-0000-4000-8000-000000000001"));
    assert_eq!(ignored(&record), "MicrosoftGraphActivityLogs of a user");
    let nobody = without(with(record, "/properties/userId", json!(null)), "/properties/C_Idtyp");
    assert_eq!(dead(&nobody), (ReasonCode::MissingField, "servicePrincipalId".to_owned()));
}

fn risk(record: &Value) -> MicrosoftRisk {
    match event(record).body {
        Body::MicrosoftRisk(risk) => *risk,
        other => panic!("no verdict: {other:?}"),
    }
}

#[test]
fn verdicts_of_microsoft_are_taken_in() {
    let read = risk(&risk_record());
    assert_eq!((read.principal.to_string().as_str(), read.agent), (PRINCIPAL, false));
    assert_eq!((read.risk_event_type.as_deref(), read.risk_level.as_str()), (Some("suspiciousSignins"), "medium"));
    let dismissed = with(risk_record(), "/properties/riskState", json!("dismissed"));
    assert_ne!(event(&risk_record()).id, event(&dismissed).id, "a changed state is a new event");
    let risky = json!({"category": "RiskyServicePrincipals", "tenantId": TENANT, "properties": {"id": PRINCIPAL, "appId": APP,
        "riskLevel": "high", "riskState": "confirmedCompromised", "riskLastUpdatedDateTime": "2026-05-04T11:00:00Z"}});
    let read = risk(&risky);
    assert_eq!((read.principal.to_string().as_str(), read.risk_event_type), (PRINCIPAL, None));
    let agent = json!({"category": "AgentRiskEvents", "tenantId": TENANT, "properties": {"id": "1", "agentId": PRINCIPAL,
        "agentDisplayName": "helper", "riskEventType": "signInSpike", "riskLevel": "low", "riskState": "atRisk",
        "detectedDateTime": "2026-05-04T11:00:00Z"}});
    assert!(risk(&agent).agent);
    let mut bare = risk_record()["properties"].take();
    assert_eq!(risk(&bare).principal.to_string(), PRINCIPAL);
    bare["@odata.type"] = json!("#microsoft.graph.servicePrincipalRiskDetection");
    assert_eq!(event(&bare).tenant.to_string(), OTHER_TENANT);
}

fn application_export() -> Value {
    json!({"id": "90000000-0000-4000-8000-000000000001", "appId": APP, "displayName": "nightly-export",
        "createdDateTime": "2024-01-01T00:00:00Z",
        "passwordCredentials": [{"keyId": KEY, "displayName": "ci", "hint": "abcdef", "startDateTime": "2026-01-01T00:00:00Z",
            "endDateTime": "2027-01-01T00:00:00Z", "secretText": null}],
        "keyCredentials": [{"keyId": "e0000000-0000-4000-8000-000000000002", "type": "AsymmetricX509Cert", "usage": "Sign",
            "customKeyIdentifier": "A94A8FE5CCB19BA61C4C0873D391E987982FBBD3"}],
        "federatedIdentityCredentials": [{"name": "main", "issuer": "https://i.example", "subject": "repo:a/b"}],
        "owners": [{"id": "f0000000-0000-4000-8000-000000000001", "userPrincipalName": "ops@example.org"}]})
}

#[test]
fn an_application_is_known_by_type_and_by_shape() {
    let typed = with(json!({"appId": APP, "id": PRINCIPAL}), "/@odata.type", json!("#microsoft.graph.application"));
    assert!(matches!(event(&typed).body, Body::InventoryApplication(_)));
    let event_ = event(&application_export());
    assert_eq!(
        (event_.tenant.to_string().as_str(), event_.time.to_string().as_str()),
        (OTHER_TENANT, "2024-01-01T00:00:00Z")
    );
    let Body::InventoryApplication(application) = event_.body else { panic!("no application") };
    let kinds: Vec<_> = application.credentials.iter().map(|one| (one.kind, one.verifies)).collect();
    assert_eq!(
        kinds,
        [(CredentialKind::Secret, true), (CredentialKind::Certificate, false), (CredentialKind::Federated, true)]
    );
    assert_eq!(application.credentials[0].hint.as_deref(), Some("abc"), "never more of a secret than Graph shows");
    assert_eq!(application.ownership.owners, ["ops@example.org"]);
    let renamed = with(application_export(), "/displayName", json!("weekly-export"));
    assert_ne!(event(&application_export()).id, event(&renamed).id, "a changed export is a new event");
    assert_eq!(event(&application_export()).id, event(&application_export()).id);
}

#[test]
fn a_service_principal_is_known_by_shape() {
    let export = json!({"id": PRINCIPAL, "appId": APP, "displayName": "x", "servicePrincipalType": "ManagedIdentity",
        "accountEnabled": true, "passwordCredentials": [], "keyCredentials": [],
        "appRoleAssignments": [{"appRoleId": "df021288-bdef-4463-88db-98f22de89214"}],
        "memberOf": [{"displayName": "Global Reader", "roleTemplateId": "f2ef992c-3afb-46b9-b7cf-a126ee74c451"}, {"displayName": "a group"}]});
    let Body::InventoryServicePrincipal(principal) = event(&export).body else { panic!("no principal") };
    assert!(principal.managed_identity);
    assert_eq!(principal.enabled, Some(true));
    assert_eq!(
        principal.grants,
        ["df021288-bdef-4463-88db-98f22de89214", "Global Reader", "f2ef992c-3afb-46b9-b7cf-a126ee74c451"]
    );
    assert_eq!(event(&export).time.to_string(), "1970-01-01T00:00:00Z");
}

#[test]
fn an_agent_identity_names_its_blueprint_and_its_sponsors() {
    let agent = json!({"id": PRINCIPAL, "displayName": "x", "servicePrincipalType": "ServiceIdentity", "agentIdentityBlueprintId": APP,
        "sponsors": [{"id": "f0000000-0000-4000-8000-000000000001", "userPrincipalName": "ops@example.org"}, "f2"],
        "owners": "[{\"id\":\"f0000000-0000-4000-8000-000000000003\"}]"});
    let typed = |kind: &str| with(agent.clone(), "/@odata.type", json!(format!("#microsoft.graph.{kind}")));
    for export in [agent.clone(), typed("agentIdentity"), typed("agentIdentityBlueprintPrincipal")] {
        let Body::InventoryServicePrincipal(principal) = event(&export).body else { panic!("no principal: {export}") };
        assert_eq!(principal.blueprint.expect("a blueprint").to_string(), APP);
        assert_eq!(principal.ownership.sponsors, ["ops@example.org", "f2"]);
        assert_eq!(principal.ownership.owners, ["f0000000-0000-4000-8000-000000000003"]);
    }
    let blueprint = with(application_export(), "/@odata.type", json!("#microsoft.graph.agentIdentityBlueprint"));
    let Body::InventoryApplication(blueprint) = event(&with(blueprint, "/sponsors", json!(["f2"]))).body else {
        panic!("none")
    };
    assert_eq!(blueprint.ownership.sponsors, ["f2"]);
}

#[test]
fn an_agent_s_user_account_tells_to_whom_the_agent_reports() {
    let account = json!({"id": "f0000000-0000-4000-8000-000000000009", "userPrincipalName": "agent@example.org",
        "displayName": "x", "accountEnabled": false, "identityParentId": PRINCIPAL, "sponsors": [{"id": "f2"}],
        "manager": {"id": "f0000000-0000-4000-8000-000000000001", "displayName": "Head", "userPrincipalName": "head@example.org"}});
    let typed = with(account.clone(), "/@odata.type", json!("#microsoft.graph.agentUser"));
    let folded = with(account.clone(), "/manager", json!("{\"id\":\"f3\",\"userPrincipalName\":\"head@example.org\"}"));
    let named = with(account.clone(), "/manager", json!("head@example.org"));
    for export in [account.clone(), typed, folded, named] {
        let Body::InventoryServicePrincipal(agent) = event(&export).body else { panic!("no principal: {export}") };
        assert_eq!((agent.principal.to_string().as_str(), agent.ownership.managers.len()), (PRINCIPAL, 1));
        assert_eq!(agent.ownership.managers, ["head@example.org"]);
        assert!(agent.ownership.sponsors.is_empty() && agent.name.is_none() && agent.enabled.is_none(), "{agent:?}");
    }
    let alone = with(account.clone(), "/manager", json!(null));
    let Body::InventoryServicePrincipal(agent) = event(&alone).body else { panic!("no principal") };
    assert!(agent.ownership.is_empty());
    let orphan =
        with(with(account, "/identityParentId", json!(null)), "/@odata.type", json!("#microsoft.graph.agentUser"));
    assert_eq!(dead(&orphan).0, ReasonCode::MissingField);
}

fn command(word: &str) -> Value {
    json!({"command": word, "tenantId": TENANT, "servicePrincipalIds": [PRINCIPAL, "d0000000-0000-4000-8000-000000000002"],
        "initiatedBy": "ops@example.org", "reason": "drill", "dateTime": "2026-05-04T12:00:00Z"})
}

#[test]
fn a_command_is_one_event_for_each_principal() {
    for (word, verdict) in [
        ("confirmCompromised", Verdict::ConfirmCompromised),
        ("dismiss", Verdict::Dismiss),
        ("confirmSafe", Verdict::ConfirmSafe),
    ] {
        let events = events(&command(word));
        assert_eq!(events.len(), 2);
        assert_ne!(events[0].id, events[1].id);
        let Body::Command(first) = &events[0].body else { panic!("no command") };
        assert_eq!((first.verdict, first.principal.to_string().as_str()), (verdict, PRINCIPAL));
        assert_eq!((first.initiated_by.as_deref(), first.reason.as_deref()), (Some("ops@example.org"), Some("drill")));
    }
    let agents = json!({"command": "confirmSafe", "agentIds": [PRINCIPAL], "dateTime": "2026-05-04T12:00:00Z"});
    assert_eq!(events(&agents).len(), 1);
}

#[test]
fn a_command_that_lacks_something_says_what() {
    for (record, code, field) in [
        (command("disable"), ReasonCode::BadField, "command"),
        (without(command("dismiss"), "/dateTime"), ReasonCode::MissingField, "dateTime"),
        (without(command("dismiss"), "/servicePrincipalIds"), ReasonCode::MissingField, "servicePrincipalIds"),
        (with(command("dismiss"), "/servicePrincipalIds", json!([""])), ReasonCode::BadField, "servicePrincipalIds"),
    ] {
        assert_eq!(dead(&record), (code, field.to_owned()));
    }
}

fn window() -> Value {
    let change = with(command("expectChange"), "/from", json!("2026-05-04T13:00:00Z"));
    with(change, "/until", json!("2026-05-11T00:00:00Z"))
}

fn windows(record: &Value) -> Vec<Window> {
    let expected = |event: Event| match event.body {
        Body::ExpectedChange(change) => change.window,
        other => panic!("no window: {other:?}"),
    };
    events(record).into_iter().map(expected).collect()
}

#[test]
fn an_expected_change_is_a_window_for_each_principal() {
    let read = windows(&window());
    assert_eq!(read.len(), 2);
    let one = &read[0];
    assert_eq!((one.author.as_str(), one.reason.as_str()), ("ops@example.org", "drill"));
    let times = [one.said, one.from, one.until].map(|time| time.to_string());
    assert_eq!(times, ["2026-05-04T12:00:00Z", "2026-05-04T13:00:00Z", "2026-05-11T00:00:00Z"]);
    assert_eq!(windows(&without(window(), "/from"))[0].from, one.said, "from now on, where nothing is said");
    let named = with(with(window(), "/id", json!("w1")), "/riskEventTypes", json!(["suspiciousSignins"]));
    assert_eq!((&windows(&named)[0].id, windows(&named)[0].risk_event_types.len()), (&Id::Text("w1".into()), 1));
    let shorter = with(named.clone(), "/until", json!("2026-05-05T00:00:00Z"));
    assert_ne!(events(&shorter)[0].id, events(&named)[0].id, "announced anew");
}

#[test]
fn a_window_that_does_not_end_or_has_no_author_is_refused() {
    for (record, code, field) in [
        (without(window(), "/until"), ReasonCode::MissingField, "until"),
        (with(window(), "/until", json!("2026-06-11T00:00:00Z")), ReasonCode::BadField, "until"),
        (with(window(), "/until", json!("2026-05-04T13:00:00Z")), ReasonCode::BadField, "until"),
        (with(window(), "/from", json!("2028-06-11T00:00:00Z")), ReasonCode::BadField, "from"),
        (without(window(), "/initiatedBy"), ReasonCode::MissingField, "initiatedBy"),
        (without(window(), "/reason"), ReasonCode::MissingField, "reason"),
        (with(window(), "/riskEventTypes", json!(["signins"])), ReasonCode::BadField, "riskEventTypes"),
    ] {
        assert_eq!(dead(&record), (code, field.to_owned()));
    }
}

fn user_risk(record: &Value) -> UserRisk {
    match event(record).body {
        Body::UserRisk(risk) => *risk,
        other => panic!("no verdict on a user: {other:?}"),
    }
}

#[test]
fn verdicts_on_users_are_taken_in_by_category_and_by_shape() {
    let user = "f0000000-0000-4000-8000-000000000007";
    let detection = json!({"id": "r1", "userId": user, "userPrincipalName": "someone@example.org", "riskEventType": "passwordSpray",
        "riskLevel": "high", "riskState": "atRisk", "activity": "signin", "activityDateTime": "2026-05-04T10:00:00Z",
        "detectedDateTime": "2026-05-04T10:10:00Z", "lastUpdatedDateTime": "2026-05-04T10:20:00Z"});
    let record = json!({"category": "UserRiskEvents", "tenantId": TENANT, "properties": detection});
    let read = user_risk(&record);
    assert_eq!((read.user.to_string().as_str(), read.detection), (user, Id::parse("r1")));
    assert_eq!((read.grade, read.since.to_string().as_str()), (Some(UserRiskGrade::High), "2026-05-04T10:00:00Z"));
    assert_eq!(event(&record).time.to_string(), "2026-05-04T10:20:00Z", "when it was said last");
    assert_eq!(user_risk(&detection), user_risk(&record), "Graph's own resource");
    let dismissed = with(record.clone(), "/properties/riskState", json!("dismissed"));
    assert_eq!(user_risk(&dismissed).grade, None);
    assert_ne!(event(&dismissed).id, event(&record).id);
    let mut risky = json!({"id": user, "userPrincipalName": "someone@example.org", "isDeleted": false, "riskLevel": "hidden",
        "riskState": "confirmedCompromised", "riskLastUpdatedDateTime": "2026-05-04T11:00:00Z"});
    let read = user_risk(&risky);
    assert_eq!(
        (read.user.to_string().as_str(), read.detection, read.grade),
        (user, None, Some(UserRiskGrade::Confirmed))
    );
    risky["@odata.type"] = json!("#microsoft.graph.riskyUser");
    assert_eq!(user_risk(&risky).user.to_string(), user);
    assert_eq!(
        user_risk(&json!({"category": "RiskyUsers", "tenantId": TENANT, "properties": risky})).user.to_string(),
        user
    );
}
