//! Secrets never reach anything durable: bodies are scrubbed before the inbox keeps them, dead letters before they are
//! written, code feeds before they are decoded. This is the one scrubber of the process.

use picket_detectors::secrets::Scrubber;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

static SCRUBBER: OnceLock<Arc<Scrubber>> = OnceLock::new();

/// Fingerprints with the operator's key from now on. Only the first call of the process counts, so it is made at start.
pub fn use_fingerprint_key(key: &[u8; 32]) {
    SCRUBBER.get_or_init(|| Arc::new(Scrubber::new(key)));
}

/// The scrubber of the process; with the built-in key unless another was set at start.
pub fn scrubber() -> Arc<Scrubber> {
    Arc::clone(SCRUBBER.get_or_init(Arc::default))
}

/// The bytes with every secret in them replaced by a mark.
pub fn scrub(bytes: &[u8]) -> Cow<'_, [u8]> {
    SCRUBBER.get_or_init(Arc::default).scrub(bytes)
}
