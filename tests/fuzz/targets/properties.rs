//! Any text as name and value of a property that a directory change modified.
#![no_main]

const CHANGE: &str = r#"{"time":"2026-03-02T00:00:00Z","category":"AuditLogs","tenantId":"11111111-2222-4333-8444-555555555555",
"properties":{"id":"1","activityDisplayName":"Add app role assignment to service principal","result":"success",
"activityDateTime":"2026-03-02T00:00:00Z","initiatedBy":{"app":{"servicePrincipalId":"66666666-7777-4888-8999-000000000000"}},
"targetResources":[{"id":"22222222-3333-4444-8555-666666666666","type":"ServicePrincipal",
"modifiedProperties":[{"displayName":@,"oldValue":null,"newValue":%}]}]}}"#;

/// The properties that are read; other names come from the fuzzer.
const NAMES: [&str; 6] = [
    "AppRole.Value",
    "FederatedIdentityCredentials",
    "ServicePrincipal.AppId",
    "DelegatedPermissionGrant.Scope",
    "AccountEnabled",
    "AppAddress",
];

libfuzzer_sys::fuzz_target!(|input: (u8, &str)| {
    let (choice, text) = input;
    let name = NAMES[usize::from(choice) % NAMES.len()];
    picket_fuzz::decode_within(&CHANGE.replace('@', &format!("{name:?}")), text);
});
