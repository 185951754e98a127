//! Finds JSON Web Tokens and reads them as far as needed: whether it is one, whose, until when.

use super::assignment::{back_while, count_while};
use super::candidate::{Candidate, Scene};
use super::encoding::base64;
use super::sighting::{OwnerHints, Reason};
use crate::event::{AppId, TenantId};
use compact_str::CompactString;
use std::ops::Range;

/// What a token says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Token {
    /// Its header is JSON with an algorithm.
    pub(super) has_header: bool,
    /// It is one of the samples that documentation uses.
    pub(super) is_sample: bool,
    /// It is for every client: the role of nobody in particular, as Supabase has it.
    pub(super) is_public: bool,
    /// Whose it is.
    pub(super) owner: OwnerHints,
}

/// Members that hold a client id, most telling first.
const APPS: [&str; 4] = ["appid", "azp", "client_id", "cid"];

/// The longest part of a token.
const LONGEST: usize = 8 << 10;

/// The token whose second part begins at the literal's `ey`, the dot before it.
pub(super) fn recognise(scene: &Scene<'_>, literal: &Range<usize>) -> Option<Candidate> {
    const SHORTEST: usize = 16;
    const SHORTEST_SIGNATURE: usize = 10;
    let text = scene.text;
    let header = back_while(text, literal.start, LONGEST, is_part);
    let start = literal.start - header;
    let payload = count_while(text, literal.start + 1, LONGEST, |byte| is_part(byte) || byte == b'/');
    let dot = literal.start + 1 + payload;
    if header < SHORTEST
        || payload < SHORTEST
        || text.get(start..start + 2) != Some(b"ey")
        || text.get(dot) != Some(&b'.')
    {
        return None;
    }
    let signature = count_while(text, dot + 1, LONGEST, |byte| is_part(byte) || matches!(byte, b'/' | b'='));
    let is_whole = signature == 0 || signature >= SHORTEST_SIGNATURE;
    is_whole.then(|| Candidate::new(start..dot + 1 + signature, Reason::DistinctiveForm))
}

const fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Reads a token: three parts with dots between them.
pub(super) fn read(token: &[u8]) -> Token {
    let mut parts = token.split(|byte| *byte == b'.');
    let header = parts.next().and_then(base64);
    let payload = parts.next().and_then(base64);
    let is_json = |part: &[u8]| part.trim_ascii_start().starts_with(b"{");
    let has_header = header.as_ref().is_some_and(|header| is_json(header) && member(header, "alg").is_some());
    let mut read = Token { has_header, ..Token::default() };
    let Some(payload) = payload.filter(|payload| is_json(payload)) else { return read };
    let text = |name| member(&payload, name).map(CompactString::from_utf8_lossy);
    read.is_sample =
        text("name").is_some_and(|name| name == "John Doe") || text("sub").is_some_and(|sub| sub == "1234567890");
    read.is_public = text("role").is_some_and(|role| role == "anon");
    read.owner.apps = APPS.iter().filter_map(|name| text(name)).filter_map(|id| AppId::parse(&id)).take(1).collect();
    read.owner.tenants = text("tid").and_then(|id| TenantId::parse(&id)).into_iter().collect();
    read.owner.account = text("sub").or_else(|| text("oid"));
    read.owner.host = text("iss");
    read
}

/// The value of a string member anywhere in JSON, or in JSON within a JSON string; escapes stay as they are.
pub(super) fn member<'a>(json: &'a [u8], name: &str) -> Option<&'a [u8]> {
    json.get(member_range(json, name)?)
}

/// Where the value of a string member stands.
pub(super) fn member_range(json: &[u8], name: &str) -> Option<Range<usize>> {
    memchr::memmem::find_iter(json, name.as_bytes()).find_map(|start| value_of(json, start, start + name.len()))
}

/// The value of the name that stands here, if it is one: `"name": "value"`, `\"name\": \"value\"`.
fn value_of(json: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    const LONGEST: usize = 16 << 10;
    if start.checked_sub(1).and_then(|before| json.get(before)) != Some(&b'"') {
        return None;
    }
    let (level, rest) = unquoted(json.get(end..)?)?;
    let rest = rest.trim_ascii_start().strip_prefix(b":")?;
    let (_, rest) = unquoted(rest.trim_ascii_start()).filter(|(theirs, _)| *theirs == level)?;
    let start = json.len() - rest.len();
    let window = rest.get(..LONGEST.min(rest.len()))?;
    // The quote that closes it is escaped as often as the one that opened it.
    let closing = memchr::memchr_iter(b'"', window).find(|quote| {
        let before = window.get(..*quote).unwrap_or_default();
        before.iter().rev().take(level + 1).take_while(|byte| **byte == b'\\').count() == level
    })?;
    Some(start..start + closing - level)
}

/// A quote, escaped or not: how often, and what follows it.
fn unquoted(text: &[u8]) -> Option<(usize, &[u8])> {
    const DEEPEST: usize = 3;
    let level = text.iter().take(DEEPEST).take_while(|byte| **byte == b'\\').count();
    Some((level, text.get(level..)?.strip_prefix(b"\"")?))
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
        assert!(read.has_header);
        assert_eq!((read.owner.apps.len(), read.owner.tenants.len()), (1, 1));
    }

    #[test]
    fn members_are_found_by_their_whole_name() {
        assert_eq!(member(br#"{"xalg":"1", "alg" : "HS256"}"#, "alg"), Some(&b"HS256"[..]));
        assert_eq!(member(br#"{"alg":1}"#, "alg"), None);
        assert_eq!(member(br#""{\"alg\": \"R\\n\\\"S\"}""#, "alg"), Some(&br#"R\\n\\\"S"#[..]));
        assert_eq!(member(br#""{\"alg\": \"RS"#, "alg"), None);
    }
}
