//! The token that requests to the inbox must bear.

use secrecy::{ExposeSecret, SecretString};

/// Compares in a time that does not tell how much of a guess is right: hashes are compared, and an attacker knows
/// nothing of those.
#[derive(Debug, Clone)]
pub struct Token(blake3::Hash);

impl Token {
    /// Keeps only a hash of the token.
    pub fn new(token: &SecretString) -> Self {
        Self(blake3::hash(token.expose_secret().as_bytes()))
    }

    /// Whether the value of an `Authorization` header bears it.
    pub fn is_borne_by(&self, authorization: Option<&[u8]>) -> bool {
        let Some(value) = authorization else { return false };
        let Some((scheme, token)) = value.split_at_checked(7) else { return false };
        // blake3's comparison takes the same time wherever the hashes differ.
        scheme.eq_ignore_ascii_case(b"bearer ") && blake3::hash(token.trim_ascii()) == self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_itself_opens() {
        let token = Token::new(&SecretString::from("made-up-for-this-test"));
        let cases: [(Option<&[u8]>, bool); 6] = [
            (Some(b"Bearer made-up-for-this-test"), true),
            (Some(b"bearer made-up-for-this-test "), true),
            (Some(b"Bearer made-up-for-this-tes"), false),
            (Some(b"Basic made-up-for-this-test"), false),
            (Some(b"Bearer "), false),
            (None, false),
        ];
        for (header, expected) in cases {
            assert_eq!(token.is_borne_by(header), expected, "{header:?}");
        }
    }
}
