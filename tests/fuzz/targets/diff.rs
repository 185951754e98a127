//! Any text as the diff of a push.
#![no_main]

const PUSH: &str = r#"{"ref":"refs/heads/main","sender":{},"repository":{"full_name":"a/b","private":false},
"head_commit":{"id":"c","timestamp":"2026-03-02T00:00:00Z","message":"m","patch":%}}"#;

libfuzzer_sys::fuzz_target!(|text: &str| picket_fuzz::decode_within(PUSH, text));
