//! Reports of other scanners: any member of any of them.

use super::decoding::decode_behind;

/// The beginnings of what each reader takes; the rest is the fuzzer's.
const BEGINNINGS: [&str; 6] = [
    r#"{"RuleID":"generic-api-key","Date":"2026-03-02T00:00:00Z","#,
    r#"{"SourceMetadata":{"Data":{}},"DetectorName":"Azure","time":"2026-03-02T00:00:00Z","#,
    r#"{"rule":{"id":"kingfisher.azure.1"},"time":"2026-03-02T00:00:00Z","finding":{"#,
    r#"{"version":"1.5.0","plugins_used":[],"generated_at":"2026-03-02T00:00:00Z","results":{"#,
    r#"{"version":"2.1.0","time":"2026-03-02T00:00:00Z","runs":[{"tool":{"driver":{"name":"picket"}},"results":["#,
    "",
];

/// Decodes the report, whose beginning the first byte chooses.
pub fn reports(bytes: &[u8]) {
    decode_behind(&BEGINNINGS, bytes);
}
