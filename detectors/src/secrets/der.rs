//! As much of DER as keys and certificates need: elements one after another and within each other, borrowed, never
//! beyond the text.

/// `INTEGER`.
pub(super) const INTEGER: u8 = 0x02;
/// `BIT STRING`.
pub(super) const BIT_STRING: u8 = 0x03;
/// `OCTET STRING`.
pub(super) const OCTET_STRING: u8 = 0x04;
/// `OBJECT IDENTIFIER`.
pub(super) const OBJECT: u8 = 0x06;
/// `SEQUENCE`.
pub(super) const SEQUENCE: u8 = 0x30;

/// One element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a> {
    /// Its tag, of one byte.
    pub(super) tag: u8,
    /// What it holds.
    pub(super) content: &'a [u8],
    /// All of it, tag and length too.
    pub(super) whole: &'a [u8],
}

/// The elements that stand one after another; ends at the first that is none.
pub(super) fn elements(der: &[u8]) -> impl Iterator<Item = Element<'_>> {
    let mut rest = der;
    std::iter::from_fn(move || {
        let (element, after) = split(rest)?;
        rest = after;
        Some(element)
    })
}

/// What the sequence at the beginning holds.
pub(super) fn sequence(der: &[u8]) -> Option<&[u8]> {
    let first = elements(der).next()?;
    (first.tag == SEQUENCE).then_some(first.content)
}

/// The first element, and what follows it.
fn split(der: &[u8]) -> Option<(Element<'_>, &[u8])> {
    /// Two bytes of length are 64 KiB; no key or certificate needs four.
    const LONGEST_LENGTH: u8 = 4;
    let (&[tag, first], mut rest) = der.split_first_chunk()?;
    let length = match first {
        0..=0x7f => usize::from(first),
        0x81.. if first & 0x7f <= LONGEST_LENGTH => {
            let (digits, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
            rest = after;
            digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit))
        }
        _ => return None,
    };
    let (content, after) = rest.split_at_checked(length)?;
    let whole = der.get(..der.len() - after.len())?;
    Some((Element { tag, content, whole }, after))
}

/// The bits of a `BIT STRING` of whole bytes.
pub(super) fn bits<'a>(element: &Element<'a>) -> Option<&'a [u8]> {
    (element.tag == BIT_STRING).then(|| element.content.strip_prefix(&[0])).flatten()
}

/// An unsigned `INTEGER` without its leading zeros.
pub(super) fn unsigned<'a>(element: &Element<'a>) -> Option<&'a [u8]> {
    let zeros = element.content.iter().take_while(|byte| **byte == 0).count();
    (element.tag == INTEGER).then(|| element.content.get(zeros..)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn elements_are_read_with_short_and_long_lengths() {
        let long = [&[OCTET_STRING, 0x81, 0x80][..], &[7; 0x80]].concat();
        let der = [&[INTEGER, 2, 0, 9][..], &long].concat();
        let read: Vec<_> = elements(&der).collect();
        assert_eq!(read.len(), 2);
        assert_eq!(read.first().and_then(unsigned), Some(&[9][..]));
        assert_eq!(read.get(1).map(|element| (element.content.len(), element.whole)), Some((0x80, long.as_slice())));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end_and_never_beyond(der in prop::collection::vec(any::<u8>(), 0..400)) {
            let read: usize = elements(&der).map(|element| element.whole.len()).sum();
            prop_assert!(read <= der.len());
            prop_assert!(elements(&der).all(|element| element.whole.ends_with(element.content)));
        }

        #[test]
        fn lengths_that_lie_end_the_reading(tag in any::<u8>(), length in prop::collection::vec(any::<u8>(), 1..6)) {
            let der = [&[tag, 0x80 | length.len() as u8][..], &length].concat();
            prop_assert!(elements(&der).all(|element| element.content.is_empty()));
        }
    }
}
