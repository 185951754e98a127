//! Calls of Azure Resource Manager and of key vaults.

use crate::samples::*;
use picket_detectors::event::{ActorKind, Id, Operation, Service};
use serde_json::{Value, json};

const OBJECT: &str = "http://schemas.microsoft.com/identity/claims/objectidentifier";
const TOKEN: &str = "AAAAoAAAAECAAAAAAAAAAQ";

fn azure_record() -> Value {
    json!({
        "time": "2026-05-04T10:00:09.1234567Z", "category": "Administrative", "level": "Information",
        "resourceId": "/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/A",
        "operationName": "MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION", "resultType": "Success",
        "resultSignature": "Succeeded.OK", "callerIpAddress": "203.0.113.7", "correlationId": "c1",
        "identity": {
            "authorization": {"scope": "/subscriptions/s", "evidence": {"role": "Contributor", "principalType": "ServicePrincipal"}},
            "claims": {OBJECT: PRINCIPAL, "appid": APP, "uti": TOKEN, "http://schemas.microsoft.com/identity/claims/tenantid": TENANT}
        },
        "properties": {"statusCode": "OK"}
    })
}

fn vault_record() -> Value {
    json!({
        "time": "2026-05-04T10:00:09Z", "category": "AuditEvent", "operationName": "SecretGet", "resultType": "Success",
        "resourceId": "/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/PAYROLL",
        "callerIpAddress": "203.0.113.7", "correlationId": "c2",
        "identity": {"claim": {OBJECT: PRINCIPAL, "appid": APP, "idtyp": "app", "uti": TOKEN}},
        "properties": {"id": "https://payroll.vault.azure.net/secrets/x/1", "clientInfo": "azsdk-python/1.0", "httpStatusCode": 200}
    })
}

#[test]
fn a_call_of_resource_manager_is_read_whole() {
    let record = azure_record();
    let call = call(&record);
    assert_eq!(event(&record).tenant.to_string(), TENANT, "the token's tenant");
    assert_eq!((call.service, call.principal.to_string().as_str()), (Service::ResourceManager, PRINCIPAL));
    assert_eq!((&*call.method, &*call.endpoint), ("POST", "microsoft.storage/storageaccounts/listkeys/action"));
    assert_eq!((call.status, call.place.address), (200, "203.0.113.7".parse().ok()));
    assert_eq!(call.token, Id::parse("a0000000-0000-4000-8000-000000000001"));
}

#[test]
fn a_refused_call_of_resource_manager_says_so() {
    let record =
        with(with(azure_record(), "/resultType", json!("Failure")), "/resultSignature", json!("Failed.Forbidden"));
    assert_eq!(call(&record).status, 403);
}

#[test]
fn only_the_end_of_a_call_counts() {
    let begun = with(azure_record(), "/resultType", json!("Start"));
    assert_eq!(ignored(&begun), "AzureActivity that has only begun");
}

#[test]
fn calls_of_people_are_ignored_by_name() {
    let person = with(azure_record(), "/identity/authorization/evidence/principalType", json!("User"));
    assert_eq!(ignored(&person), "AzureActivity of a user");
    let delegated = with(vault_record(), "/identity/claim/idtyp", json!("user"));
    assert_eq!(ignored(&delegated), "AuditEvent of a user");
    let old_token = without(vault_record(), "/identity/claim/idtyp");
    assert_eq!(call(&old_token).principal.to_string(), PRINCIPAL, "no person and no scope");
    let scoped = with(old_token, "/identity/claim/scp", json!("user_impersonation"));
    assert_eq!(ignored(&scoped), "AuditEvent of a user");
}

#[test]
fn a_row_of_log_analytics_has_its_claims_in_a_string() {
    let claims = azure_record().pointer("/identity/claims").expect("claims").to_string();
    let row = json!({
        "Type": "AzureActivity", "TimeGenerated": "2026-05-04T10:00:09Z", "TenantId": "a workspace", "CallerIpAddress": "203.0.113.7",
        "CategoryValue": "Administrative", "OperationNameValue": "Microsoft.Storage/storageAccounts/listKeys/action",
        "ActivityStatusValue": "Success", "CorrelationId": "c1", "Claims": claims,
    });
    assert_eq!(
        (event(&row).tenant.to_string(), call(&row).principal.to_string()),
        (TENANT.to_owned(), PRINCIPAL.to_owned())
    );
}

/// The beginning of a call that gives a role, with its request.
fn assignment_record(principal_type: &str, role: &str, scope: &str) -> Value {
    let request = json!({"Id": "x", "Properties": {
        "PrincipalId": OTHER_PRINCIPAL, "PrincipalType": principal_type, "Scope": scope,
        "RoleDefinitionId": format!("/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/{role}")}});
    let record = with(azure_record(), "/operationName", json!("MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE"));
    let record = with(record, "/properties/requestbody", json!(request.to_string()));
    with(with(record, "/resultType", json!("Start")), "/correlationId", json!("c0000000-0000-4000-8000-000000000001"))
}

const OTHER_PRINCIPAL: &str = "d0000000-0000-4000-8000-000000000002";
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

#[test]
fn a_role_that_a_workload_identity_is_given_is_a_change_of_it() {
    let record = assignment_record("ServicePrincipal", OWNER, "/subscriptions/s");
    let given = change(&record);
    assert_eq!((given.operation, &*given.grants), (Operation::RoleGranted, &["Azure Owner".into()][..]));
    assert_eq!(given.principal.as_ref().map(ToString::to_string).as_deref(), Some(OTHER_PRINCIPAL));
    assert_eq!((given.actor.kind, &given.actor.id), (ActorKind::Application, &Id::parse(PRINCIPAL)));
    assert_eq!((given.succeeded, given.actor.place.address), (true, "203.0.113.7".parse().ok()));
    assert_eq!(event(&record).tenant.to_string(), TENANT);
    for (role, scope, expected) in [
        (OWNER, "/", "Azure Owner"),
        (OWNER, "/subscriptions/s/resourceGroups/g", "Azure Owner within a resource group"),
        ("b24988ac-6180-42a0-ab88-20f7382dd24c", "/subscriptions/s/resourceGroups/g", "Azure Contributor"),
        ("A0000000-0000-4000-8000-00000000000A", "/subscriptions/s", "Azure role a0000000-0000-4000-8000-00000000000a"),
    ] {
        assert_eq!(change(&assignment_record("ServicePrincipal", role, scope)).grants, [expected]);
    }
}

#[test]
fn a_person_may_give_a_role_and_a_person_may_be_given_one() {
    let record = assignment_record("ServicePrincipal", OWNER, "/subscriptions/s");
    let record = with(record, "/identity/claims/idtyp", json!("user"));
    let given = change(&with(record, "/identity/claims/upn", json!("ops@contoso.example")));
    assert_eq!((given.actor.kind, given.actor.name.as_deref()), (ActorKind::User, Some("ops@contoso.example")));
    assert_eq!(given.actor.app, None, "the application that a person works with is not who did it");
    let to_person = assignment_record("User", OWNER, "/subscriptions/s");
    assert_eq!(ignored(&to_person), "AzureActivity that has only begun");
}

/// The beginning of a call that lets an issuer sign in as a managed identity; `trust` is whom it trusts.
fn trust_record(trust: &Value) -> Value {
    let path = "/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ci";
    let write = "MICROSOFT.MANAGEDIDENTITY/USERASSIGNEDIDENTITIES/FEDERATEDIDENTITYCREDENTIALS/WRITE";
    let record = with(azure_record(), "/operationName", json!(write));
    let record = with(record, "/properties/requestbody", json!(json!({ "Properties": trust }).to_string()));
    let record = with(record, "/resourceId", json!(format!("{path}/federatedIdentityCredentials/Main")));
    with(record, "/resultType", json!("Start"))
}

#[test]
fn a_trust_that_is_put_on_a_managed_identity_is_a_change_of_it() {
    let issuer = "https://idp.example";
    let added = |trust| {
        let given = change(&trust_record(&trust));
        assert_eq!((given.operation, &given.principal), (Operation::FederatedCredentials, &None));
        assert!(given.application_object.is_some() && given.succeeded);
        let [added] = given.credentials.added.as_slice() else { panic!("one is added: {given:?}") };
        assert_eq!(added.name.as_deref(), Some("main"));
        (added.issuer.clone(), added.subject.clone())
    };
    assert_eq!(added(json!({"issuer": issuer, "subject": "s"})), (Some(issuer.into()), Some("s".into())));
    let expression = "claims['sub'] matches 'repo:a/*'";
    let flexible = json!({"issuer": issuer, "claimsMatchingExpression": {"value": expression, "languageVersion": 1}});
    assert_eq!(added(flexible), (Some(issuer.into()), Some(expression.into())));
    assert_eq!(added(json!("unreadable")), (None, None));
    let elsewhere = with(trust_record(&json!({})), "/resourceId", json!("/subscriptions/s"));
    assert_eq!(ignored(&elsewhere), "AzureActivity that has only begun");
}

#[test]
fn the_end_of_giving_a_role_is_a_call_as_any_other() {
    let begun = assignment_record("ServicePrincipal", OWNER, "/subscriptions/s");
    for result in ["Success", "Failed"] {
        let ended = event(&with(begun.clone(), "/resultType", json!(result)));
        assert_eq!(ended.body.category(), event(&azure_record()).body.category(), "{result}");
    }
    let again = with(begun.clone(), "/time", json!("2026-05-04T10:00:11Z"));
    assert_eq!(event(&again).id, event(&begun).id, "it may be told of twice");
}

/// The same call as Azure's command line lists it.
fn listed_record() -> Value {
    let word = |value: &str| json!({"value": value, "localizedValue": value});
    json!({
        "authorization": {"action": "Microsoft.Storage/storageAccounts/listKeys/action", "scope": "/subscriptions/s"},
        "caller": PRINCIPAL, "category": word("Administrative"), "correlationId": "c1", "eventName": word("EndRequest"),
        "claims": {OBJECT: PRINCIPAL, "appid": APP, "idtyp": "app", "uti": TOKEN, "http://schemas.microsoft.com/identity/claims/tenantid": TENANT},
        "eventTimestamp": "2026-05-04T10:00:09.1234567Z", "submissionTimestamp": "2026-05-04T10:02:00Z",
        "httpRequest": {"clientIpAddress": "203.0.113.7", "method": "POST"}, "level": "Informational",
        "operationName": word("Microsoft.Storage/storageAccounts/listKeys/action"), "properties": {"statusCode": "OK"},
        "resourceId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a",
        "status": word("Succeeded"), "subStatus": word(""), "subscriptionId": "s", "tenantId": TENANT,
    })
}

#[test]
fn a_call_that_azures_command_line_lists_is_the_same_call() {
    assert_eq!(call(&listed_record()), call(&azure_record()));
    assert_eq!(event(&listed_record()).time, event(&azure_record()).time);
    let begun = with(listed_record(), "/status/value", json!("Started"));
    assert_eq!(ignored(&begun), "AzureActivity that has only begun");
    let person = with(listed_record(), "/claims/idtyp", json!("user"));
    assert_eq!(ignored(&person), "AzureActivity of a user");
    // The interface itself names neither category nor resource so.
    let answered = without(without(listed_record(), "/category"), "/resourceId");
    let path = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a";
    let answered = with(answered, "/resourceUri", json!(path));
    assert_eq!(call(&answered), call(&azure_record()));
}

#[test]
fn rows_of_key_vaults_have_their_claims_in_columns_or_in_an_object() {
    let path = "/subscriptions/s/resourcegroups/g/providers/microsoft.keyvault/vaults/payroll";
    let shared = json!({
        "Type": "AzureDiagnostics", "TimeGenerated": "2026-05-04T10:00:09Z", "TenantId": "a workspace", "Category": "AuditEvent",
        "ResourceId": path.to_uppercase(), "OperationName": "SecretGet", "ResultSignature": "OK", "CorrelationId": "c2",
        "CallerIPAddress": "203.0.113.7", "httpStatusCode_d": 200.0, "clientInfo_s": "azsdk-python/1.0",
        "requestUri_s": "https://payroll.vault.azure.net/secrets/x/1", "identity_claim_appid_g": APP,
        "identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g": PRINCIPAL, "identity_claim_uti_s": TOKEN,
    });
    assert_eq!(call(&shared), call(&vault_record()));
    let person = with(shared, "/identity_claim_upn_s", json!("somebody@contoso.example"));
    assert_eq!(ignored(&person), "AuditEvent of a user");
    let own = json!({
        "Type": "AZKVAuditLogs", "TimeGenerated": "2026-05-04T10:00:09Z", "TenantId": "a workspace", "_ResourceId": path,
        "OperationName": "SecretGet", "CorrelationId": "c2", "CallerIpAddress": "203.0.113.7", "HttpStatusCode": 200,
        "Identity": {"claim": {OBJECT: PRINCIPAL, "appid": APP, "uti": TOKEN}}, "ClientInfo": "azsdk-python/1.0",
        "RequestUri": "https://payroll.vault.azure.net/secrets/x/1",
    });
    assert_eq!(call(&own), call(&vault_record()));
}

#[test]
fn a_call_of_a_key_vault_names_the_vault() {
    let record = vault_record();
    let call = call(&record);
    assert_eq!((call.service, &*call.method, &*call.endpoint), (Service::KeyVault, "GET", "/payroll/secretget"));
    assert_eq!((call.status, call.agent.text.as_deref()), (200, Some("azsdk-python/1.0")));
    let other_log = with(record, "/resourceId", json!("/SUBSCRIPTIONS/S/PROVIDERS/MICROSOFT.AUTOMATION/X/Y"));
    assert_eq!(ignored(&other_log), "AuditEvent");
}
