//! A view of text with those escapes undone that could hide a character of a secret.
//!
//! JSON may write any character as `\u007e`, some writers write `\/`, and URLs may hold `%7E`. Backslashes double in
//! JSON within JSON, so any number of them counts as one escape. Line breaks (`\n`) stay as they are: outside of JSON a
//! backslash may stand before a secret that begins with `n`, and rules know how to look at both.

use std::borrow::Cow;
use std::ops::Range;
use zeroize::Zeroize;

/// One undone escape.
#[derive(Debug, Clone, Copy)]
struct Seam {
    /// Where its character stands in the view.
    at: usize,
    /// Where the escape begins in the raw bytes.
    raw_start: usize,
    /// Where it ends in the raw bytes.
    raw_end: usize,
}

/// Text without hiding escapes, and the way back to the raw bytes. Wiped when dropped.
#[derive(Debug)]
pub(super) struct View<'a> {
    text: Cow<'a, [u8]>,
    seams: Vec<Seam>,
}

impl<'a> View<'a> {
    /// Makes the view; borrows where nothing is escaped.
    pub(super) fn new(raw: &'a [u8]) -> Self {
        Self::of(raw, is_unreserved)
    }

    /// A view in which escapes of joints (`+`, `/`, `=`, `&`, quotes) are undone too.
    pub(super) fn wide(raw: &'a [u8]) -> Self {
        Self::of(raw, is_plain)
    }

    /// Where [`View::wide`] undoes something, in order.
    pub(super) fn escapes(raw: &[u8]) -> impl Iterator<Item = usize> {
        let mut at = 0;
        std::iter::from_fn(move || {
            loop {
                let start = at + memchr::memchr2(b'\\', b'%', raw.get(at..)?)?;
                let (length, character) = escape(raw.get(start..).unwrap_or_default(), is_plain);
                at = start + length;
                if character.is_some() {
                    return Some(start);
                }
            }
        })
    }

    fn of(raw: &'a [u8], undoes: fn(u8) -> bool) -> Self {
        let mut view = Self { text: Cow::Borrowed(raw), seams: Vec::new() };
        // Never reallocated, so no stray copy of a secret stays behind.
        let mut text = Vec::new();
        let mut copied = 0;
        let mut at = 0;
        while let Some(offset) = raw.get(at..).and_then(|rest| memchr::memchr2(b'\\', b'%', rest)) {
            let raw_start = at + offset;
            let (length, character) = escape(raw.get(raw_start..).unwrap_or_default(), undoes);
            at = raw_start + length;
            if let Some(character) = character {
                if view.seams.is_empty() {
                    text.reserve_exact(raw.len());
                }
                text.extend_from_slice(raw.get(copied..raw_start).unwrap_or_default());
                view.seams.push(Seam { at: text.len(), raw_start, raw_end: at });
                text.push(character);
                copied = at;
            }
        }
        if !view.seams.is_empty() {
            text.extend_from_slice(raw.get(copied..).unwrap_or_default());
            view.text = Cow::Owned(text);
        }
        view
    }

    /// The bytes with no escape undone.
    pub(super) fn as_it_stands(raw: &'a [u8]) -> Self {
        Self { text: Cow::Borrowed(raw), seams: Vec::new() }
    }

    /// Whether some escape was undone.
    pub(super) fn differs(&self) -> bool {
        !self.seams.is_empty()
    }

    /// The text.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The raw bytes that a range of the text stands for.
    pub(super) fn raw(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.position(range.start, |seam| seam.raw_start);
        let end = range.end.checked_sub(1).map_or(0, |last| {
            let after_plain = self.position(last, |seam| seam.raw_end.saturating_sub(1));
            after_plain + 1
        });
        start..end
    }

    fn position(&self, at: usize, on_seam: impl Fn(&Seam) -> usize) -> usize {
        let after = self.seams.partition_point(|seam| seam.at <= at);
        match after.checked_sub(1).and_then(|index| self.seams.get(index)) {
            None => at,
            Some(seam) if seam.at == at => on_seam(seam),
            Some(seam) => seam.raw_end + (at - seam.at - 1),
        }
    }
}

impl Drop for View<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(text) = &mut self.text {
            text.zeroize();
        }
    }
}

/// The escape that text begins with: how many bytes to step over, and the character if it is one to undo.
fn escape(text: &[u8], undoes: fn(u8) -> bool) -> (usize, Option<u8>) {
    if text.first() == Some(&b'%') {
        let character = text.get(1..3).and_then(hex_byte).filter(|c| undoes(*c));
        return (if character.is_some() { 3 } else { 1 }, character);
    }
    let backslashes = text.iter().take_while(|b| **b == b'\\').count();
    let rest = text.get(backslashes..).unwrap_or_default();
    if rest.first() == Some(&b'/') {
        return (backslashes + 1, Some(b'/'));
    }
    let digits = rest.strip_prefix(b"u00").and_then(|digits| digits.get(..2));
    match digits.and_then(hex_byte).filter(|c| undoes(*c)) {
        Some(character) => (backslashes + 5, Some(character)),
        None => (backslashes.max(1), None),
    }
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u8::from_str_radix(digits, 16).ok()
}

/// A character of keys and of what stands around them.
const fn is_plain(byte: u8) -> bool {
    is_unreserved(byte)
        || matches!(byte, b'+' | b'/' | b'=' | b'&' | b'"' | b'\'' | b':' | b';' | b'@' | b'!' | b'#' | b'*')
}

/// A character that URLs never need to escape; current Entra secrets have no others.
pub(super) const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'~' | b'.' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_plain_characters_are_undone_and_found_again() {
        for (raw, text, range, back) in [
            (r"a\u007eb", "a~b", 1..2, r"\u007e"),
            (r"a\\\u007Eb", "a~b", 0..3, r"a\\\u007Eb"),
            ("a%7Eb%41c", "a~bAc", 2..5, "b%41c"),
            (r"x\/y", "x/y", 2..3, "y"),
        ] {
            let view = View::new(raw.as_bytes());
            assert_eq!(view.text(), text.as_bytes(), "{raw}");
            assert_eq!(&raw.as_bytes()[view.raw(&range)], back.as_bytes(), "{raw}");
        }
    }

    #[test]
    fn other_escapes_stay_and_cost_nothing() {
        for raw in [r"\n\u00e9\u003d%2B%zz\", "100%", r"\u00", "%", r"\\\\"] {
            let view = View::new(raw.as_bytes());
            assert!(matches!(view.text, Cow::Borrowed(_)), "{raw}");
        }
    }
}
