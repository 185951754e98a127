//! The clear text of a secret, on its short way to whoever asks its issuer about it.

use std::fmt;
use zeroize::Zeroizing;

/// A secret in clear. Wiped when dropped, never shown, and not to be copied or serialised.
pub struct ClearText(Zeroizing<Vec<u8>>);

impl ClearText {
    pub(super) fn of(secret: &[u8]) -> Self {
        Self(Zeroizing::new(secret.to_vec()))
    }

    /// The secret itself.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for ClearText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClearText").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_it_is_shown() {
        let clear = ClearText::of(b"open sesame");
        assert_eq!(clear.expose(), b"open sesame");
        assert_eq!(format!("{clear:?}"), "ClearText { .. }");
    }
}
