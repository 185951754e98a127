//! One made-up record of each category, and how to decode it.

use picket::decode::{Context, Decoded, Limits, Outcome, Reason, ReasonCode, decode};
use picket_detectors::event::{ApiActivity, Body, DirectoryChange, Event, SignIn, TenantId};
use serde_json::{Value, json};

pub(crate) const TENANT: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const OTHER_TENANT: &str = "22222222-2222-4222-8222-222222222222";
pub(crate) const PRINCIPAL: &str = "d0000000-0000-4000-8000-000000000001";
pub(crate) const APP: &str = "b0000000-0000-4000-8000-000000000001";
pub(crate) const KEY: &str = "e0000000-0000-4000-8000-000000000001";
pub(crate) const GRAPH: &str = "00000003-0000-0000-c000-000000000000";

pub(crate) fn context() -> Context {
    Context {
        default_tenant: TenantId::parse(OTHER_TENANT).expect("an id"),
        limits: Limits::default(),
        scrubber: std::sync::Arc::default(),
    }
}

pub(crate) struct Seen {
    pub(crate) index: u32,
    pub(crate) bytes: Vec<u8>,
    pub(crate) outcome: Outcome,
}

pub(crate) fn all_with(bytes: &[u8], context: &Context) -> Vec<Seen> {
    let mut seen = Vec::new();
    decode(bytes, context, &mut |Decoded { index, bytes, outcome }| {
        seen.push(Seen { index, bytes: bytes.to_vec(), outcome });
    });
    seen
}

pub(crate) fn all(bytes: &[u8]) -> Vec<Seen> {
    all_with(bytes, &context())
}

pub(crate) fn outcome(record: &Value) -> Outcome {
    let mut seen = all(record.to_string().as_bytes());
    assert_eq!(seen.len(), 1, "one record, one outcome");
    seen.remove(0).outcome
}

pub(crate) fn event(record: &Value) -> Event {
    match outcome(record) {
        Outcome::Events(events) if events.len() == 1 => events.into_iter().next().expect("one"),
        other => panic!("no event but {other:?} of {record}"),
    }
}

pub(crate) fn sign_in(record: &Value) -> SignIn {
    match event(record).body {
        Body::SignIn(sign_in) => *sign_in,
        other => panic!("no sign-in: {other:?}"),
    }
}

pub(crate) fn change(record: &Value) -> DirectoryChange {
    match event(record).body {
        Body::DirectoryChange(change) => *change,
        other => panic!("no change: {other:?}"),
    }
}

pub(crate) fn call(record: &Value) -> ApiActivity {
    match event(record).body {
        Body::ApiActivity(call) => *call,
        other => panic!("no call: {other:?}"),
    }
}

pub(crate) fn ignored(record: &Value) -> String {
    match outcome(record) {
        Outcome::Ignored(rule) => rule.into(),
        other => panic!("not ignored: {other:?}"),
    }
}

pub(crate) fn dead(record: &Value) -> (ReasonCode, String) {
    match outcome(record) {
        Outcome::Dead(Reason { code, detail }) => (code, detail),
        other => panic!("not dead: {other:?}"),
    }
}

/// `record` with the member at `path` (`/`-separated) set.
pub(crate) fn with(mut record: Value, path: &str, value: Value) -> Value {
    let (parent, name) = path.rsplit_once('/').expect("a path");
    record.pointer_mut(parent).expect("a parent")[name] = value;
    record
}

pub(crate) fn without(mut record: Value, path: &str) -> Value {
    let (parent, name) = path.rsplit_once('/').expect("a path");
    record.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object").remove(name).expect("a member");
    record
}

pub(crate) fn sign_in_record() -> Value {
    json!({
        "time": "2026-05-04T10:02:31.1200000Z", "resourceId": format!("/tenants/{TENANT}/providers/Microsoft.aadiam"),
        "operationName": "Sign-in activity", "operationVersion": "1.0", "category": "ServicePrincipalSignInLogs",
        "tenantId": TENANT, "resultType": "0", "resultSignature": "None", "durationMs": 0,
        "callerIpAddress": "203.0.113.7", "correlationId": "c0000000-0000-4000-8000-000000000001", "Level": 4, "location": "NL",
        "properties": {
            "id": "a0000000-0000-4000-8000-000000000001", "createdDateTime": "2026-05-04T10:00:02.0000000+00:00",
            "appId": APP, "servicePrincipalId": PRINCIPAL, "servicePrincipalName": "nightly-export",
            "servicePrincipalCredentialKeyId": KEY, "servicePrincipalCredentialThumbprint": "",
            "clientCredentialType": "clientSecret", "federatedCredentialId": "", "ipAddress": "203.0.113.7",
            "autonomousSystemNumber": 64500,
            "location": {"city": "Amsterdam", "state": "Noord-Holland", "countryOrRegion": "NL",
                "geoCoordinates": {"latitude": 52.37, "longitude": 4.89}},
            "networkLocationDetails": [{"networkType": "trustedNamedLocation", "networkNames": ["office"]}],
            "status": {"errorCode": 0}, "conditionalAccessStatus": "notApplied", "appliedConditionalAccessPolicies": [],
            "authenticationProcessingDetails": [
                {"key": "Azure AD App Authentication Library",
                 "value": "Family: MSAL Library: MSAL.NET 4.54.1.0 Platform: .NET FW"},
                {"key": "Is CAE Token", "value": "False"}],
            "userAgent": "", "resourceDisplayName": "Microsoft Graph", "resourceId": GRAPH,
            "uniqueTokenIdentifier": "AAAAoAAAAECAAAAAAAAAAQ", "riskState": "none", "riskLevelAggregated": "none"
        }
    })
}

pub(crate) fn managed_identity_record() -> Value {
    json!({
        "time": "2026-05-04T10:05:00.0000000Z", "category": "ManagedIdentitySignInLogs", "operationName": "Sign-in activity",
        "tenantId": TENANT, "resultType": "0", "durationMs": 0, "Level": 4,
        "properties": {
            "id": "a0000000-0000-4000-8000-000000000002", "createdDateTime": "2026-05-04T10:04:58.0000000+00:00",
            "appId": "b0000000-0000-4000-8000-000000000002", "servicePrincipalId": "d0000000-0000-4000-8000-000000000002",
            "servicePrincipalName": "vm-batch-01", "ipAddress": "",
            "location": {"city": "", "state": "", "countryOrRegion": "", "geoCoordinates": {"latitude": 0.0, "longitude": 0.0}},
            "status": {"errorCode": 0}, "resourceDisplayName": "Azure Key Vault",
            "resourceId": "cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
            "managedServiceIdentity": {"msiType": "systemAssigned", "associatedResourceId": "/subscriptions/x/virtualMachines/vm-batch-01"}
        }
    })
}

pub(crate) fn audit_record() -> Value {
    json!({
        "time": "2026-05-04T09:00:07.0000000Z", "resourceId": format!("/tenants/{TENANT}/providers/Microsoft.aadiam"),
        "operationName": "Update application – Certificates and secrets management ", "operationVersion": "1.0",
        "category": "AuditLogs", "tenantId": TENANT, "resultSignature": "None", "durationMs": 0,
        "callerIpAddress": "198.51.100.9", "correlationId": "c0000000-0000-4000-8000-000000000003", "identity": "Ops Admin", "Level": 4,
        "properties": {
            "id": "Directory_c0000000-0000-4000-8000-000000000003_AB1CD_1001", "category": "ApplicationManagement",
            "correlationId": "c0000000-0000-4000-8000-000000000003", "result": "success", "resultReason": "",
            "activityDisplayName": "Update application – Certificates and secrets management ",
            "activityDateTime": "2026-05-04T09:00:00.0000000+00:00", "loggedByService": "Core Directory",
            "operationType": "Update", "userAgent": null,
            "initiatedBy": {"user": {"id": "f0000000-0000-4000-8000-000000000001", "displayName": null,
                "userPrincipalName": "ops@example.org", "ipAddress": "198.51.100.9", "roles": []}},
            "targetResources": [{"id": "90000000-0000-4000-8000-000000000001", "displayName": "nightly-export", "type": "Application",
                "modifiedProperties": [
                    {"displayName": "KeyDescription", "oldValue": "[]",
                     "newValue": format!("[\"[KeyIdentifier={KEY},KeyType=Password,KeyUsage=Verify,DisplayName=ci]\"]")},
                    {"displayName": "Included Updated Properties", "oldValue": null, "newValue": "\"KeyDescription\""}],
                "administrativeUnits": []}],
            "additionalDetails": [{"key": "User-Agent", "value": "Mozilla/5.0"}, {"key": "AppId", "value": APP}]
        }
    })
}

pub(crate) fn graph_record() -> Value {
    json!({
        "time": "2026-05-04T10:00:10.0000000Z", "resourceId": format!("/TENANTS/{}/PROVIDERS/MICROSOFT.AADIAM", TENANT.to_uppercase()),
        "operationName": "Microsoft Graph Activity", "operationVersion": "v1.0", "category": "MicrosoftGraphActivityLogs",
        "tenantId": TENANT, "resultSignature": "200", "durationMs": "4011", "callerIpAddress": "203.0.113.7",
        "correlationId": "c0000000-0000-4000-8000-000000000004", "Level": 4, "location": "West Europe",
        "properties": {
            "timeGenerated": "2026-05-04T10:00:09.0000000Z", "requestId": "c0000000-0000-4000-8000-000000000004",
            "apiVersion": "v1.0", "requestMethod": "GET", "requestUri": "https://graph.microsoft.com/v1.0/users?$top=999",
            "responseStatusCode": 200, "responseSizeBytes": 412_345, "appId": APP, "servicePrincipalId": PRINCIPAL,
            "userId": null, "clientAuthMethod": "1", "roles": "Directory.Read.All User.Read.All", "scopes": null,
            "ipAddress": "203.0.113.7", "userAgent": "python-requests/2.31", "signInActivityId": "AAAAoAAAAECAAAAAAAAAAQ",
            "C_Idtyp": "app", "UserPrincipalObjectID": PRINCIPAL
        }
    })
}

pub(crate) fn risk_record() -> Value {
    json!({
        "time": "2026-05-04T12:00:00Z", "category": "ServicePrincipalRiskEvents", "tenantId": TENANT,
        "properties": {"id": "5f00", "activityDateTime": "2026-05-03T10:00:00Z", "detectedDateTime": "2026-05-04T11:00:00Z",
            "riskEventType": "suspiciousSignins", "riskLevel": "medium", "riskState": "atRisk",
            "servicePrincipalId": PRINCIPAL, "servicePrincipalDisplayName": "nightly-export", "appId": APP}
    })
}
