//! Stored sections: one version byte, then postcard.

use crate::state::{Section, StateError};
use serde::{Serialize, de::DeserializeOwned};

/// The version that this program writes. It reads this one and those before it.
pub(crate) const VERSION: u8 = 1;

/// Encodes a section.
pub(crate) fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "plain data into a growing buffer can't fail to serialize")]
    postcard::to_extend(value, vec![VERSION]).expect("plain data serializes")
}

/// Decodes a section, refusing versions from the future.
pub(crate) fn decode<T: DeserializeOwned>(section: Section, bytes: &[u8]) -> Result<T, StateError> {
    let (&version, body) = bytes.split_first().ok_or(StateError::Corrupt { section })?;
    if version > VERSION {
        return Err(StateError::UnknownVersion { section, found: version, known: VERSION });
    }
    postcard::from_bytes(body).map_err(|_| StateError::Corrupt { section })
}
