//! Text within the text: UTF-16, escapes that hide characters, Base64 in Base64. What is found there is reported where
//! the encoded form stands. Every pass is linear, and a budget bounds what all of them may decode.

use super::encoding::base64;
use super::unescape::View;
use std::ops::Range;
use zeroize::Zeroizing;

/// A decoded stretch and the way back.
pub(super) struct Stretch<'a> {
    /// The decoded text.
    pub(super) text: Decoded<'a>,
    /// Where the encoded form stands.
    pub(super) raw: Range<usize>,
}

/// A decoded text.
pub(super) enum Decoded<'a> {
    /// Escapes undone.
    Unescaped(View<'a>),
    /// From Base64: three bytes of four characters.
    Base64(Zeroizing<Vec<u8>>),
}

impl Stretch<'_> {
    /// The decoded text.
    pub(super) fn bytes(&self) -> &[u8] {
        match &self.text {
            Decoded::Unescaped(view) => view.text(),
            Decoded::Base64(bytes) => bytes,
        }
    }

    /// The raw bytes that a range of the decoded text stands for; `None` if nothing was encoded there.
    pub(super) fn raw(&self, span: &Range<usize>) -> Option<Range<usize>> {
        let raw = match &self.text {
            Decoded::Unescaped(view) => {
                let raw = view.raw(span);
                if raw.len() == span.len() {
                    return None;
                }
                raw
            }
            Decoded::Base64(_) => span.start / 3 * 4..span.end.div_ceil(3) * 4,
        };
        let end = (self.raw.start + raw.end).min(self.raw.end);
        Some((self.raw.start + raw.start).min(end)..end)
    }
}

/// UTF-16 as bytes: what is not ASCII becomes `?`, so that the character at `n` stands at `2n` behind the mark. `None` if
/// the text is none.
pub(super) fn utf16(text: &[u8]) -> Option<(Zeroizing<Vec<u8>>, usize)> {
    let start = mark_of_utf16(text)?;
    let units = units(text, start);
    let mut out = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    out.extend(units.map(|unit| u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(b'?')));
    Some((out, start.length))
}

/// UTF-16 as UTF-8, what is no character as a `\u{fffd}`; `None` if the text is none.
pub(super) fn utf8_of_utf16(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let start = mark_of_utf16(text)?;
    let mut out = Zeroizing::new(Vec::with_capacity(text.len()));
    for character in char::decode_utf16(units(text, start)) {
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Some(out)
}

/// How UTF-16 begins.
#[derive(Clone, Copy)]
struct Start {
    /// The length of its mark.
    length: usize,
    big_endian: bool,
}

/// Text is UTF-16 if it is marked so, or half of its bytes are nothing.
fn mark_of_utf16(text: &[u8]) -> Option<Start> {
    const SAMPLE: usize = 256;
    match text {
        [0xff, 0xfe, ..] => return Some(Start { length: 2, big_endian: false }),
        [0xfe, 0xff, ..] => return Some(Start { length: 2, big_endian: true }),
        _ => {}
    }
    let sample = text.get(..text.len().min(SAMPLE) & !1)?;
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count() * 10;
    let most = sample.len() / 2 * 9;
    let big_endian = match (sample.len() >= 16, zeros(0), zeros(1)) {
        (true, 0, zeros) if zeros >= most => false,
        (true, zeros, 0) if zeros >= most => true,
        _ => return None,
    };
    Some(Start { length: 0, big_endian })
}

fn units(text: &[u8], start: Start) -> impl Iterator<Item = u16> {
    let (pairs, _) = text.get(start.length..).unwrap_or_default().as_chunks::<2>();
    pairs.iter().map(move |pair| if start.big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) })
}

/// The stretches around escapes that could hide a character of a secret.
pub(super) fn escaped(text: &[u8]) -> Vec<Stretch<'_>> {
    const BEFORE: usize = 256;
    const AFTER: usize = 512;
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for at in View::escapes(text) {
        let (start, end) = (at.saturating_sub(BEFORE), text.len().min(at + AFTER));
        match ranges.last_mut() {
            Some(last) if start <= last.end => last.end = end,
            _ => ranges.push(start..end),
        }
    }
    let stretch = |raw: Range<usize>| {
        let view = View::wide(text.get(raw.clone())?);
        Some(Stretch { text: Decoded::Unescaped(view), raw })
    };
    ranges.into_iter().filter_map(stretch).collect()
}

/// The runs of Base64 that hold text.
pub(super) fn encoded(text: &[u8]) -> Vec<Stretch<'_>> {
    const SHORTEST: usize = 52;
    const STRIDE: usize = 32;
    /// Every run of the shortest length covers a checkpoint and so many bytes behind it.
    const PROBE: usize = SHORTEST - STRIDE;
    let mut found = Vec::new();
    let mut at = 0;
    let mut done = 0;
    while let Some(probe) = text.get(at..).and_then(<[u8]>::first_chunk::<PROBE>) {
        // Between the least and the greatest byte of Base64: asked of all bytes at once, without a branch between them.
        if !probe.iter().fold(true, |all, byte| all & (b'+'..=b'z').contains(byte)) {
            at += STRIDE;
            continue;
        }
        let before = text.get(done..at).unwrap_or_default().iter().rev().take_while(|byte| is_base64(**byte)).count();
        let after = text.get(at..).unwrap_or_default().iter().take_while(|byte| is_base64(**byte)).count();
        let run = at - before..at + after;
        if run.len() >= SHORTEST {
            found.extend(decode(text, &run));
        }
        done = run.end;
        at = (at + STRIDE).max(run.end);
    }
    found
}

fn decode<'a>(text: &[u8], run: &Range<usize>) -> Option<Stretch<'a>> {
    const HEAD: usize = 32;
    let whole = text.get(run.start..run.start + run.len() / 4 * 4)?;
    let rest = text.get(run.start + whole.len()..run.end)?;
    let head = base64(whole.get(..HEAD)?)?;
    if !is_text(&head) {
        return None;
    }
    // What is left of a last group of one character is no part of it.
    let end = if rest.len() == 1 { run.start + whole.len() } else { run.end };
    let decoded = base64(text.get(run.start..end)?)?;
    is_text(&decoded).then(|| Stretch { text: Decoded::Base64(decoded), raw: run.start..run.end })
}

fn is_text(bytes: &[u8]) -> bool {
    let odd = bytes.iter().filter(|byte| !matches!(byte, 0x20..0x7f | b'\n' | b'\r' | b'\t')).count();
    odd * 20 <= bytes.len()
}

/// By a table, without a branch.
#[inline]
fn is_base64(byte: u8) -> bool {
    BASE64.get(usize::from(byte)).copied().unwrap_or_default()
}

/// The bytes of Base64, of the standard and of URLs.
#[expect(clippy::indexing_slicing, reason = "counted up to the length, and evaluated by the compiler")]
static BASE64: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = matches!(byte as u8, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'-' | b'_');
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_is_known_with_and_without_its_mark() {
        let units = |text: &str, little: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
        };
        for little in [true, false] {
            let plain = units("password = \"abc\"", little);
            assert_eq!(
                utf16(&plain).as_ref().map(|(text, start)| (text.as_slice(), *start)),
                Some((&b"password = \"abc\""[..], 0))
            );
        }
        let marked = [&[0xff, 0xfe][..], &units("aé", true)].concat();
        assert_eq!(utf16(&marked).as_ref().map(|(text, start)| (text.as_slice(), *start)), Some((&b"a?"[..], 2)));
        assert!(utf16(b"plain text that is long enough").is_none());
    }

    #[test]
    fn base64_that_holds_text_is_found_wherever_it_stands() {
        // "the quick brown fox jumps over the lazy dog"
        let run = "dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZw";
        for before in 0..70 {
            let text = format!("{}{run}==", " ".repeat(before));
            let found = encoded(text.as_bytes());
            assert_eq!(found.len(), 1, "{before}");
            assert_eq!(found[0].bytes(), b"the quick brown fox jumps over the lazy dog");
            assert_eq!(found[0].raw(&(4..9)), Some(before + 4..before + 12));
        }
        assert!(encoded(&b"0123456789abcdef".repeat(8)).is_empty());
    }
}
