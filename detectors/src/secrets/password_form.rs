//! Whether a value could be a password, and whether it looks like a good one.

use super::strength::{is_guid, is_padded};
use super::{entropy, password, words};

/// The longest password.
pub(super) const LONGEST_PASSWORD: usize = 128;

/// Whether a value could be a password at all.
pub(super) fn fits_password(value: &[u8], is_quoted: bool) -> bool {
    const SHORTEST: usize = 4;
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
    // Of Base64, any sign may come first or last.
    let is_generated = value.len() >= 14 && looks_like_password(value) && !words::is_wordy(value);
    is_text
        && (!is_between || is_generated)
        && !is_path
        && !ends_with_braced_guid(value)
        && !is_identifier(value)
        && (SHORTEST..=LONGEST_PASSWORD).contains(&value.len())
        && !is_label
        && words <= 2
        && (is_quoted || !has_blank)
        && !entropy::is_placeholder(value)
        && entropy::bits_per_char(value) >= 1.5
        && !value.windows(2).any(|pair| pair == b"{}" || pair == b"()")
}

/// Letters with digits or signs, or letters and digits of which no word is made.
pub(super) fn looks_like_password(value: &[u8]) -> bool {
    let has = |holds: fn(&u8) -> bool| usize::from(value.iter().any(holds));
    let sorts = has(u8::is_ascii_lowercase)
        + has(u8::is_ascii_uppercase)
        + has(u8::is_ascii_digit)
        + has(|c| c.is_ascii_punctuation() && !matches!(c, b'_' | b'-' | b'.'));
    value.len() >= 8 && (sorts >= 3 || (sorts == 2 && is_scattered(value)) || are_drawn_letters(value))
}

/// Sixteen small letters of which no word is made, as Google draws the passwords of applications.
fn are_drawn_letters(value: &[u8]) -> bool {
    const DRAWN: usize = 16;
    value.len() == DRAWN
        && value.iter().all(u8::is_ascii_lowercase)
        && entropy::bits_per_char(value) >= 2.8
        && !words::is_wordy(value)
}

/// Words that a person made into a password: letters of both cases, digits and a sign, as rules for passwords ask for,
/// and none of the words that stand for one.
pub(super) fn follows_rules(value: &[u8]) -> bool {
    const SHORTEST: usize = 10;
    const NAMES: &[&str] = &[
        "pass", "pwd", "secret", "admin", "test", "example", "your", "change", "token", "user", "demo", "hello",
        "dummy", "sample", "default", "value",
    ];
    let count = |holds: fn(&u8) -> bool| value.iter().filter(|c| holds(c)).count();
    let holds = |word: &&str| value.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()));
    let is_plain = value.iter().all(|c| {
        c.is_ascii_alphanumeric()
            || matches!(c, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'?' | b'_' | b'-' | b'.')
    });
    let has_sign = count(|c| matches!(c, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*')) > 0;
    value.len() >= SHORTEST
        && is_plain
        && count(u8::is_ascii_digit) >= 2
        && count(u8::is_ascii_uppercase) > 0
        && count(u8::is_ascii_lowercase) > 0
        && (has_sign || are_two_words_and_a_number(value))
        && !NAMES.iter().any(holds)
        && !password::is_weak(value)
}

/// `Maple-fjord29`, `M4ple.fjord2918`, `MapleFjord2918`: two words and a number after them.
fn are_two_words_and_a_number(value: &[u8]) -> bool {
    const LONGEST_NUMBER: usize = 4;
    /// What ends in a number and is none of the two: `HmacSha256`.
    const NUMBERED: &[&str] = &["sha", "base", "utf", "hmac", "rsa", "aes", "version"];
    let digits = value.iter().rev().take_while(|c| c.is_ascii_digit()).count();
    let words = value.get(..value.len() - digits).unwrap_or_default();
    let is_numbered = NUMBERED.iter().any(|word| {
        let tail = words.len().checked_sub(word.len()).and_then(|start| words.get(start..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(word.as_bytes()))
    });
    let joint = words.iter().position(|c| matches!(c, b'-' | b'_' | b'.'));
    let capital = words.iter().skip(1).position(u8::is_ascii_uppercase).map(|at| at + 1);
    let (one, other) = match (joint, capital) {
        (Some(at), _) => (words.get(..at), words.get(at + 1..)),
        (None, Some(at)) => (words.get(..at), words.get(at..)),
        (None, None) => return false,
    };
    (2..=LONGEST_NUMBER).contains(&digits) && !is_numbered && [one, other].into_iter().flatten().all(is_one_word)
}

/// A word, two of whose letters at most are disguised as digits.
fn is_one_word(part: &[u8]) -> bool {
    const SHORTEST: usize = 3;
    const MOST_DISGUISED: usize = 2;
    let letters = part.iter().filter(|c| c.is_ascii_alphabetic()).count();
    let is_camel = part.iter().skip(1).any(u8::is_ascii_uppercase);
    letters >= SHORTEST
        && part.len() - letters <= MOST_DISGUISED
        && !is_camel
        && part.iter().all(u8::is_ascii_alphanumeric)
        && part.first().is_some_and(u8::is_ascii_alphabetic)
}

/// Letters and digits, or letters of both cases, that take turns as in no word with a number after it.
fn is_scattered(value: &[u8]) -> bool {
    const SHORTEST: usize = 10;
    const FEWEST_TURNS: usize = 3;
    const LONG: usize = 12;
    let sort = |c: u8| (c.is_ascii_digit(), c.is_ascii_uppercase());
    let turns = value.windows(2).filter(|pair| matches!(pair, [a, b] if sort(*a) != sort(*b))).count();
    let has_digit = value.iter().any(u8::is_ascii_digit);
    value.len() >= SHORTEST
        && value.iter().all(u8::is_ascii_alphanumeric)
        && turns + usize::from(has_digit && value.len() >= LONG)
            >= if has_digit { FEWEST_TURNS } else { FEWEST_TURNS * 2 }
        && entropy::bits_per_char(value) >= 2.8
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_that_somebody_or_something_made_look_like_passwords() {
        assert!(looks_like_password(b"runxdyatmpbfpfgw") && !looks_like_password(b"administratorpwd"));
        for value in ["g63fu9vy21h1", "kP3mW9tR2v", "x7!kQ2"].map(|value| format!("{value}9a")) {
            assert!(looks_like_password(value.as_bytes()), "{value}");
        }
        for value in ["passphrase", "service2024", "hello"] {
            assert!(!looks_like_password(value.as_bytes()), "{value}");
        }
        for value in ["MapleFjord!2918", "Maple-fjord29", "M4ple.fjord2918", "MapleFjord2918"].map(str::as_bytes) {
            assert!(follows_rules(value), "{value:?}");
        }
        for value in
            ["Maplefjord2918", "Maple-fjord-v29", "Maple-1.2918", "maple-fjord29", "HmacSha256", "MyFjordMaple29"]
                .map(str::as_bytes)
        {
            assert!(!follows_rules(value), "{value:?}");
        }
        assert!(!follows_rules(b"MyPassword!2918"));
    }
}
