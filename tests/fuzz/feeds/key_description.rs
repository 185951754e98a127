//! Any text as the `KeyDescription` of a change of credentials.

use super::decoding::{decode_within, text};

const CHANGE: &str = r#"{"time":"2026-03-02T00:00:00Z","category":"AuditLogs","tenantId":"11111111-2222-4333-8444-555555555555",
"properties":{"id":"1","activityDisplayName":"Update application – Certificates and secrets management","result":"success",
"activityDateTime":"2026-03-02T00:00:00Z","initiatedBy":{"user":{"id":"66666666-7777-4888-8999-000000000000"}},
"targetResources":[{"id":"22222222-3333-4444-8555-666666666666","type":"Application",
"modifiedProperties":[{"displayName":"KeyDescription","oldValue":"[]","newValue":%}]}]}}"#;

/// Decodes the change.
pub fn key_description(bytes: &[u8]) {
    decode_within(CHANGE, text(bytes));
}
