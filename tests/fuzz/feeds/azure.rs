//! Calls of Azure Resource Manager and of key vaults: any member of any of them.

use super::decoding::decode_behind;

/// The beginnings of what is told apart; the rest is the fuzzer's.
const BEGINNINGS: [&str; 6] = [
    r#"{"time":"2026-05-04T10:00:09Z","category":"Administrative","resourceId":"/SUBSCRIPTIONS/1/RESOURCEGROUPS/RG","resultType":"Success","operationName":"MICROSOFT.COMPUTE/VIRTUALMACHINES/RUNCOMMAND/ACTION","identity":{"#,
    r#"{"time":"2026-05-04T10:00:09Z","category":"Administrative","resourceId":"/subscriptions/1","resultType":"Failure","identity":{"claims":{"idtyp":"app","http://schemas.microsoft.com/identity/claims/objectidentifier":"d0000000-0000-4000-8000-000000000001"},"authorization":{"#,
    r#"{"TimeGenerated":"2026-05-04T10:00:09Z","Type":"AzureActivity","CategoryValue":"Administrative","OperationNameValue":"MICROSOFT.KEYVAULT/VAULTS/WRITE","Claims_d":{"#,
    r#"{"TimeGenerated":"2026-05-04T10:00:09Z","Type":"AzureActivity","CategoryValue":"Administrative","Claims":"{\"idtyp\":\"app\",","#,
    r#"{"time":"2026-05-04T10:00:09Z","category":"AuditEvent","operationName":"SecretGet","resourceId":"/SUBSCRIPTIONS/1/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/V","identity":{"claim":{"#,
    r#"{"time":"2026-05-04T10:00:09Z","category":"AuditEvent","operationName":"SecretList","identity":{"claim":{"idtyp":"app","oid":"d0000000-0000-4000-8000-000000000001"}},"properties":{"#,
];

/// Decodes the call, whose beginning the first byte chooses.
pub fn azure(bytes: &[u8]) {
    decode_behind(&BEGINNINGS, bytes);
}
