//! Runs of bytes that stand for themselves in a string, sixteen at a time.

const WIDE: usize = 16;

/// The offset of the first quote, backslash or control character at or after `at`; the length where there is none.
#[inline]
pub(in crate::decode) fn end_of_run(bytes: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<WIDE>) {
        // Comparing all bytes, and then all results as one number, is what the compiler makes wide registers of.
        let found = u128::from_le_bytes(chunk.map(|byte| if is_special(byte) { u8::MAX } else { 0 }));
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += WIDE;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len())
}

#[expect(clippy::needless_bitwise_bool, reason = "without branches, all bytes of a chunk are compared at once")]
const fn is_special(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\\') | (byte < b' ')
}

#[cfg(test)]
mod tests {
    use super::end_of_run;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_search_byte_by_byte_finds(bytes in proptest::collection::vec(prop_oneof![Just(b'a'), Just(0x1f), Just(b' '), Just(b'"'), Just(b'!'), Just(b'\\'), any::<u8>()], 0..40), at in 0_usize..40) {
            let at = at.min(bytes.len());
            let expected = bytes[at..].iter().position(|byte| *byte < 0x20 || *byte == b'"' || *byte == b'\\');
            prop_assert_eq!(end_of_run(&bytes, at), expected.map_or(bytes.len(), |found| at + found));
        }
    }
}
