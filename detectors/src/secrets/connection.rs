//! Passwords in connection strings of `key=value` pairs: ADO.NET, ODBC, OLE DB.

use super::assignment::{back_while, count_while};
use super::candidate::{Candidate, Scene};
use super::expression::{self, Written};
use super::password_form::{follows_rules, looks_like_password};
use super::sighting::{OwnerHints, Reason, Sureness};
use super::{entropy, password, words};
use compact_str::CompactString;
use std::ops::Range;

/// How far back and forth the other pairs are looked for.
const WINDOW: usize = 400;

/// The longest password.
const LONGEST: usize = 128;

/// Keys that name the server.
const SERVERS: &[&str] =
    &["server", "data source", "datasource", "host", "addr", "address", "network address", "hostname", "dsn"];

/// Keys that name the user.
const USERS: &[&str] = &["user id", "uid", "user", "username", "userid", "user name"];

/// Other keys that only such strings have.
const OTHERS: &[&str] =
    &["initial catalog", "database", "driver", "integrated security", "provider", "trusted_connection"];

/// The password whose key ends at the literal's `=`.
pub(super) fn recognise(scene: &Scene<'_>, literal: &Range<usize>) -> Option<Candidate> {
    let text = scene.text;
    let before = literal.start.checked_sub(1).and_then(|at| text.get(at));
    if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$')) {
        return None;
    }
    let span = value(text, literal.end)?;
    let back = back_while(text, literal.start, WINDOW, is_inside);
    let forth = count_while(text, span.end, WINDOW, is_inside);
    let around = [text.get(literal.start - back..literal.start)?, text.get(span.end..span.end + forth)?];
    let pairs = || around.iter().flat_map(|part| part.split(|byte| *byte == b';')).filter_map(pair);
    let of = |keys: &[&str]| {
        let is_one = |key: &[u8]| keys.iter().any(|known| key.eq_ignore_ascii_case(known.as_bytes()));
        pairs().find(|(key, _)| is_one(key)).map(|(_, value)| CompactString::from_utf8_lossy(value))
    };
    let host = of(SERVERS).or_else(|| around.first().copied().and_then(jdbc_host));
    let account = of(USERS);
    if host.is_none() && account.is_none() && of(OTHERS).is_none() {
        return None;
    }
    let secret = text.get(span.clone())?;
    if expression::is_reference(secret, None, Written::Quoted) || entropy::is_placeholder(secret) {
        return None;
    }
    // `Server=myServerAddress;…;Password=myPassword`, as documentation has it.
    let is_example =
        host.as_deref().is_some_and(|host| host.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("my")));
    if is_example && password::is_weak(secret) {
        return None;
    }
    let sureness = match host {
        _ if password::is_weak(secret) => Sureness::Low,
        Some(_) => Sureness::High,
        None if account.is_some() && is_strong(secret) => Sureness::Medium,
        None => Sureness::Low,
    };
    let owner = OwnerHints { account, host, ..OwnerHints::default() };
    Some(Candidate { owner, ..Candidate::sure(span, sureness, Reason::StructureReads) })
}

/// The host of `jdbc:sqlserver://host:1433;…`.
fn jdbc_host(before: &[u8]) -> Option<CompactString> {
    const SCHEME: &[u8] = b"jdbc:sqlserver://";
    let at = memchr::memmem::rfind(before, SCHEME)? + SCHEME.len();
    let host = before.get(at..)?.split(|byte| matches!(byte, b';' | b':' | b'/')).next()?;
    (!host.is_empty()).then(|| CompactString::from_utf8_lossy(host))
}

/// The value, out of its braces or quotes.
fn value(text: &[u8], at: usize) -> Option<Range<usize>> {
    let start = at + count_while(text, at, 2, |byte| byte == b' ');
    let start = match text.get(start)? {
        b'{' | b'\'' => start + 1,
        _ => start,
    };
    let length = count_while(text, start, LONGEST, |byte| {
        byte.is_ascii_graphic() && !matches!(byte, b';' | b'"' | b'\'' | b'<' | b'>' | b'}' | b'\\')
    });
    (length >= 4).then(|| start..start + length)
}

/// A key and its value. Before the first pair may stand anything: a name that the string is assigned to, a line of a log.
fn pair(part: &[u8]) -> Option<(&[u8], &[u8])> {
    /// One in the name that the string is assigned to, one before its own first.
    const MOST_EQUALS: usize = 4;
    let (key, value) =
        memchr::memchr_iter(b'=', part).take(MOST_EQUALS).find_map(|equals| known_key(part, equals)).or_else(|| {
            let equals = memchr::memchr(b'=', part)?;
            Some((part.get(..equals)?, part.get(equals + 1..)?))
        })?;
    let (key, value) = (key.trim_ascii(), value.trim_ascii());
    (!key.is_empty() && !value.is_empty()).then_some((key, value))
}

/// A key that only such strings have, before this `=`.
fn known_key(part: &[u8], equals: usize) -> Option<(&[u8], &[u8])> {
    let before = part.get(..equals)?.trim_ascii_end();
    let ends_it = |known: &&&str| {
        let start = before.len().checked_sub(known.len());
        let is_apart = |start: usize| {
            let last = start.checked_sub(1).and_then(|at| before.get(at));
            last.is_none_or(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'-' | b'.'))
        };
        start.is_some_and(|start| {
            before.get(start..).is_some_and(|key| key.eq_ignore_ascii_case(known.as_bytes())) && is_apart(start)
        })
    };
    let known = [SERVERS, USERS, OTHERS].into_iter().flatten().filter(ends_it).max_by_key(|known| known.len())?;
    Some((before.get(before.len() - known.len()..)?, part.get(equals + 1..)?))
}

/// What nobody writes as an example.
fn is_strong(secret: &[u8]) -> bool {
    looks_like_password(secret) && !words::is_wordy(secret) || follows_rules(secret)
}

fn is_inside(byte: u8) -> bool {
    !matches!(byte, b'"' | b'\n' | b'\r' | b'<' | b'>' | b'`')
}
