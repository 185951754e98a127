//! Stored sections: one version byte, then postcard.

use crate::state::{Section, StateError};
use serde::{Serialize, de::DeserializeOwned};

/// The version that this program writes. It reads this one and those before it.
pub(crate) const VERSION: u8 = 1;

/// Room for the bytes of most sections.
const USUAL_BYTES: usize = 512;

/// Encodes a section.
pub(crate) fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    bytes.push(VERSION);
    append(value, bytes)
}

/// A section of bytes that are encoded already.
pub(super) fn versioned(bytes: &[u8]) -> Vec<u8> {
    let mut section = Vec::with_capacity(1 + bytes.len());
    section.push(VERSION);
    section.extend_from_slice(bytes);
    section
}

/// Adds a value to the bytes of a section.
pub(super) fn append<T: Serialize>(value: &T, bytes: Vec<u8>) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "plain data into a growing buffer can't fail to serialize")]
    postcard::to_extend(value, bytes).expect("plain data serializes")
}

/// Decodes a section, refusing versions from the future.
pub(crate) fn decode<T: DeserializeOwned>(section: Section, bytes: &[u8]) -> Result<T, StateError> {
    decode_versioned(section, bytes).map(|(value, _)| value)
}

/// Decodes a section that is followed by bytes of its own form.
pub(super) fn decode_versioned<T: DeserializeOwned>(section: Section, bytes: &[u8]) -> Result<(T, &[u8]), StateError> {
    let (&version, body) = bytes.split_first().ok_or(StateError::Corrupt { section })?;
    if version > VERSION {
        return Err(StateError::UnknownVersion { section, found: version, known: VERSION });
    }
    decode_front(section, body)
}

/// Decodes a value, and gives what follows it.
pub(super) fn decode_front<T: DeserializeOwned>(section: Section, bytes: &[u8]) -> Result<(T, &[u8]), StateError> {
    postcard::take_from_bytes(bytes).map_err(|_| StateError::Corrupt { section })
}
