//! Exports of applications, service principals and agents: any member of any of them.

use super::decoding::decode_behind;

/// The beginnings of what is told apart; the rest is the fuzzer's.
const BEGINNINGS: [&str; 5] = [
    r##"{"@odata.type":"#microsoft.graph.application","appId":"b0000000-0000-4000-8000-000000000001","##,
    r#"{"id":"d0000000-0000-4000-8000-000000000001","appId":"b0000000-0000-4000-8000-000000000001","servicePrincipalType":"ManagedIdentity","appRoleAssignments":["#,
    r#"{"appId":"b0000000-0000-4000-8000-000000000001","displayName":"a","passwordCredentials":[{"keyId":"e0000000-0000-4000-8000-000000000001","#,
    r#"{"appId":"b0000000-0000-4000-8000-000000000001","displayName":"a","keyCredentials":[{"keyId":"e0000000-0000-4000-8000-000000000001","customKeyIdentifier":"#,
    r##"{"@odata.type":"#microsoft.graph.agentIdentity","id":"d0000000-0000-4000-8000-000000000001","owners":[{"id":"f0000000-0000-4000-8000-000000000001"}],"sponsors":["##,
];

/// Decodes the export, whose beginning the first byte chooses.
pub fn inventory(bytes: &[u8]) {
    decode_behind(&BEGINNINGS, bytes);
}
