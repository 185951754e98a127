//! GitHub's audit log, as it is streamed and as it is exported: any member of any entry.

use super::decoding::decode_behind;

/// The beginnings of entries that are told apart; the rest is the fuzzer's.
const BEGINNINGS: [&str; 6] = [
    r#"{"@timestamp":1777885200000,"_document_id":"1","org":"contoso","action":"#,
    r#"{"created_at":1777885200,"actor":"octocat","action":"repo.access","visibility":"public","repo":"contoso/shop","#,
    r#"{"@timestamp":1777885200000,"org":"contoso","action":"workflows.prepared_workflow_job","repo":"contoso/shop","#,
    r#"{"action":"org.add_member","org":"contoso","actor_ip":"198.51.100.7","created_at":"#,
    r#"{"at_timestamp":"2026-05-04 09:00:00.000","actor":"app[bot]","action":"integration_installation.repositories_added","repositories_added_names":["#,
    r#"{"category":"GitHubAudit","@timestamp":1777885200000,"action":"protected_branch.destroy","#,
];

/// Decodes the entry, whose beginning the first byte chooses.
pub fn github_audit(bytes: &[u8]) {
    decode_behind(&BEGINNINGS, bytes);
}
