//! Reports of other scanners: any member of any of them.
#![no_main]

/// The beginnings of what each reader takes; the rest is the fuzzer's.
const BEGINNINGS: [&str; 6] = [
    r#"{"RuleID":"generic-api-key","Date":"2026-03-02T00:00:00Z","#,
    r#"{"SourceMetadata":{"Data":{}},"DetectorName":"Azure","time":"2026-03-02T00:00:00Z","#,
    r#"{"rule":{"id":"kingfisher.azure.1"},"time":"2026-03-02T00:00:00Z","finding":{"#,
    r#"{"version":"1.5.0","plugins_used":[],"generated_at":"2026-03-02T00:00:00Z","results":{"#,
    r#"{"version":"2.1.0","time":"2026-03-02T00:00:00Z","runs":[{"tool":{"driver":{"name":"picket"}},"results":["#,
    "",
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let beginning = BEGINNINGS[usize::from(*choice) % BEGINNINGS.len()];
    picket_fuzz::decode(&[beginning.as_bytes(), rest].concat());
});
