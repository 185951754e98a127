//! Calls of Azure Resource Manager and of key vaults.

use crate::samples::*;
use picket_detectors::event::{Id, Service};
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

#[test]
fn a_call_of_a_key_vault_names_the_vault() {
    let record = vault_record();
    let call = call(&record);
    assert_eq!((call.service, &*call.method, &*call.endpoint), (Service::KeyVault, "GET", "/payroll/secretget"));
    assert_eq!((call.status, call.agent.text.as_deref()), (200, Some("azsdk-python/1.0")));
    let other_log = with(record, "/resourceId", json!("/SUBSCRIPTIONS/S/PROVIDERS/MICROSOFT.AUTOMATION/X/Y"));
    assert_eq!(ignored(&other_log), "AuditEvent");
}
