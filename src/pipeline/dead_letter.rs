//! Dead letters: what could not be understood, with its bytes, place and reason.

use crate::decode::Reason;
use crate::record::Origin;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use picket_detectors::secrets::Scrubber;
use serde::Serialize;

/// How many bytes of a record a dead letter keeps.
const MAX_BYTES: usize = 64 << 10;

#[derive(Serialize)]
struct DeadLetter<'a> {
    source: &'a str,
    position: u64,
    index: u32,
    stage: &'static str,
    code: &'static str,
    detail: &'a str,
    bytes: String,
    truncated: bool,
    hash: String,
}

/// A dead letter as JSON on one line: secrets removed, cut to 64 KiB. It holds no time, so that a replay gives the
/// same line. The hash is a keyed one of the bytes as they came.
pub fn dead_letter(origin: &Origin, index: u32, bytes: &[u8], reason: &Reason, scrubber: &Scrubber) -> Vec<u8> {
    let clean = scrubber.scrub(bytes);
    let kept = clean.get(..MAX_BYTES).unwrap_or(&clean);
    let letter = DeadLetter {
        source: &origin.source,
        position: origin.position,
        index,
        stage: "decode",
        code: reason.code.as_str(),
        detail: &reason.detail,
        bytes: STANDARD.encode(kept),
        truncated: kept.len() < clean.len(),
        hash: scrubber.hash(bytes),
    };
    // Text, numbers and nothing else: this can't fail, and a letter must not be lost if it ever did.
    serde_json::to_vec(&letter).unwrap_or_else(|_| b"{\"code\":\"unwritable\"}".to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::ReasonCode;

    #[test]
    fn a_long_record_is_cut_and_says_so() {
        let origin = Origin { source: "a.ndjson".into(), position: 7 };
        let reason = Reason { code: ReasonCode::Malformed, detail: "cut off at byte 3".to_owned() };
        let line = dead_letter(&origin, 2, &vec![b'x'; MAX_BYTES + 1], &reason, &Scrubber::default());
        let letter: serde_json::Value = serde_json::from_slice(&line).expect("JSON");
        let bytes = STANDARD.decode(letter["bytes"].as_str().expect("text")).expect("base64");
        assert_eq!((bytes.len(), &letter["truncated"]), (MAX_BYTES, &serde_json::Value::Bool(true)));
        assert_eq!((letter["source"].as_str(), letter["code"].as_str()), (Some("a.ndjson"), Some("malformed")));
    }
}
