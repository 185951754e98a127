//! Any text as the diff of a push.

use super::decoding::{decode_within, text};

const PUSH: &str = r#"{"ref":"refs/heads/main","sender":{},"repository":{"full_name":"a/b","private":false},
"head_commit":{"id":"c","timestamp":"2026-03-02T00:00:00Z","message":"m","patch":%}}"#;

/// Decodes the push.
pub fn diff(bytes: &[u8]) {
    decode_within(PUSH, text(bytes));
}
