//! Reads JSON Web Tokens as far as needed: whether it is one, whose, until when.

use super::encoding::base64;
use super::sighting::OwnerHints;
use crate::event::{AppId, TenantId};
use compact_str::CompactString;
use std::ops::Range;

/// What a token says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Token {
    /// Its header is JSON with an algorithm.
    pub(super) is_token: bool,
    /// It is one of the samples that documentation uses.
    pub(super) is_sample: bool,
    /// Whose it is.
    pub(super) owner: OwnerHints,
}

/// Members that hold a client id, most telling first.
const APPS: [&str; 4] = ["appid", "azp", "client_id", "cid"];

/// Reads a token: three parts with dots between them.
pub(super) fn read(token: &[u8]) -> Token {
    let mut parts = token.split(|byte| *byte == b'.');
    let header = parts.next().and_then(base64);
    let payload = parts.next().and_then(base64);
    let is_json = |part: &[u8]| part.trim_ascii_start().starts_with(b"{");
    let is_token = header.as_ref().is_some_and(|header| is_json(header) && member(header, "alg").is_some());
    let mut read = Token { is_token, ..Token::default() };
    let Some(payload) = payload.filter(|payload| is_json(payload)) else { return read };
    let text = |name| member(&payload, name).map(CompactString::from_utf8_lossy);
    read.is_sample =
        text("name").is_some_and(|name| name == "John Doe") || text("sub").is_some_and(|sub| sub == "1234567890");
    read.owner.apps = APPS.iter().filter_map(|name| text(name)).filter_map(|id| AppId::parse(&id)).take(1).collect();
    read.owner.tenants = text("tid").and_then(|id| TenantId::parse(&id)).into_iter().collect();
    read.owner.account = text("sub").or_else(|| text("oid"));
    read.owner.host = text("iss");
    read
}

/// The value of a string member anywhere in JSON; escapes stay as they are.
pub(super) fn member<'a>(json: &'a [u8], name: &str) -> Option<&'a [u8]> {
    json.get(member_range(json, name)?)
}

/// Where the value of a string member stands.
pub(super) fn member_range(json: &[u8], name: &str) -> Option<Range<usize>> {
    const LONGEST: usize = 16 << 10;
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(json.get(at..)?, name.as_bytes()) {
        let start = at + found;
        at = start + name.len();
        if start.checked_sub(1).and_then(|before| json.get(before)) != Some(&b'"') {
            continue;
        }
        let Some(rest) = json.get(at..)?.strip_prefix(b"\"") else { continue };
        let Some(rest) = rest.trim_ascii_start().strip_prefix(b":") else { continue };
        let Some(rest) = rest.trim_ascii_start().strip_prefix(b"\"") else { continue };
        let start = json.len() - rest.len();
        let length = rest.iter().take(LONGEST).position(|byte| *byte == b'"')?;
        return Some(start..start + length);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_whose_it_is() {
        // {"alg":"RS256"} and {"appid":"a0000001-9a1b-4c2d-8e3f-0123456789ab","tid":"b0000001-9a1b-4c2d-8e3f-0123456789ab"}
        let token = concat!(
            "eyJhbGciOiJSUzI1NiJ9.",
            "eyJhcHBpZCI6ImEwMDAwMDAxLTlhMWItNGMyZC04ZTNmLTAxMjM0NTY3ODlhYiIsInRpZCI6ImIwMDAwMDAxLTlhMWItNGMyZC04ZTNmLTAxMjM0NTY3ODlhYiJ9",
            ".c2ln"
        );
        let read = read(token.as_bytes());
        assert!(read.is_token);
        assert_eq!((read.owner.apps.len(), read.owner.tenants.len()), (1, 1));
    }

    #[test]
    fn members_are_found_by_their_whole_name() {
        assert_eq!(member(br#"{"xalg":"1", "alg" : "HS256"}"#, "alg"), Some(&b"HS256"[..]));
        assert_eq!(member(br#"{"alg":1}"#, "alg"), None);
    }
}
