//! Records of the unified audit log: what applications do in Exchange and `SharePoint`, and what they are given there.

use crate::samples::*;
use picket::decode::{Outcome, ReasonCode};
use picket_detectors::event::{ActorKind, Body, DirectoryChange, OfficeAct, Operation};
use serde_json::{Value, json};

fn record() -> Value {
    json!({
        "CreationTime": "2026-05-04T10:00:09", "Id": "a0000000-0000-4000-8000-00000000000a", "Operation": "MailItemsAccessed",
        "OrganizationId": TENANT, "RecordType": 50, "ResultStatus": "Succeeded", "UserType": 5, "UserId": "S-1-5-18",
        "Workload": "Exchange", "AppId": GRAPH, "ClientAppId": APP, "ClientIPAddress": "203.0.113.7",
        "ClientInfoString": "Client=REST;Client=RESTSystem;python-requests/2.31[AppId=x];", "MailboxOwnerUPN": "ceo@example.org",
        "AppAccessContext": {"ClientAppId": APP, "UniqueTokenId": "AAAAoAAAAECAAAAAAAAAAQ"},
    })
}

/// The same as a row of Log Analytics.
fn row() -> Value {
    json!({
        "TimeGenerated": "2026-05-04T10:00:09Z", "Type": "OfficeActivity", "TenantId": OTHER_TENANT,
        "OfficeId": "a0000000-0000-4000-8000-00000000000a", "Operation": "MailItemsAccessed", "OrganizationId": TENANT,
        "RecordType": "50", "ResultStatus": "Succeeded", "UserType": "Application", "UserId": "S-1-5-18",
        "OfficeWorkload": "Exchange", "AppId": GRAPH, "ClientAppId": APP, "Client_IPAddress": "203.0.113.7", "ClientIP": "",
        "ClientInfoString": "Client=REST;Client=RESTSystem;python-requests/2.31[AppId=x];", "MailboxOwnerUPN": "ceo@example.org",
        "AppAccessContext": format!("{{\"ClientAppId\":\"{APP}\",\"UniqueTokenId\":\"AAAAoAAAAECAAAAAAAAAAQ\"}}"),
    })
}

fn act(record: &Value) -> OfficeAct {
    match event(record).body {
        Body::OfficeAct(act) => *act,
        other => panic!("no act: {other:?}"),
    }
}

#[test]
fn a_record_and_a_row_are_the_same_event() {
    assert_eq!(event(&record()), event(&row()));
    let told = event(&record());
    assert_eq!((told.time.to_string().as_str(), told.tenant.to_string().as_str()), ("2026-05-04T10:00:09Z", TENANT));
    let act = act(&record());
    assert_eq!((act.app.to_string().as_str(), &*act.operation), (APP, "mailitemsaccessed"));
    assert_eq!(act.api.map(|api| api.to_string()).as_deref(), Some(GRAPH));
    assert_eq!(act.place_of_data.as_deref(), Some("ceo@example.org"));
    assert_eq!(act.agent.text.as_deref(), Some("Client=RESTSystem;python-requests/2.31"));
    assert_eq!(act.place.address, "203.0.113.7".parse().ok());
    assert!(act.token.is_some_and(|token| token.to_string().contains('-')) && act.succeeded);
}

#[test]
fn people_are_ignored_and_applications_are_not() {
    let person = with(with(record(), "/UserType", json!(0)), "/UserId", json!("ceo@example.org"));
    assert_eq!(ignored(&person), "OfficeActivity of a user");
    let ews = with(person, "/ClientInfoString", json!("Client=WebServices;ExchangeWebServices;x"));
    assert_eq!(act(&ews).app.to_string(), APP, "whoever impersonates is written down as whom it acts as");
    let outlook = with(ews.clone(), "/AppAccessContext", json!(null));
    let outlook = with(outlook, "/ClientAppId", json!("d3590ed6-52b3-4102-aeff-aad2292ab01c"));
    assert_eq!(ignored(&outlook), "OfficeActivity of a user", "a product of Microsoft's");
    for user in ["app@sharepoint", "NT AUTHORITY\\SYSTEM (w3wp)", APP] {
        let service = with(with(record(), "/UserType", json!("System")), "/UserId", json!(user));
        assert_eq!(act(&service).app.to_string(), APP, "{user}");
    }
    let named = with(with(record(), "/UserType", json!(4)), "/UserId", json!(format!("ServicePrincipal_{PRINCIPAL}")));
    assert_eq!(act(&named).principal.map(|id| id.to_string()).as_deref(), Some(PRINCIPAL));
    let nobody = without(without(record(), "/AppAccessContext"), "/ClientAppId");
    assert_eq!(ignored(&nobody), "OfficeActivity without an application");
    let entra = with(record(), "/Workload", json!("AzureActiveDirectory"));
    assert_eq!(ignored(&entra), "OfficeActivity of Entra, told by AuditLogs");
}

fn command(name: &str, parameters: &Value) -> Value {
    json!({
        "CreationTime": "2026-05-04T10:00:09", "Id": "a0000000-0000-4000-8000-00000000000b", "Operation": name,
        "OrganizationId": TENANT, "RecordType": 1, "ResultStatus": "True", "UserType": 2, "UserId": "admin@example.org",
        "Workload": "Exchange", "ClientIP": "203.0.113.7:50123", "Parameters": parameters,
    })
}

fn changes(record: &Value) -> Vec<DirectoryChange> {
    let Outcome::Events(events) = outcome(record) else { panic!("no events: {:?}", outcome(record)) };
    let change = |body| if let Body::DirectoryChange(change) = body { Some(*change) } else { None };
    events.into_iter().filter_map(|event| change(event.body)).collect()
}

#[test]
fn a_role_in_exchange_is_a_grant_to_the_principal() {
    let role = |role: &str| json!([{"Name": "Role", "Value": role}, {"Name": "App", "Value": PRINCIPAL}]);
    for (given, expected) in [
        ("ApplicationImpersonation", &["ApplicationImpersonation", "full_access_as_app"][..]),
        ("Application Mail.Read", &["Application Mail.Read", "Mail.Read"]),
        ("Help Desk", &["Help Desk"]),
    ] {
        for parameters in [role(given), json!(role(given).to_string())] {
            let told = changes(&command("New-ManagementRoleAssignment", &parameters));
            assert_eq!(
                (told.len(), told[0].operation, told[0].actor.kind),
                (1, Operation::AppRoleGranted, ActorKind::User)
            );
            assert_eq!(told[0].grants, expected);
            assert_eq!(told[0].principal.as_ref().map(ToString::to_string).as_deref(), Some(PRINCIPAL));
            assert_eq!(told[0].actor.place.address, "203.0.113.7".parse().ok());
        }
    }
}

#[test]
fn what_exchange_knows_of_an_application_joins_its_ids() {
    let parameters = json!([{"Name": "AppId", "Value": APP}, {"Name": "ObjectId", "Value": PRINCIPAL},
        {"Name": "DisplayName", "Value": "nightly-export"}]);
    let told = changes(&command("New-ServicePrincipal", &parameters));
    let ids =
        [told[0].application.as_ref().map(ToString::to_string), told[0].principal.as_ref().map(ToString::to_string)];
    assert_eq!(ids, [Some(APP.to_owned()), Some(PRINCIPAL.to_owned())]);
    assert_eq!(told[0].name.as_deref(), Some("nightly-export"));
}

#[test]
fn commands_about_people_are_ignored_and_those_of_applications_are_theirs() {
    let to_a_person =
        json!([{"Name": "Role", "Value": "ApplicationImpersonation"}, {"Name": "User", "Value": "svc@example.org"}]);
    let record = command("New-ManagementRoleAssignment", &to_a_person);
    assert_eq!(ignored(&record), "OfficeActivity of a user");
    let by_app = with(with(with(record, "/UserType", json!(5)), "/UserId", json!(APP)), "/AppId", json!(APP));
    assert_eq!(act(&by_app).operation, "new-managementroleassignment");
    for parameters in [json!(null), json!("nonsense"), json!([[]]), json!({"Name": 1}), json!(7)] {
        assert_eq!(ignored(&command("New-ServicePrincipal", &parameters)), "OfficeActivity of a user");
    }
}

#[test]
fn what_cannot_be_read_is_buried() {
    for (path, value, expected) in [
        ("/CreationTime", json!(null), (ReasonCode::MissingField, "CreationTime")),
        ("/CreationTime", json!("soon"), (ReasonCode::BadField, "CreationTime")),
        ("/Operation", json!({}), (ReasonCode::MissingField, "Operation")),
        ("/Workload", json!(null), (ReasonCode::MissingField, "Workload")),
    ] {
        let (code, detail) = dead(&with(record(), path, value));
        assert_eq!((code, detail.as_str()), expected, "{path}");
    }
}
