//! Values assigned to names that say `secret`, `token`, `key` or `password`, under a strict gate: nothing about the value
//! tells whose it is, so it must look generated, and the place must be one where values are written.

use super::assignment::{Assignment, Operator, Words, around};
use super::candidate::{Candidate, Scene};
use super::engine::body;
use super::named::{name_ends_with, scheme};
use super::path::Place;
use super::sighting::{Reason, Sureness};
use super::{entropy, expression, password, words};
use std::ops::Range;

/// Words that say that a value is secret, as names end with them.
pub(super) const SECRET_NAMES: &[&str] = &[
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "api.key",
    "accesskey",
    "access_key",
    "access-key",
    "authkey",
    "auth_key",
    "auth-key",
    "private_key",
    "privatekey",
    "private-key",
    "secretkey",
    "secret_key",
    "secret-key",
    "signingkey",
    "signing_key",
    "signing-key",
    "encryptionkey",
    "encryption_key",
    "encryption-key",
    "accountkey",
    "account_key",
    "account-key",
    "sharedkey",
    "shared_key",
    "masterkey",
    "master_key",
    "master-key",
    "primarykey",
    "primary_key",
    "subscriptionkey",
    "subscription_key",
    "subscription-key",
    "licensekey",
    "license_key",
    "license-key",
    "clientkey",
    "client_key",
    "appkey",
    "app_key",
    "servicekey",
    "service_key",
    "storagekey",
    "storage_key",
    "hmackey",
    "hmac_key",
    "cryptkey",
    "crypt_key",
    "deploykey",
    "deploy_key",
    "webhookkey",
    "functionkey",
    "function_key",
    "function-key",
    "hostkey",
    "functions-key",
    "credential",
    "credentials",
    "authorization",
    "bearer",
    "apitoken",
    "x-api-key",
    "aeskey",
    "aes_key",
    "jwtkey",
    "jwt_key",
    "sas_key",
    "saskey",
    "personal_access",
    "_pat",
    "-pat",
    "const key",
    "api key",
    "secret key",
    "access key",
    "userkey",
    "user_key",
    "write_key",
    "writekey",
    "admin_key",
    "adminkey",
    "server_key",
    "serverkey",
    "security_key",
    "cookie_key",
    "session_key",
    "sessionkey",
    "encrypt_key",
    "consumer_key",
    "consumerkey",
    "integration_key",
    "application_key",
    "applicationkey",
    "ingestion_key",
    "account-key",
];

/// What says little of a value: it must look generated through and through. In camel case the word needs an end, or
/// every `key` would be looked at.
pub(super) const WEAK_NAMES: &[&str] = &[
    "_key",
    "-key",
    "_auth",
    "-auth",
    "key = \"",
    "key = '",
    "key=\"",
    "key='",
    "key: \"",
    "key: '",
    "key\": \"",
    "key := \"",
];

/// Words that say that a value is a password.
pub(super) const PASSWORD_NAMES: &[&str] = &[
    "password",
    "passwd",
    "passwrd",
    "passphrase",
    "pass_phrase",
    "_pass",
    "-pass",
    "pwd",
    "userpass",
    "dbpass",
    "kennwort",
    "pass =",
    "pass=",
    "pass:",
    "passwort",
    "contrasena",
];

/// Words before the last one that say that the value is public or no value.
const PUBLIC: &[&str] = &[
    "public",
    "pub_",
    "pubkey",
    "sitekey",
    "site_key",
    "site-key",
    "csrf",
    "xsrf",
    "foreign",
    "primary_key_",
    "next",
    "page",
    "continuation",
    "cancellation",
    "keyword",
    "sort",
    "cache",
    "lock",
    "partition",
    "routing",
    "index",
    "hash",
    "map",
    "column",
    "idempotency",
    "etag",
];

/// A value assigned to a name that says `secret`, `token` or `key`.
pub(super) fn secret(scene: &Scene<'_>, literal: &Range<usize>) -> Option<Candidate> {
    /// Between arguments, names and values only happen to be neighbours if the value is short.
    const SHORTEST_ARGUMENT: usize = 14;
    let text = scene.text;
    let (literal, is_weak) = named_by(text, literal);
    let found = assigned(scene, &literal)?;
    if is_weak && found.name.len() <= literal.len() {
        return None;
    }
    let start = found.value.start + scheme(text.get(found.value.clone())?);
    let value = text.get(start..found.value.end)?;
    let next = text.get(found.value.end).copied();
    if expression::is_reference(value, next, found.quote.is_some()) || is_made_up(value) {
        return None;
    }
    if counts(value) {
        return (found.operator == Operator::Assign || found.operator == Operator::Tag)
            .then(|| example_of(&found, &literal, value))
            .flatten();
    }
    let strength = strength(value)?;
    // A GUID is a secret only by its name, so that has to say more than `token`.
    let is_named = matches!(found.operator, Operator::Assign | Operator::Tag) && found.name.len() > literal.len();
    if is_guid(value) && found.quote.is_none() && !(is_named && scene.place != Place::Code) {
        return None;
    }
    let is_written = found.quote.is_some() || found.operator == Operator::Tag || scene.place != Place::Code;
    if !is_written && strength < Strength::Strong {
        return None;
    }
    // `the api key 4f…`: prose, where nothing joins the two but the value's looks.
    let is_prose = found.operator == Operator::Blank && found.quote.is_none() && !is_option(text, &found);
    if found.operator == Operator::Blank && found.quote.is_none() && strength < Strength::Strong {
        return None;
    }
    if is_prose && scene.place == Place::Code {
        return None;
    }
    // `setProperty("ACME_TOKEN", "…")`: the name of a setting before its value.
    let names_setting = found.name.len() > literal.len()
        && text.get(found.name.clone()).is_some_and(|name| !name.iter().any(u8::is_ascii_lowercase));
    let is_argument =
        found.operator == Operator::Comma && value.len() >= SHORTEST_ARGUMENT && (!is_guid(value) || names_setting);
    if matches!(found.operator, Operator::Comma | Operator::Compare) && strength < Strength::Strong && !is_argument {
        return None;
    }
    if is_weak && (strength < Strength::Strong || !is_written) {
        return None;
    }
    let is_sure = strength == Strength::Strong && is_written && !is_weak && !is_prose;
    let sureness = if is_sure { Sureness::Medium } else { Sureness::Low };
    Some(Candidate::sure(start..found.value.end, sureness, Reason::Named))
}

/// Hex that counts up in parts (`abcdef1234567890abcdef…`), assigned to a name that says more than `key`: so look keys that
/// somebody altered before publishing them, and so look examples. Worth a look at most.
fn example_of(found: &Assignment, literal: &Range<usize>, value: &[u8]) -> Option<Candidate> {
    const SHORTEST: usize = 24;
    let is_named = found.name.len() > literal.len();
    let hex = body(value);
    let has_both = hex.iter().any(u8::is_ascii_digit) && hex.iter().any(u8::is_ascii_alphabetic);
    (is_named && has_both && hex.len() >= SHORTEST && hex.iter().all(u8::is_ascii_hexdigit))
        .then(|| Candidate::sure(found.value.end - value.len()..found.value.end, Sureness::Low, Reason::ExampleText))
}

/// The part of a literal that belongs to the name, and whether it says little.
fn named_by(text: &[u8], literal: &Range<usize>) -> (Range<usize>, bool) {
    const KEY: usize = 3;
    let found = text.get(literal.clone()).unwrap_or_default();
    let is = |name: &&&str| found.eq_ignore_ascii_case(name.as_bytes());
    let is_weak = WEAK_NAMES.iter().any(|name| is(&name));
    let ends_early = is_weak && found.first().is_some_and(u8::is_ascii_alphabetic);
    (literal.start..if ends_early { literal.start + KEY } else { literal.end }, is_weak)
}

/// A value assigned to a name that says `password`.
pub(super) fn secret_word(scene: &Scene<'_>, literal: &Range<usize>) -> Option<Candidate> {
    let found = assigned(scene, literal)?;
    let text = scene.text;
    let value = text.get(found.value.clone())?;
    let next = text.get(found.value.end).copied();
    let is_quoted = found.quote.is_some();
    if expression::is_reference(value, next, is_quoted) || !fits_password(value, is_quoted) {
        return None;
    }
    let is_written = is_quoted || found.operator == Operator::Tag || scene.place == Place::Config;
    let is_strong = looks_like_password(value) && !words::is_wordy(value);
    if scene.place == Place::Code && !is_quoted && found.operator != Operator::Tag {
        return None;
    }
    // `-Password mo5w1r3jk1gh`: what follows an option is its value.
    let is_options = is_option(text, &found) && value.iter().any(u8::is_ascii_digit) && !words::is_wordy(value);
    let is_deliberate = found.operator == Operator::Blank && (is_quoted || is_options);
    if matches!(found.operator, Operator::Blank | Operator::Comma) && !is_strong && !is_deliberate {
        return None;
    }
    let sureness = if is_strong && is_written && !password::is_weak(value) { Sureness::Medium } else { Sureness::Low };
    Some(Candidate::sure(found.value, sureness, Reason::Named))
}

/// The assignment around a literal, if the name ends there and is that of a secret.
fn assigned(scene: &Scene<'_>, literal: &Range<usize>) -> Option<Assignment> {
    let found = around(scene.text, literal, Words::Identifier)?;
    let name = scene.text.get(found.name.clone())?;
    let is_public =
        PUBLIC.iter().any(|word| name.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes())));
    (!is_public && name_ends_with(scene.text, &found, literal)).then_some(found)
}

fn is_option(text: &[u8], found: &Assignment) -> bool {
    text.get(found.name.start) == Some(&b'-')
}

/// How generated a value looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Fair,
    Strong,
}

/// How generated a value looks; `None` if it does not.
fn strength(value: &[u8]) -> Option<Strength> {
    const SHORTEST: usize = 10;
    const LONGEST: usize = 512;
    let count = |holds: fn(&u8) -> bool| value.iter().filter(|c| holds(c)).count();
    let digits = count(u8::is_ascii_digit);
    let (upper, lower) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    let is_text = value.iter().all(|c| (0x21..0x7f).contains(c));
    let bits = entropy::bits_per_char(value);
    if !is_text || !(SHORTEST..=LONGEST).contains(&value.len()) || upper + lower == 0 {
        return None;
    }
    if digits == 0 {
        return are_random_letters(value).then_some(Strength::Fair);
    }
    if is_guid(value) {
        return (bits >= 2.8).then_some(Strength::Fair);
    }
    if words::is_wordy(value) || is_versioned(value) {
        return None;
    }
    if value.iter().all(u8::is_ascii_hexdigit) {
        return (value.len() >= 16 && bits >= 2.8).then_some(if value.len() >= 32 {
            Strength::Strong
        } else {
            Strength::Fair
        });
    }
    if body(value).len() >= 32 && body(value).iter().all(u8::is_ascii_hexdigit) && bits >= 2.8 {
        return Some(Strength::Strong);
    }
    // Random text of n characters has almost log2(n) bits a character while n is small against the alphabet.
    let expected = (value.len() as f64).log2().min(5.0);
    let is_dense = bits >= expected * 0.75;
    let is_plain =
        value.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~'));
    let is_mixed = digits >= 2 && (upper > 0 && lower > 0 || digits * 8 >= value.len());
    match (is_dense, is_plain && is_mixed && value.len() >= 16 && bits >= 3.4) {
        (true, true) => Some(Strength::Strong),
        (true, false) if bits >= 3.0 => Some(Strength::Fair),
        _ => None,
    }
}

/// Letters alone that no word is made of, in both cases: one in two hundred tokens of 32 characters has no digit, and
/// some vendors use none.
fn are_random_letters(value: &[u8]) -> bool {
    const FEWEST: usize = 20;
    const FEWEST_OF_A_CASE: usize = 5;
    let count = |holds: fn(&u8) -> bool| value.iter().filter(|c| holds(c)).count();
    let letters = value.rsplit(|c| matches!(c, b'_' | b'-' | b'.')).next().unwrap_or_default();
    letters.len() >= FEWEST
        && letters.iter().all(u8::is_ascii_alphabetic)
        && count(u8::is_ascii_uppercase) >= FEWEST_OF_A_CASE
        && count(u8::is_ascii_lowercase) >= FEWEST_OF_A_CASE
        && entropy::bits_per_char(letters) >= 3.5
        && !words::is_wordy(letters)
}

/// What documentation writes.
fn is_made_up(value: &[u8]) -> bool {
    const EXAMPLE: &[u8] = b"example";
    /// `{"alg":`, the header of a token without the rest of it.
    const HEADER: &[u8] = b"eyJhbGciOi";
    entropy::is_placeholder(value)
        || (value.starts_with(HEADER) && !value.contains(&b'.'))
        || value.windows(EXAMPLE.len()).any(|window| window.eq_ignore_ascii_case(EXAMPLE))
}

/// Counts up in parts, as no generator does.
fn counts(value: &[u8]) -> bool {
    /// No generator counts so far.
    const LONGEST_COUNT: usize = 10;
    let is_guid = is_guid(value);
    (!is_guid && entropy::counting_share(value) > 0.4)
        || entropy::longest_count(&value.to_ascii_lowercase()) >= LONGEST_COUNT
        || entropy::is_interleaved_count(value)
}

fn is_guid(value: &[u8]) -> bool {
    value.len() == 36 && value.split(|c| *c == b'-').count() == 5
}

/// What names a password instead of being one: `userPassword`, `id-it-revPassphrase`, an object identifier of digits.
fn is_identifier(value: &[u8]) -> bool {
    let names_one = ["password", "passphrase", "passwd", "pwd"].iter().any(|word| {
        let start = value.len().checked_sub(word.len()).filter(|start| *start > 0);
        let tail = start.and_then(|start| value.get(start..));
        tail.is_some_and(|tail| {
            tail.first().is_some_and(u8::is_ascii_uppercase) && tail.eq_ignore_ascii_case(word.as_bytes())
        })
    });
    let is_plain = value.iter().all(|c| c.is_ascii_alphabetic() || matches!(c, b'-' | b'_'));
    let is_numbers = value.iter().all(|c| c.is_ascii_digit() || *c == b'.') && value.contains(&b'.');
    // `user.password.hash`, the key of a property.
    let mut parts = value.split(|c| *c == b'.');
    let is_property = memchr::memchr_iter(b'.', value).count() >= 2
        && parts.all(|part| !part.is_empty() && part.iter().all(u8::is_ascii_alphabetic));
    (names_one && is_plain) || is_numbers || is_property || value.starts_with(b"&[")
}

/// `{262E99C9-…}` at the end of a name: an id, by the braces around it.
fn ends_with_braced_guid(value: &[u8]) -> bool {
    const BRACED: usize = 38;
    let tail = value.len().checked_sub(BRACED).and_then(|start| value.get(start..));
    matches!(tail, Some([b'{', guid @ .., b'}']) if is_guid(guid))
}

/// Versions, dates, host names, file names, members: what has dots and few digits.
fn is_versioned(value: &[u8]) -> bool {
    let dots = memchr::memchr_iter(b'.', value).count();
    let has_extension = value.rsplit(|c| *c == b'.').next().is_some_and(|tail| {
        value.contains(&b'.') && (2..=4).contains(&tail.len()) && tail.iter().all(u8::is_ascii_lowercase)
    });
    let longest = value.split(|c| matches!(c, b'.' | b'-' | b'_' | b':')).map(<[u8]>::len).max().unwrap_or_default();
    has_extension
        || (dots >= 2 && longest < 12)
        || longest < 8
        || value.windows(2).any(|pair| pair == b"::" || pair == b"//")
}

/// Whether a value could be a password at all.
fn fits_password(value: &[u8], is_quoted: bool) -> bool {
    const SHORTEST: usize = 4;
    const LONGEST: usize = 128;
    let is_text = value.iter().all(|c| (0x20..0x7f).contains(c));
    let has_blank = value.contains(&b' ');
    // `Your password?`; a password may end in a question mark, too.
    let is_question = value.ends_with(b"?") && (has_blank || words::is_wordy(value));
    let is_label = value.ends_with(b":") || is_question || value.ends_with(b" ") || value.starts_with(b" ");
    let words = value.split(|c| *c == b' ').count();
    // What stands between two strings, not in one.
    let is_between = matches!(value.first(), Some(b'+' | b',' | b'.' | b')' | b';' | b'\'' | b'"' | b'?' | b'|'))
        || matches!(value.last(), Some(b'(' | b'[' | b'{' | b',' | b'+'))
        || (value.last() == Some(&b'=') && !is_padded(value));
    let is_path = value.contains(&b'/') && words::is_wordy(value);
    is_text
        && !is_between
        && !is_path
        && !ends_with_braced_guid(value)
        && !is_identifier(value)
        && (SHORTEST..=LONGEST).contains(&value.len())
        && !is_label
        && words <= 2
        && (is_quoted || !has_blank)
        && !entropy::is_placeholder(value)
        && entropy::bits_per_char(value) >= 1.5
        && !value.windows(2).any(|pair| pair == b"{}" || pair == b"()")
}

/// Base64 with the padding that its length asks for.
fn is_padded(value: &[u8]) -> bool {
    const SHORTEST: usize = 12;
    let padding = value.iter().rev().take_while(|c| **c == b'=').count();
    let digits = value.get(..value.len() - padding).unwrap_or_default();
    value.len() >= SHORTEST
        && value.len().is_multiple_of(4)
        && padding <= 2
        && digits.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'-' | b'_'))
}

/// Letters with digits or signs.
fn looks_like_password(value: &[u8]) -> bool {
    let has = |holds: fn(&u8) -> bool| usize::from(value.iter().any(holds));
    let sorts = has(u8::is_ascii_lowercase)
        + has(u8::is_ascii_uppercase)
        + has(u8::is_ascii_digit)
        + has(|c| c.is_ascii_punctuation() && !matches!(c, b'_' | b'-' | b'.'));
    value.len() >= 8 && sorts >= 3
}
