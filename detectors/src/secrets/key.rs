//! Fingerprints: the same secret has the same one wherever it is found, and nobody without the key can try guesses.

use serde::{Serialize, Serializer};
use std::fmt;
use zeroize::Zeroizing;

/// How many bytes of the keyed hash a fingerprint keeps: 128 bits.
const BYTES: usize = 16;

/// The operator's key of secret fingerprints. Wiped when dropped, never shown.
#[derive(Clone)]
pub struct FingerprintKey(Zeroizing<[u8; 32]>);

impl FingerprintKey {
    /// The deployment's own key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*key))
    }

    /// The fingerprint of a secret, whichever rule found it.
    pub fn fingerprint(&self, secret: &[u8]) -> Fingerprint {
        let hash = blake3::keyed_hash(&self.0, secret);
        let mut kept = [0; BYTES];
        for (slot, byte) in kept.iter_mut().zip(hash.as_bytes()) {
            *slot = *byte;
        }
        Fingerprint(kept)
    }

    /// A keyed hash of any bytes, in hex: tells equal ones apart from others, and nothing of what is in them.
    pub fn hash(&self, bytes: &[u8]) -> String {
        blake3::keyed_hash(&self.0, bytes).to_hex().to_string()
    }
}

impl Default for FingerprintKey {
    /// A built-in key: fingerprints can be compared between deployments, and tried against guesses by whoever has the
    /// guesses. Deployments set their own.
    fn default() -> Self {
        Self::new(&blake3::derive_key("picket 2026-01 built-in key of secret fingerprints", &[]))
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FingerprintKey").finish_non_exhaustive()
    }
}

/// A keyed hash (BLAKE3, 128 bits) of a secret; written as 32 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; BYTES]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_depend_on_key_and_secret_and_the_key_stays_hidden() {
        let (ours, theirs) = (FingerprintKey::default(), FingerprintKey::new(&[7; 32]));
        assert_eq!(ours.fingerprint(b"one"), ours.clone().fingerprint(b"one"));
        assert_ne!(ours.fingerprint(b"one"), ours.fingerprint(b"two"));
        assert_ne!(ours.fingerprint(b"one"), theirs.fingerprint(b"one"));
        assert_eq!(ours.fingerprint(b"one").to_string().len(), 32);
        assert_eq!(format!("{theirs:?}"), "FingerprintKey { .. }");
    }
}
