//! Any bytes as records: all shapes and categories.

use super::decoding::decode;

/// Decodes them.
pub fn records(bytes: &[u8]) {
    decode(bytes);
}
