//! Secrets that only the name before them gives away: a vendor's word in the name, the vendor's shape in the value.

use super::assignment::{Assignment, LONGEST_GAP, Operator, Words, around, count_while, is_name};
use super::candidate::{Candidate, Scene};
use super::entropy;
use super::expression::{self, Written};
use super::pattern::Pattern;
use super::sighting::{Reason, Sureness};
use super::strength::hides_words;
use std::ops::Range;

/// Parts of names that say that a value is secret.
const SECRET_WORDS: &[&str] = &[
    "key", "token", "secret", "pass", "pwd", "auth", "cred", "api", "pat", "access", "login", "licen", "seed",
    "private", "dsn", "webhook", "sign", "session", "cookie", "bearer", "jwt", "sas", "client", "crumb", "uuid",
];

/// Ends of names that say that it is not.
const PUBLIC_ENDS: &[&str] = &[
    "url",
    "uri",
    "host",
    "name",
    "version",
    "hash",
    "sha",
    "sha1",
    "sha256",
    "commit",
    "digest",
    "checksum",
    "etag",
    "revision",
    "ref",
    "path",
    "file",
    "publickey",
    "public_key",
    "public-key",
];

/// Beginnings of what may follow a vendor's name in small letters without a joint.
const CONTINUATIONS: &[&str] = &[
    "api", "key", "token", "secret", "pass", "auth", "access", "app", "client", "pat", "cred", "webhook", "sas",
    "account", "admin", "service", "user", "personal", "deploy", "license", "oauth", "sdk",
];

/// What a rule by name asks of the name and of the value.
#[derive(Debug)]
pub(super) struct ByName {
    /// What the value looks like.
    pub(super) value: Pattern,
    /// The name need not say `key`, `token` or the like besides.
    pub(super) bare: bool,
    /// Words of names whose values every client gets.
    pub(super) public: Vec<String>,
}

impl ByName {
    fn is_public(&self, name: &[u8]) -> bool {
        self.public.iter().any(|word| holds(name, word))
    }
}

/// The secret assigned to a name that holds the vendor's word.
pub(super) fn recognise(scene: &Scene<'_>, literal: &Range<usize>, rule: &ByName) -> Option<Candidate> {
    let text = scene.text;
    if !is_word(text, literal) {
        return None;
    }
    let inner = inner_member(text, literal).and_then(|name| around(text, &name, Words::Identifier));
    let is_within = inner.is_some();
    let found = inner.or_else(|| around(text, literal, Words::Phrase))?;
    let name = text.get(found.name.start.min(literal.start)..found.name.end)?;
    let vendor_start = literal.start.saturating_sub(found.name.start);
    let vendor = vendor_start..vendor_start + literal.len();
    let says = rule.bare || is_within || says_secret(name, vendor.clone());
    let is_vendor_alone = vendor == (0..name.len());
    if !rule.bare && says_public(name) || !says && !is_vendor_alone {
        return None;
    }
    let start = found.value.start + scheme(text.get(found.value.clone())?);
    let matched = rule.value.at(text, start, false)?;
    let secret = text.get(matched.secret.clone())?;
    let is_plausible = found.operator != Operator::Blank || entropy::bits_per_char(secret) >= 2.0;
    let written = Written::of(found.quote.is_some(), scene.place);
    let is_value =
        !expression::is_reference(secret, text.get(matched.whole.end).copied(), written) && !hides_words(secret);
    if !is_plausible || !is_value {
        return None;
    }
    if rule.is_public(name) {
        let public = Candidate::sure(matched.secret, Sureness::Low, Reason::PublicByDesign);
        return Some(Candidate { owner: matched.owner, ..public });
    }
    if says {
        return Some(Candidate { owner: matched.owner, ..Candidate::new(matched.secret, Reason::Named) });
    }
    // `vendor: …` may name anything of the vendor's: the value alone must tell.
    (found.operator != Operator::Blank && looks_generated(secret))
        .then(|| Candidate { owner: matched.owner, ..Candidate::sure(matched.secret, Sureness::Low, Reason::Named) })
}

/// `"vendor": {"key": …`, `vendor:` with `token: …` below it, `[vendor]` with `key = …`: the name of the first member of what
/// the vendor's word names, if that says what opens it.
fn inner_member(text: &[u8], literal: &Range<usize>) -> Option<Range<usize>> {
    const NAMES: [&str; 8] = ["key", "token", "secret", "apikey", "api_key", "api-key", "apitoken", "auth_token"];
    let quoted = literal.end + usize::from(matches!(text.get(literal.end), Some(b'"' | b'\'' | b']')));
    let opened = match text.get(quoted..)? {
        [b':' | b'=', b' ', b'{', ..] | [b' ', b'=', b' ', ..] => quoted + 3,
        [b':' | b' ', b'{', ..] => quoted + 2,
        [b':', b'\n', ..] => quoted + 1,
        [b'\n', ..] if text.get(quoted - 1) == Some(&b']') => quoted,
        _ => return None,
    };
    let start = opened
        + count_while(text, opened, LONGEST_GAP, |c| c.is_ascii_whitespace() || matches!(c, b'"' | b'\'' | b'{'));
    let end = start + count_while(text, start, LONGEST_GAP, is_name);
    let name = text.get(start..end)?;
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes())).then_some(start..end)
}

/// Long, with digits and letters, and of no words.
fn looks_generated(value: &[u8]) -> bool {
    const SHORTEST: usize = 20;
    value.len() >= SHORTEST
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(u8::is_ascii_alphabetic)
        && !super::words::is_wordy(value)
}

/// Whether the literal is a word of its own in the name: `snake_case`, `kebab-case`, `camelCase`.
pub(super) fn is_word(text: &[u8], literal: &Range<usize>) -> bool {
    let before = literal.start.checked_sub(1).and_then(|before| text.get(before)).copied();
    let (Some(first), after) = (text.get(literal.start).copied(), text.get(literal.end..).unwrap_or_default()) else {
        return false;
    };
    let starts = before.is_none_or(|before| {
        !before.is_ascii_alphabetic() || (before.is_ascii_lowercase() && first.is_ascii_uppercase())
    });
    let ends = match after.first() {
        Some(next) if next.is_ascii_lowercase() => {
            let shortened = after.get(..8.min(after.len())).unwrap_or_default();
            CONTINUATIONS.iter().any(|word| shortened.starts_with(word.as_bytes()))
        }
        _ => true,
    };
    starts && ends
}

/// Whether the name says, beside the vendor's own word, that its value is secret.
fn says_secret(name: &[u8], vendor: Range<usize>) -> bool {
    let rest = [name.get(..vendor.start).unwrap_or_default(), name.get(vendor.start..).unwrap_or_default()];
    SECRET_WORDS.iter().any(|word| rest.iter().any(|part| holds(part, word)))
}

/// Whether a name holds a word, in any case.
fn holds(name: &[u8], word: &str) -> bool {
    name.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

fn says_public(name: &[u8]) -> bool {
    PUBLIC_ENDS.iter().any(|end| {
        name.len()
            .checked_sub(end.len())
            .and_then(|start| name.get(start..))
            .is_some_and(|tail| tail.eq_ignore_ascii_case(end.as_bytes()))
    })
}

/// The length of a scheme before a token: `Bearer `.
pub(super) fn scheme(value: &[u8]) -> usize {
    ["bearer ", "token ", "basic ", "apikey ", "ssws ", "key ", "bearer%20", "base64:"]
        .iter()
        .find(|scheme| value.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme.as_bytes())))
        .map_or(0, |scheme| scheme.len())
}

/// Whether an assignment's name ends with the word at the literal, a number or a joint after it at most.
pub(super) fn name_ends_with(text: &[u8], found: &Assignment, literal: &Range<usize>) -> bool {
    const ENDS: &[&str] = &[
        "",
        "s",
        "value",
        "val",
        "base",
        "str",
        "string",
        "text",
        "data",
        "raw",
        "b64",
        "base64",
        "hex",
        "prod",
        "production",
        "dev",
        "staging",
        "test",
        "live",
        "default",
        "plain",
        "plaintext",
        "new",
        "old",
        "primary",
        "secondary",
        "main",
        "env",
        "header",
        "hash_key",
        "password",
        "secret",
        "token",
        "key",
        "id_secret",
    ];
    let rest = text.get(literal.end..found.name.end).unwrap_or_default();
    let letters: Vec<u8> = rest.iter().filter(|c| c.is_ascii_alphabetic()).map(u8::to_ascii_lowercase).collect();
    rest.len() <= 16 && ENDS.iter().any(|end| letters == end.as_bytes())
}
