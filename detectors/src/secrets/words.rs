//! Whether a value is made of words, as identifiers are, or of random letters.

/// For each letter, the letters that often follow it in English and in code: bit 0 is `a`. The pairs set here make up 90 %
/// of all pairs in words, and 29 % of all possible ones, so random letters hit them three times in ten.
const FOLLOWERS: [u32; 26] = [
    0x011e_b96e,
    0x0110_4911,
    0x000a_4db1,
    0x0014_4111,
    0x01ef_b83f,
    0x0002_6131,
    0x0000_0110,
    0x0008_4111,
    0x022e_787d,
    0x0000_0000,
    0x0000_0011,
    0x011c_4939,
    0x0014_c111,
    0x001c_417d,
    0x005e_fc2c,
    0x001e_4911,
    0x0010_0000,
    0x011e_715d,
    0x001c_c195,
    0x011e_c19d,
    0x000e_b956,
    0x0000_0011,
    0x0002_0101,
    0x0008_8000,
    0x0000_8000,
    0x0000_0010,
];

/// The share of letter pairs that words have; `None` if there are too few to tell.
fn common_share(value: &[u8]) -> Option<f64> {
    const FEWEST: usize = 5;
    let (mut pairs, mut common) = (0_usize, 0_usize);
    for window in value.windows(2) {
        let &[first, second] = window else { continue };
        let is_pair = first.is_ascii_alphabetic() && second.is_ascii_alphabetic();
        // `aB` is where one word ends and another begins.
        if is_pair && !(first.is_ascii_lowercase() && second.is_ascii_uppercase()) {
            let [first, second] = [first, second].map(|letter| letter.to_ascii_lowercase() - b'a');
            pairs += 1;
            let followers = FOLLOWERS.get(usize::from(first)).copied().unwrap_or_default();
            common += usize::from(followers >> second & 1 == 1);
        }
    }
    (pairs >= FEWEST).then(|| common as f64 / pairs as f64)
}

/// How often digits stand between letters, or before the first: no name begins with one.
fn digit_groups(value: &[u8]) -> usize {
    let (mut groups, mut after_letter, mut in_digits) = (0, true, false);
    for byte in value {
        if byte.is_ascii_digit() {
            in_digits = after_letter;
        } else {
            groups += usize::from(in_digits && byte.is_ascii_alphabetic());
            in_digits = false;
            after_letter = byte.is_ascii_alphabetic();
        }
    }
    groups
}

/// Whether the value reads like words. Random letters do by chance once in thousands.
pub(super) fn is_wordy(value: &[u8]) -> bool {
    /// Words have nine in ten, random letters three; this lies at the same number of deviations from both.
    const SHARE: f64 = 0.7;
    /// `base64ToUtf8` has two.
    const MOST_DIGIT_GROUPS: usize = 3;
    let letters = value.iter().filter(|c| c.is_ascii_alphabetic()).count();
    let separators = value.iter().filter(|c| matches!(c, b'_' | b'-' | b'.' | b' ' | b'/' | b':')).count();
    // What has more digits than this is no name, whatever its letters are.
    letters * 3 >= (value.len() - separators) * 2
        && common_share(value).is_some_and(|share| share >= SHARE)
        && digit_groups(value) < MOST_DIGIT_GROUPS
        && !is_chopped(value)
}

/// Whether capitals and digits come so often that no words fit between them: `OspIOLprNK1x`.
fn is_chopped(value: &[u8]) -> bool {
    const FEWEST_PIECES: usize = 5;
    /// Pieces of words have four letters and more, of random text two.
    const LETTERS_A_PIECE: f64 = 2.6;
    let letters = value.iter().filter(|c| c.is_ascii_alphabetic()).count();
    let begins = |pair: &&[u8]| match pair {
        [before, next] if next.is_ascii_alphabetic() => {
            !before.is_ascii_alphabetic() || before.is_ascii_lowercase() && next.is_ascii_uppercase()
        }
        _ => false,
    };
    let first = usize::from(value.first().is_some_and(u8::is_ascii_alphabetic));
    let pieces = first + value.windows(2).filter(begins).count();
    pieces >= FEWEST_PIECES && (letters as f64) < pieces as f64 * LETTERS_A_PIECE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_phrases_are_wordy_and_random_text_is_not() {
        for value in [
            "UserAccessTokenProvider",
            "open sesame today",
            "DOC_Vector_5_32",
            "api-gateway-internal",
            "thisismypassword",
        ] {
            assert!(is_wordy(value.as_bytes()), "{value}");
        }
        for value in [
            "Zf3D0LXCM3EIMbgJpUNnkRtOfOueHznB",
            "DjayBenyJrtpvydFCzAphcqc",
            "kP3mW9tR2vB7nL5cD8fG1hJ4",
            "HlMeAe2b4Q4Azz",
            "OspIrLprNaBs1x",
            "3ElRHEnfhiN35XAl6Bu",
            "6fb1cff7690db9ac066cadbbde8e3c07",
        ] {
            assert!(!is_wordy(value.as_bytes()), "{value}");
        }
    }
}
