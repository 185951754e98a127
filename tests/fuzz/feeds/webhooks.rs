//! Webhooks of GitHub and GitLab: any member of any of them.

use super::decoding::decode_behind;

/// The beginnings of what is told apart; the rest is the fuzzer's.
const BEGINNINGS: [&str; 6] = [
    r#"{"ref":"refs/heads/main","sender":{},"head_commit":{"id":"c","timestamp":"2026-03-02T00:00:00Z"},"#,
    r#"{"action":"created","sender":{},"alert":{"number":1,"secret_type":"azure_active_directory_application_secret","created_at":"2026-03-02T00:00:00Z","#,
    r#"{"type":"PushEvent","created_at":"2026-03-02T00:00:00Z","repo":{"name":"a/b"},"public":true,"payload":{"#,
    r#"{"object_kind":"push","event_name":"push","project":{"path_with_namespace":"a/b"},"commits":["#,
    r#"{"action":"publicized","sender":{},"repository":{"full_name":"a/b","#,
    r#"{"url":"https://paste.example.org/1","id":"1","time":"2026-03-02T00:00:00Z","body":"#,
];

/// Decodes the webhook, whose beginning the first byte chooses.
pub fn webhooks(bytes: &[u8]) {
    decode_behind(&BEGINNINGS, bytes);
}
