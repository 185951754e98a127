//! Passwords in URLs: `scheme://user:password@host`.

use super::assignment::{back_while, count_while};
use super::candidate::{Candidate, Scene};
use super::expression::{self, Written};
use super::sighting::{OwnerHints, Reason, Sureness};
use super::{entropy, password};
use compact_str::CompactString;
use std::ops::Range;

/// The longest user name, password and host.
const LONGEST: usize = 256;

/// The password of the URL whose `://` stands at the literal.
pub(super) fn recognise(scene: &Scene<'_>, literal: &Range<usize>) -> Option<Candidate> {
    let text = scene.text;
    let user_length = count_while(text, literal.end, LONGEST, |c| !ends_user(c));
    let colon = literal.end + user_length;
    if text.get(colon) != Some(&b':') {
        return None;
    }
    // `jdbc:sqlserver://host:1433;user=svc@server;…` has its password elsewhere.
    let port_length = count_while(text, colon + 1, 6, |c| c.is_ascii_digit());
    if port_length > 0 && text.get(colon + 1 + port_length) == Some(&b';') {
        return None;
    }
    let scheme_length =
        back_while(text, literal.start, 32, |c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'-' | b'.'));
    let scheme = text.get(literal.start - scheme_length..literal.start)?;
    let user = text.get(literal.end..colon)?;
    let span = password_span(text, colon + 1)?;
    let secret = text.get(span.clone())?;
    let host_start = span.end + 1;
    let host_length = count_while(text, host_start, LONGEST, |c| !ends_host(c));
    let host = text.get(host_start..host_start + host_length)?;
    let is_template = expression::is_reference(secret, None, Written::Quoted)
        || expression::is_reference(user, None, Written::Quoted) && !user.is_empty() && !expression::is_nothing(user);
    if scheme.is_empty() || is_template || entropy::is_placeholder(secret) {
        return None;
    }
    let (host, sureness) = match host_is(text, host_start, host) {
        Host::Named => (host, sureness(scheme, user, secret, host)?),
        // What the code puts in there says nothing of a password that it does not.
        Host::PutInLater if is_generated(secret) => (&[][..], Sureness::Medium),
        Host::PutInLater | Host::None => return None,
    };
    let text_of = |bytes: &[u8]| (!bytes.is_empty()).then(|| CompactString::from_utf8_lossy(bytes));
    let owner = OwnerHints { account: text_of(user), host: text_of(host), ..OwnerHints::default() };
    Some(Candidate { owner, ..Candidate::sure(span, sureness, Reason::StructureReads) })
}

/// The password: up to the last `@` before the host's end, as passwords may hold an unescaped `@`.
fn password_span(text: &[u8], start: usize) -> Option<Range<usize>> {
    let length = count_while(text, start, LONGEST, |c| !ends_password(c));
    let userinfo = text.get(start..start + length)?;
    let at = userinfo.iter().rposition(|c| *c == b'@')?;
    (at > 0).then(|| start..start + at)
}

/// How sure; `None` for what documentation writes.
fn sureness(scheme: &[u8], user: &[u8], secret: &[u8], host: &[u8]) -> Option<Sureness> {
    const SHORTEST: usize = 3;
    let is_local = is_local(host);
    let is_weak = password::is_weak(secret) || user.eq_ignore_ascii_case(secret);
    let is_weak_user = password::is_weak(user);
    let is_port = secret.iter().all(u8::is_ascii_digit) && secret.len() <= 5;
    let is_nobody = is_weak_user || user.is_empty() || user == secret;
    let is_anonymous = user.eq_ignore_ascii_case(b"anonymous") || user.eq_ignore_ascii_case(b"ftp");
    if secret.len() < SHORTEST
        || (is_anonymous && is_weak)
        || is_port
        || user.contains(&b'[')
        || (is_weak && is_local && is_nobody)
    {
        return None;
    }
    let is_web = scheme.eq_ignore_ascii_case(b"http") || scheme.eq_ignore_ascii_case(b"https");
    Some(match (is_local, is_weak, is_web) {
        // The services of a compose file have such names, and this machine's database may have a password of its own.
        (true, false, _) if is_generated(secret) && !is_example(host) => Sureness::Medium,
        (true, _, _) | (_, true, _) => Sureness::Low,
        (false, false, true) if secret.len() < 8 => Sureness::Low,
        (false, false, _) if super::words::is_wordy(secret) => Sureness::Medium,
        (false, false, true) => Sureness::Medium,
        (false, false, false) => Sureness::High,
    })
}

/// Twelve characters or more, letters and digits, of no word.
fn is_generated(secret: &[u8]) -> bool {
    const SHORTEST: usize = 12;
    let has = |holds: fn(&u8) -> bool| secret.iter().any(holds);
    secret.len() >= SHORTEST
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && !has(|c| *c == b'%')
        && !super::words::is_wordy(secret)
        && entropy::bits_per_char(secret) >= 3.0
}

/// Hosts of nobody: this machine, examples, names without a dot.
fn is_local(host: &[u8]) -> bool {
    let name = host.split(|c| *c == b':').next().unwrap_or_default();
    name.eq_ignore_ascii_case(b"localhost")
        || name.starts_with(b"127.")
        || name.starts_with(b"0.0.0.0")
        || name.starts_with(b"[::1")
        || is_example(host)
        || ["db", "database", "mysql", "postgres", "redis", "mongo", "rabbitmq"]
            .iter()
            .any(|whole| name == whole.as_bytes())
}

/// Hosts that documentation writes.
fn is_example(host: &[u8]) -> bool {
    let name = host.split(|c| *c == b':').next().unwrap_or_default();
    let ends = |end: &str| {
        name.len()
            .checked_sub(end.len())
            .and_then(|start| name.get(start..))
            .is_some_and(|tail| tail.eq_ignore_ascii_case(end.as_bytes()))
    };
    [
        "example.com",
        "example.org",
        "example.net",
        ".test",
        ".invalid",
        ".example",
        "host.com",
        "foo.com",
        "bar.com",
        "domain.com",
        "domain.tld",
        "hostname",
        "google.com",
    ]
    .iter()
    .any(|end| ends(end))
        || ["host", "server", "proxy", "example", "foo", "a", "h", "b", "ip"]
            .iter()
            .any(|whole| name == whole.as_bytes())
}

/// What stands in a host's place.
enum Host {
    Named,
    /// A variable of a template, or the end of a string that goes on with one: `@{host}`, `@" + host`.
    PutInLater,
    None,
}

fn host_is(text: &[u8], start: usize, host: &[u8]) -> Host {
    match host.first().or_else(|| text.get(start)) {
        Some(b'$' | b'{' | b'%' | b'"' | b'\'' | b'`') => Host::PutInLater,
        _ if host.iter().any(u8::is_ascii_alphanumeric) => Host::Named,
        _ => Host::None,
    }
}

fn ends_user(byte: u8) -> bool {
    byte == b':' || byte == b'@' || byte == b'?' || byte == b'#' || ends_host(byte)
}

fn ends_host(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || !byte.is_ascii_graphic()
        || matches!(byte, b'/' | b'"' | b'\'' | b'`' | b'\\' | b')' | b',' | b';' | b'|' | b'?' | b'#')
        || matches!(byte, b'<' | b'>')
}

fn ends_password(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || !byte.is_ascii_graphic()
        || matches!(byte, b'/' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'|')
}
