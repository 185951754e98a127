//! Any text as the value of a property that a directory change modified.

use super::decoding::{decode_within, text};

const CHANGE: &str = r#"{"time":"2026-03-02T00:00:00Z","category":"AuditLogs","tenantId":"11111111-2222-4333-8444-555555555555",
"properties":{"id":"1","activityDisplayName":"Add app role assignment to service principal","result":"success",
"activityDateTime":"2026-03-02T00:00:00Z","initiatedBy":{"app":{"servicePrincipalId":"66666666-7777-4888-8999-000000000000"}},
"targetResources":[{"id":"22222222-3333-4444-8555-666666666666","type":"ServicePrincipal",
"modifiedProperties":[{"displayName":@,"oldValue":null,"newValue":%}]}]}}"#;

/// The properties that are read.
const NAMES: [&str; 6] = [
    "AppRole.Value",
    "FederatedIdentityCredentials",
    "ServicePrincipal.AppId",
    "DelegatedPermissionGrant.Scope",
    "AccountEnabled",
    "AppAddress",
];

/// Decodes the change; the first byte chooses the name.
pub fn properties(bytes: &[u8]) {
    let Some((choice, value)) = bytes.split_first() else { return };
    let name = NAMES[usize::from(*choice) % NAMES.len()];
    decode_within(&CHANGE.replace('@', &format!("{name:?}")), text(value));
}
