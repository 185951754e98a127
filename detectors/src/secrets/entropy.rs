//! Whether a value looks random, or like something a person put in its place.

/// Words that people write where a secret belongs. Long ones only: short words occur in random text by chance.
const STAND_INS: &[&str] = &[
    "xxxx",
    "****",
    "....",
    "changeme",
    "change_me",
    "change-me",
    "example",
    "placeholder",
    "redacted",
    "replace",
    "dummy",
    "insert",
    "your_",
    "your-",
    "yourclient",
    "yoursecret",
    "12345678",
    "abcdefgh",
];

/// How many equal characters in a row no generator writes.
const RUN: usize = 6;

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

/// Whether the value is a stand-in, wholly or for the most part.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    let has_run = value.chunk_by(u8::eq_ignore_ascii_case).any(|run| run.len() >= RUN);
    has_run
        || STAND_INS
            .iter()
            .any(|word| value.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_known_and_random_text_is_none() {
        for value in ["bP88Q~xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "changeme-changeme-changeme-changeme", "AAAAAAbcd"] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
        assert!(!is_placeholder(b"kP3.mW9_tR2~vB7-nL5cD8fG1hJ4"));
    }

    #[test]
    fn entropy_counts_bits() {
        assert!(bits_per_char(b"aaaa").abs() < 1e-9);
        assert!((bits_per_char(b"abcd") - 2.0).abs() < 1e-9);
        assert!(bits_per_char(b"").abs() < 1e-9);
    }
}
