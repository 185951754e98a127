//! Entra: a token request with the client's own credentials (RFC 6749, section 4.4).
//!
//! The codes are from "Microsoft Entra authentication and authorization error codes". Only two of them say that the secret
//! itself is of no use; all others may be about the application, the tenant, a policy or the service.

use super::Verifier;
use super::egress::{Egress, Reply};
use super::form::form;
use super::target::Target;
use super::verification::{Answer, Because};
use picket_detectors::secrets::{ClearText, ENTRA_CLIENT_SECRET, NAMED_CLIENT_SECRET};
use serde::Deserialize;
use serde_json::value::RawValue;

/// `InvalidClientSecret`: the application has no such secret.
const INVALID_SECRET: u32 = 7_000_215;

/// `InvalidClientSecretExpiredKeysProvided`.
const EXPIRED_SECRET: u32 = 7_000_222;

/// What the token would be for. It is asked for in every cloud under this name: the id of Microsoft Graph.
const SCOPE: &[u8] = b"00000003-0000-0000-c000-000000000000/.default";

/// Asks Entra.
#[derive(Debug)]
pub struct Entra {
    endpoint: String,
}

impl Entra {
    /// At this address, without the tenant.
    pub fn new(endpoint: &str) -> Self {
        Self { endpoint: endpoint.trim_end_matches('/').to_owned() }
    }

    fn url(&self, target: &Target) -> String {
        format!("{}/{}/oauth2/v2.0/token", self.endpoint, target.tenant)
    }
}

impl Verifier for Entra {
    fn name(&self) -> &'static str {
        "entra"
    }

    fn rules(&self) -> &'static [&'static str] {
        &[ENTRA_CLIENT_SECRET, NAMED_CLIENT_SECRET]
    }

    fn ask(&self, target: &Target, secret: &ClearText, egress: &Egress) -> Answer {
        let app = target.app.to_string();
        let form = form(&[
            ("grant_type", b"client_credentials"),
            ("client_id", app.as_bytes()),
            ("scope", SCOPE),
            ("client_secret", secret.expose()),
        ]);
        match egress.post_form(&self.url(target), &form) {
            Ok(reply) => answer(&reply),
            Err(refusal) => Answer::unknown(refusal.into()),
        }
    }
}

/// A token, or an error. The token is borrowed from the reply, which is wiped.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    access_token: Option<&'a RawValue>,
    #[serde(default)]
    error_codes: Vec<u32>,
}

fn answer(reply: &Reply) -> Answer {
    if (300..400).contains(&reply.status) {
        return Answer::unknown(Because::Redirected);
    }
    let body: Option<Body<'_>> = serde_json::from_slice(&reply.body).ok();
    match (reply.status, body) {
        (200, Some(Body { access_token: Some(token), .. })) if is_filled(token) => Answer::WORKS,
        (200, _) => Answer::unknown(Because::Unreadable),
        (status, None) => Answer::unknown(Because::Status(status)),
        (status, Some(body)) => refused(status, &body.error_codes),
    }
}

/// Whether it is a text, and not an empty one.
fn is_filled(token: &RawValue) -> bool {
    token.get().starts_with('"') && token.get() != "\"\""
}

fn refused(status: u16, codes: &[u32]) -> Answer {
    if codes.contains(&INVALID_SECRET) {
        Answer::dead(Because::SecretRefused)
    } else if codes.contains(&EXPIRED_SECRET) {
        Answer::dead(Because::Expired)
    } else {
        Answer::unknown(codes.first().map_or(Because::Status(status), |code| Because::Code(*code)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    #[test]
    fn only_a_token_verifies_and_only_two_codes_kill() {
        let invalid = r#"{"error":"invalid_client","error_codes":[7000215]}"#;
        let expired = r#"{"error":"invalid_client","error_codes":[7000222]}"#;
        let cases = [
            (200, r#"{"token_type":"Bearer","access_token":"a.b.c"}"#, Answer::WORKS),
            (200, r#"{"access_token":""}"#, Answer::unknown(Because::Unreadable)),
            (200, r#"{"access_token":null}"#, Answer::unknown(Because::Unreadable)),
            (200, r#"{"access_token":12345}"#, Answer::unknown(Because::Unreadable)),
            (200, "<html>welcome</html>", Answer::unknown(Because::Unreadable)),
            (200, invalid, Answer::unknown(Because::Unreadable)),
            (401, invalid, Answer::dead(Because::SecretRefused)),
            (401, expired, Answer::dead(Because::Expired)),
            (400, r#"{"error_codes":[700016]}"#, Answer::unknown(Because::Code(700_016))),
            (400, r#"{"error_codes":[90002]}"#, Answer::unknown(Because::Code(90_002))),
            (400, r#"{"error_codes":[53003,7000222]}"#, Answer::dead(Because::Expired)),
            (400, r#"{"error":"invalid_client"}"#, Answer::unknown(Because::Status(400))),
            (400, r#"{"error_codes":["7000215"]}"#, Answer::unknown(Because::Status(400))),
            (401, r#"{"access_token":"a.b.c"}"#, Answer::unknown(Because::Status(401))),
            (302, r#"{"access_token":"a.b.c"}"#, Answer::unknown(Because::Redirected)),
            (429, "", Answer::unknown(Because::Status(429))),
            (503, "try later", Answer::unknown(Because::Status(503))),
        ];
        for (status, body, expected) in cases {
            let reply = Reply { status, body: Zeroizing::new(body.into()) };
            assert_eq!(answer(&reply), expected, "{status} {body}");
        }
    }
}
