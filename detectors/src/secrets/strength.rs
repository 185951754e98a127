//! How generated a value looks that only its name gives away.

use super::engine::body;
use super::expression::{self, Written};
use super::password_form::looks_like_password;
use super::{encoding, entropy, password, words};
use zeroize::Zeroizing;

/// How generated a value looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    Fair,
    Strong,
}

/// The longest value that only its name gives away.
pub(super) const LONGEST_SECRET: usize = 512;

/// How generated a value looks; `None` if it does not.
pub(super) fn strength(value: &[u8]) -> Option<Strength> {
    const SHORTEST: usize = 10;
    let count = |holds: fn(&u8) -> bool| value.iter().filter(|c| holds(c)).count();
    let digits = count(u8::is_ascii_digit);
    let (upper, lower) = (count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    let is_text = value.iter().all(|c| (0x21..0x7f).contains(c));
    let bits = entropy::bits_per_char(value);
    if is_account(value) {
        return None;
    }
    if !is_text || !(SHORTEST..=LONGEST_SECRET).contains(&value.len()) || upper + lower == 0 {
        return None;
    }
    if digits == 0 {
        let is_long = value.len() >= 30 && bits >= 4.2;
        return are_random_letters(value).then_some(if is_long { Strength::Strong } else { Strength::Fair });
    }
    if is_guid(value) {
        return (bits >= 2.8).then_some(Strength::Fair);
    }
    if words::is_wordy(value) || is_versioned(value) {
        return None;
    }
    if value.iter().all(u8::is_ascii_hexdigit) {
        return (value.len() >= 16 && bits >= 2.8).then_some(if value.len() >= 28 {
            Strength::Strong
        } else {
            Strength::Fair
        });
    }
    if (is_hex(body(value)) || is_hex(value.get(1..).unwrap_or_default())) && bits >= 2.8 {
        return Some(Strength::Strong);
    }
    // Random text of n characters has almost log2(n) bits a character while n is small against the alphabet.
    let expected = (value.len() as f64).log2().min(5.0);
    let is_dense = bits >= expected * 0.75;
    let is_plain =
        value.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~'));
    let is_mixed = digits >= 2 && (upper > 0 && lower > 0 || digits * 8 >= value.len())
        || value.len() >= 20 && bits >= 3.8 && upper >= 4 && lower >= 4
        || value.len() >= 28 && bits >= 3.9 && digits >= 2 && value.iter().all(u8::is_ascii_alphanumeric);
    // Signs that are none of Base64's: a long value has to make up for them.
    let is_long =
        value.len() >= 28 && bits >= 3.6 && !value.iter().any(|c| matches!(c, b'(' | b')' | b'{' | b'}' | b'\\'));
    match (is_dense, (is_plain || is_long) && is_mixed && value.len() >= 16 && bits >= 3.4) {
        (true, true) => Some(Strength::Strong),
        (true, false) if bits >= 3.0 => Some(Strength::Fair),
        _ => None,
    }
}

/// Hex of 28 digits or more, joints between groups of it aside: `1f2e…-9c8d7e6f-…`.
fn is_hex(value: &[u8]) -> bool {
    const SHORTEST: usize = 28;
    let digits = value.iter().filter(|c| c.is_ascii_hexdigit()).count();
    digits >= SHORTEST && value.iter().all(|c| c.is_ascii_hexdigit() || matches!(c, b'-' | b':' | b'.' | b'_'))
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
pub(super) fn is_made_up(value: &[u8]) -> bool {
    const EXAMPLE: &[u8] = b"example";
    /// `{"alg":`, the header of a token without the rest of it.
    const HEADER: &[u8] = b"eyJhbGciOi";
    entropy::is_placeholder(value)
        || (value.starts_with(HEADER) && !value.contains(&b'.'))
        || value.windows(EXAMPLE.len()).any(|window| window.eq_ignore_ascii_case(EXAMPLE))
}

/// Base64 of what is no secret: of a stand-in, a reference, a word that everybody tries first.
pub(super) fn hides_nothing(value: &[u8]) -> bool {
    hidden_text(value).is_some_and(|plain| {
        let is_reference = expression::is_reference(&plain, None, Written::Quoted) && !is_drawn(&plain);
        is_reference || is_made_up(&plain) || password::is_weak(&plain)
    })
}

/// A generated password, which may begin with any sign: `#kP3mW9tR2vB7`.
pub(super) fn is_drawn(plain: &[u8]) -> bool {
    const SHORTEST: usize = 10;
    plain.len() >= SHORTEST && looks_like_password(plain) && !words::is_wordy(plain) && !plain.contains(&b' ')
}

/// Base64 of words: `to-be-filled-by-pipeline`. A password may be made of them, a key is not.
pub(super) fn hides_words(value: &[u8]) -> bool {
    hidden_text(value).is_some_and(|plain| !plain.iter().any(u8::is_ascii_digit) && words::is_wordy(&plain))
}

/// The text that Base64 holds.
fn hidden_text(value: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    const LONGEST: usize = 256;
    if value.len() > LONGEST || !value.len().is_multiple_of(4) {
        return None;
    }
    encoding::base64(value).filter(|plain| plain.len() >= 4 && plain.iter().all(|c| (0x20..0x7f).contains(c)))
}

/// Counts up in parts, as no generator does.
pub(super) fn counts(value: &[u8]) -> bool {
    /// No generator counts so far.
    const LONGEST_COUNT: usize = 10;
    let is_guid = is_guid(value);
    (!is_guid && entropy::counting_share(value) > 0.4)
        || entropy::longest_count(&value.to_ascii_lowercase()) >= LONGEST_COUNT
        || entropy::is_interleaved_count(value)
}

pub(super) fn is_guid(value: &[u8]) -> bool {
    value.len() == 36 && value.split(|c| *c == b'-').count() == 5
}

/// `0x` and forty digits of hex: an address on a chain, which everybody may know.
fn is_account(value: &[u8]) -> bool {
    matches!(value, [b'0', b'x', digits @ ..] if digits.len() == 40 && digits.iter().all(u8::is_ascii_hexdigit))
}

/// Hex or Base64 of 16, 32 or 64 bytes.
pub(super) fn is_key_sized(value: &[u8]) -> bool {
    let is_hex = value.iter().all(u8::is_ascii_hexdigit);
    match value.len() {
        32 | 64 | 128 => is_hex,
        44 => value.ends_with(b"=") && is_padded(value),
        88 => value.ends_with(b"==") && is_padded(value),
        _ => false,
    }
}

/// Letters of both cases and digits, 32 or more: as keys are drawn that are neither hex nor Base64.
pub(super) fn is_long_and_mixed(value: &[u8]) -> bool {
    const SHORTEST: usize = 32;
    let has = |holds: fn(&u8) -> bool| value.iter().any(holds);
    value.len() >= SHORTEST
        && value.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'+' | b'/' | b'='))
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
}

/// Versions, dates, host names, file names, members: what has dots and few digits.
fn is_versioned(value: &[u8]) -> bool {
    let dots = memchr::memchr_iter(b'.', value).count();
    let has_extension = value.rsplit(|c| *c == b'.').next().is_some_and(|tail| {
        value.contains(&b'.') && (2..=4).contains(&tail.len()) && tail.iter().all(u8::is_ascii_lowercase)
    });
    let longest = value.split(|c| matches!(c, b'.' | b'-' | b'_' | b':')).map(<[u8]>::len).max().unwrap_or_default();
    if is_scrambled(value) {
        return false;
    }
    has_extension
        || (dots >= 2 && longest < 12)
        || longest < 8
        || value.windows(2).any(|pair| pair == b"::")
        || (value.windows(2).any(|pair| pair == b"//") && !is_padded(value))
}

/// Long, and letters of both cases and digits take turns all along: no version and no file has such a name.
fn is_scrambled(value: &[u8]) -> bool {
    const SHORTEST: usize = 30;
    const FEWEST_TURNS: usize = 12;
    let sort = |c: u8| (c.is_ascii_digit(), c.is_ascii_uppercase(), c.is_ascii_lowercase());
    let turns = value.windows(2).filter(|pair| matches!(pair, [a, b] if sort(*a) != sort(*b))).count();
    let has = |holds: fn(&u8) -> bool| value.iter().any(holds);
    value.len() >= SHORTEST
        && turns >= FEWEST_TURNS
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && !value.windows(2).any(|pair| pair == b"::")
}

/// Base64 with the padding that its length asks for.
pub(super) fn is_padded(value: &[u8]) -> bool {
    const SHORTEST: usize = 12;
    let padding = value.iter().rev().take_while(|c| **c == b'=').count();
    let digits = value.get(..value.len() - padding).unwrap_or_default();
    value.len() >= SHORTEST
        && value.len().is_multiple_of(4)
        && padding <= 2
        && digits.iter().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'-' | b'_'))
}
