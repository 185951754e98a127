//! Signed webhooks: `X-Hub-Signature-256` of GitHub, `X-Gitlab-Token` of GitLab.

use axum::http::{HeaderMap, HeaderName};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

const GITHUB: HeaderName = HeaderName::from_static("x-hub-signature-256");
const GITLAB: HeaderName = HeaderName::from_static("x-gitlab-token");

/// The secret that webhooks are signed with.
#[derive(Debug, Clone)]
pub struct WebhookSecret(SecretString);

/// What a request shows for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signature {
    /// Nothing.
    Absent,
    /// Something, which only the body can prove.
    Present,
}

impl WebhookSecret {
    /// The secret as the sender has it.
    pub fn new(secret: &SecretString) -> Self {
        Self(secret.clone())
    }

    /// Whether a request claims to be signed.
    pub(super) fn claim(headers: &HeaderMap) -> Signature {
        let claims = headers.contains_key(&GITHUB) || headers.contains_key(&GITLAB);
        if claims { Signature::Present } else { Signature::Absent }
    }

    /// Whether every signature that a request claims is right for the body as it was sent.
    pub(super) fn signs(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let github = headers.get(&GITHUB).map(|value| self.is_digest(value.as_bytes(), body));
        let gitlab = headers.get(&GITLAB).map(|value| self.is_secret(value.as_bytes()));
        github.unwrap_or(true) && gitlab.unwrap_or(true) && github.or(gitlab).is_some()
    }

    /// `sha256=` and the HMAC of the body in hex. Takes the same time wherever it differs.
    fn is_digest(&self, signature: &[u8], body: &[u8]) -> bool {
        let Some(hex) = signature.strip_prefix(b"sha256=") else { return false };
        let Some(digest) = unhex(hex) else { return false };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose_secret().as_bytes()) else { return false };
        mac.update(body);
        mac.verify_slice(&digest).is_ok()
    }

    /// The secret itself; hashes are compared, so that the time tells nothing.
    fn is_secret(&self, value: &[u8]) -> bool {
        blake3::hash(value) == blake3::hash(self.0.expose_secret().as_bytes())
    }
}

fn unhex(hex: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = hex.as_chunks::<2>() else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    pairs.iter().map(|[high, low]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    /// The example of GitHub's documentation.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const DIGEST: &str = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn headers(list: &[(&HeaderName, &str)]) -> HeaderMap {
        let value = |text: &str| HeaderValue::from_str(text).expect("a header");
        list.iter().map(|(name, text)| ((*name).clone(), value(text))).collect()
    }

    #[test]
    fn only_right_signatures_open() {
        let secret = WebhookSecret::new(&SecretString::from(SECRET));
        let good = format!("sha256={DIGEST}");
        let upper = format!("sha256={}", DIGEST.to_uppercase());
        let other = good.replace('7', "8");
        let cases: [(&str, HeaderMap, &[u8], bool); 9] = [
            ("GitHub's", headers(&[(&GITHUB, &good)]), BODY, true),
            ("in capitals", headers(&[(&GITHUB, &upper)]), BODY, true),
            ("another body", headers(&[(&GITHUB, &good)]), b"Hello, World?", false),
            ("another digest", headers(&[(&GITHUB, &other)]), BODY, false),
            ("no scheme", headers(&[(&GITHUB, DIGEST)]), BODY, false),
            ("cut off", headers(&[(&GITHUB, good.get(..40).expect("long"))]), BODY, false),
            ("GitLab's", headers(&[(&GITLAB, SECRET)]), BODY, true),
            ("not GitLab's", headers(&[(&GITLAB, "It's")]), BODY, false),
            ("none", headers(&[]), BODY, false),
        ];
        for (name, headers, body, expected) in cases {
            assert_eq!(secret.signs(&headers, body), expected, "{name}");
        }
        let both = headers(&[(&GITHUB, &good), (&GITLAB, "It's")]);
        assert!(!secret.signs(&both, BODY), "one wrong signature is enough");
    }
}
