//! Any bytes as text with secrets in it: found, and taken out.

use picket_detectors::secrets::{FingerprintKey, Origin, Scanner, Scrubber};
use std::sync::LazyLock;

static SCANNER: LazyLock<Scanner> = LazyLock::new(|| Scanner::shipped(FingerprintKey::default()));
static SCRUBBER: LazyLock<Scrubber> = LazyLock::new(Scrubber::default);

/// Finds them, takes them out, and looks at what is left.
pub fn scanner(bytes: &[u8]) {
    for sighting in SCANNER.scan(bytes, &Origin { path: Some("config/settings.yaml") }) {
        assert!(sighting.start < sighting.end && sighting.end <= bytes.len(), "{sighting:?} is out of the text");
    }
    let clean = SCRUBBER.scrub(bytes);
    assert_eq!(SCRUBBER.scrub(&clean), clean, "scrubbing again changes something");
    if serde_json::from_slice::<serde_json::Value>(bytes).is_ok() {
        assert!(serde_json::from_slice::<serde_json::Value>(&clean).is_ok(), "scrubbed JSON is no JSON");
    }
}
