//! How random a value is, and whether it is something that a person put in a secret's place.

/// Words that people write where a secret belongs. Long ones only: short words occur in random text by chance.
const STAND_INS: &[&str] = &[
    "changeme",
    "change_me",
    "change-me",
    "changeit",
    "placeholder",
    "redacted",
    "replace_",
    "replace-",
    "replaceme",
    "replacewith",
    "insert_",
    "insert-",
    "inserthere",
    "your_",
    "your-",
    "yourclient",
    "yoursecret",
    "yourapi",
    "yourpass",
    "yourtoken",
    "yourkey",
    "to-be-filled",
    "to_be_filled",
    "goes_here",
    "goes-here",
    "goeshere",
    "_here>",
    "deadbeef",
    "notasecret",
    "not_a_real",
    "not-a-real",
    "todo",
    "fixme",
    "lorem",
    "put_your",
    "some_secret",
    "<your",
    "invalid",
];

/// Words that mark an example when little else is left.
const EXAMPLES: &[&str] = &["example", "sample", "dummy", "fake", "foobar", "test", "mock", "demo", "secret", "token"];

/// Bits of Shannon entropy a character, over the value's own character counts.
pub(super) fn bits_per_char(value: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for &byte in value {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let total = value.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / total;
            -share * share.log2()
        })
        .sum()
}

/// Whether the value is a stand-in, or counts up where a generator would not.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    is_stand_in(value) || is_mostly_counting(value)
}

/// Whether the value is a stand-in, wholly or for the most part: words, one character again and again, all of it
/// counting up.
pub(super) fn is_stand_in(value: &[u8]) -> bool {
    is_one_character(value) || has_telling_run(value) || is_halves(value) || has_stand_in(value) || is_counting(value)
}

/// `****`, `xxx`.
fn is_one_character(value: &[u8]) -> bool {
    value.chunk_by(u8::eq_ignore_ascii_case).count() == 1
}

/// All of it counts up, in one go or two: `1234567890123456`, `abcdefghij12345`.
fn is_counting(value: &[u8]) -> bool {
    const FEWEST: usize = 12;
    value.len() >= FEWEST && value.chunk_by(|a, b| follows(*a, *b)).count() <= 2
}

/// Whether the value holds a word that stands for a secret to be filled in. In long random text short ones occur by
/// chance, so a word counts only in a value that is not much longer.
fn has_stand_in(value: &[u8]) -> bool {
    const LONGEST_SURROUNDINGS: usize = 56;
    let holds = |word: &str| value.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()));
    let fits = |word: &&&str| value.len() <= word.len() + LONGEST_SURROUNDINGS;
    let mostly = |word: &&&str| value.len() < word.len() + 3;
    STAND_INS.iter().filter(fits).any(|word| holds(word))
        || EXAMPLES.iter().filter(mostly).any(|word| holds(word))
        || names_fake(value)
}

/// Words alone, and one of them says that nothing is meant: `fake_token`, `some-dummy-key`.
fn names_fake(value: &[u8]) -> bool {
    const FAKE: &[&str] = &["fake", "dummy", "mock", "mocked", "sample", "bogus"];
    let is_joint = |c: &u8| matches!(c, b'_' | b'-' | b'.' | b' ');
    value.iter().any(is_joint)
        && value.iter().all(|c| c.is_ascii_alphabetic() || is_joint(c))
        && value.split(is_joint).any(|part| FAKE.iter().any(|word| part.eq_ignore_ascii_case(word.as_bytes())))
}

/// A run of one character that no generator writes: six, or a fifth of the value, and three times that for `A` and `_`,
/// which stand for zero bits.
fn has_telling_run(value: &[u8]) -> bool {
    value.chunk_by(u8::eq_ignore_ascii_case).any(|run| {
        let weight = match run.first() {
            Some(b'x' | b'X' | b'*' | b'.') => 3,
            Some(b'A' | b'_' | b'=') => 1,
            _ => 2,
        };
        let is_long = if weight == 3 { run.len() >= 5 } else { run.len() >= 6 };
        (is_long && run.len() * weight * 2 >= value.len()) || (weight > 1 && run.len() >= 14)
    })
}

/// Half of the value or more counts up (`abcdefgh…`, `0123456789…`), twelve steps or more. Where the form is a vendor's
/// own, an example that somebody made up looks like this, and so does a key that somebody altered: no reason for silence.
pub(super) fn is_mostly_counting(value: &[u8]) -> bool {
    const FEWEST: usize = 12;
    let run = longest_count(value);
    run >= FEWEST && run * 2 >= value.len()
}

/// Letters and digits that take turns and each count up, in either case: `a1b2c3d4…`, `q2R3s4T5…`.
pub(super) fn is_interleaved_count(value: &[u8]) -> bool {
    const FEWEST: usize = 6;
    let of = |holds: fn(&u8) -> bool| value.to_ascii_lowercase().into_iter().filter(holds).collect::<Vec<u8>>();
    let parts = [of(u8::is_ascii_alphabetic), of(u8::is_ascii_digit)];
    parts.iter().all(|part| part.len() >= FEWEST && longest_count(part) >= FEWEST)
}

/// The longest stretch in which each character follows the one before; 0 follows 9.
pub(super) fn longest_count(value: &[u8]) -> usize {
    value.chunk_by(|a, b| follows(*a, *b)).map(<[u8]>::len).max().unwrap_or_default()
}

/// The share of characters that follow the one before them.
pub(super) fn counting_share(value: &[u8]) -> f64 {
    let steps = value.windows(2).filter(|pair| matches!(pair, [a, b] if follows(*a, *b))).count();
    steps as f64 / value.len().max(1) as f64
}

fn follows(first: u8, second: u8) -> bool {
    (first.is_ascii_alphanumeric() && second == first + 1) || (first == b'9' && second == b'0')
}

/// One short piece, again and again.
fn is_halves(value: &[u8]) -> bool {
    const LONGEST_PIECE: usize = 4;
    value.len() >= 12
        && (1..=LONGEST_PIECE)
            .any(|piece| value.iter().zip(value.iter().skip(piece)).all(|(a, b)| a.eq_ignore_ascii_case(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_known_and_random_text_is_none() {
        for value in [
            "bP88Q~xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "changeme-changeme-changeme-changeme",
            "AAAAAAAAbcd",
            "abcdefghijklmnopqrstuvwxyz1234567",
            "1234567890123456789012345678901234567890",
            "your_api_key_1",
            "abcabcabcabcabc",
            "****",
        ] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
        assert!(!is_placeholder(b"kP3.mW9_tR2~vB7-nL5cD8fG1hJ4"));
        assert!(is_stand_in(b"abcdefghijklmnopqrstuvwxyz1234567"));
        assert!(!is_stand_in(b"123456788ABCDEFGHIJKLMNOPQR"));
        assert!(is_interleaved_count(b"kP3q2R3s4T5u6V7w8X9"));
    }

    #[test]
    fn entropy_counts_bits() {
        assert!(bits_per_char(b"aaaa").abs() < 1e-9);
        assert!((bits_per_char(b"abcd") - 2.0).abs() < 1e-9);
        assert!(bits_per_char(b"").abs() < 1e-9);
    }
}
