//! Where a secret may begin and end: not in the middle of a longer word.

/// A set of bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ByteSet([u64; 4]);

impl ByteSet {
    /// Letters, digits, underscore.
    pub(super) const WORD: Self = Self([0x03ff_0000_0000_0000, 0x07ff_fffe_87ff_fffe, 0, 0]);

    /// Adds a byte.
    pub(super) fn insert(&mut self, byte: u8) {
        if let Some(word) = self.0.get_mut(usize::from(byte >> 6)) {
            *word |= 1 << (byte & 63);
        }
    }

    /// Whether it holds a byte.
    pub(super) fn contains(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte >> 6)).is_some_and(|word| word >> (byte & 63) & 1 == 1)
    }
}

/// Whether nothing of a longer word stands before `start`. What may stand there: the rest of an escape (`\n`,
/// `\u003d`, `%3D`).
pub(super) fn starts_here(text: &[u8], start: usize) -> bool {
    let Some(before) = text.get(..start) else { return false };
    match before {
        // The last of these is `NAME_` before a token.
        [] | [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f'] | [.., b'_'] => true,
        [.., b'%', a, b] | [.., b'\\', b'u', b'0', b'0', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
            true
        }
        [.., last] => !ByteSet::WORD.contains(*last),
    }
}

/// Whether a secret that ends at `end` goes no further. A full stop ends it where a sentence ends.
pub(super) fn ends_here(text: &[u8], end: usize, continues: &ByteSet) -> bool {
    match text.get(end..) {
        None | Some([]) => true,
        Some([b'.', rest @ ..]) => {
            !continues.contains(b'.') || rest.first().is_none_or(|next| !next.is_ascii_alphanumeric())
        }
        Some([next, ..]) => !continues.contains(*next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_escapes_and_sentences_bound_a_secret() {
        for (text, start) in [("x", 0), ("=x", 1), ("\\nx", 2), ("%3Dx", 3), ("\\u003dx", 6), ("\"x", 1), ("A_x", 2)] {
            assert!(starts_here(text.as_bytes(), start), "{text}");
        }
        assert!(!starts_here(b"ax", 1));
        assert!(!starts_here(b"9x", 1));
        let mut continues = ByteSet::WORD;
        continues.insert(b'.');
        for (text, end, bounded) in
            [("x", 1, true), ("x.", 1, true), ("x. y", 1, true), ("x.y", 1, false), ("xy", 1, false)]
        {
            assert_eq!(ends_here(text.as_bytes(), end, &continues), bounded, "{text}");
        }
    }
}
