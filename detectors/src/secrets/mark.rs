//! The mark that stands where a secret stood.
//!
//! `picket-secret(RULE;proven|unproven;HINT;FINGERPRINT)`: plain ASCII without quotes or backslashes, so JSON, YAML and
//! text stay what they were. Anyone can write such a mark into code; it says no more than a made-up secret would.

use compact_str::CompactString;
use std::fmt::Write as _;
use std::ops::Range;

/// What every mark begins with.
pub(super) const PREFIX: &str = "picket-secret(";

/// Length of the fingerprint: 128 bits in hex.
pub(super) const FINGERPRINT: usize = 32;

/// The longest mark there is; bounds the cost of reading one.
const LONGEST: usize = 160;

/// What a mark says of the secret it replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark<'a> {
    /// The rule that found it.
    pub rule: &'a str,
    /// Its checksum holds.
    pub proven: bool,
    /// Its first three characters; `None` where the secret was too short to show any.
    pub hint: Option<CompactString>,
    /// Keyed fingerprint, 32 hex digits.
    pub fingerprint: &'a str,
    /// Where the mark stands in the text.
    pub range: Range<usize>,
}

/// All marks in a text, in order.
pub fn find_marks(text: &str) -> impl Iterator<Item = Mark<'_>> {
    text.match_indices(PREFIX).filter_map(|(at, _)| read(text, at))
}

fn read(text: &str, at: usize) -> Option<Mark<'_>> {
    let start = at + PREFIX.len();
    let bytes = text.as_bytes().get(start..)?;
    let length = bytes.iter().take(LONGEST).position(|b| *b == b')')?;
    let mut parts = text.get(start..start + length)?.split(';');
    let (rule, proof, hint, fingerprint) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let proven = match proof {
        "proven" => true,
        "unproven" => false,
        _ => return None,
    };
    let is_rule = !rule.is_empty() && rule.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let is_fingerprint =
        fingerprint.len() == FINGERPRINT && fingerprint.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !is_rule || !is_fingerprint || parts.next().is_some() {
        return None;
    }
    Some(Mark { rule, proven, hint: read_hint(hint)?, fingerprint, range: at..start + length + 1 })
}

/// Whether a range lies on a mark, or touches one.
pub(super) fn touches(text: &[u8], range: Range<usize>) -> bool {
    let start = range.start.saturating_sub(LONGEST);
    let window = text.get(start..text.len().min(range.end)).unwrap_or_default();
    memchr::memmem::find_iter(window, PREFIX).any(|at| {
        let begins = start + at;
        let rest = text.get(begins..).unwrap_or_default();
        let ends = rest.iter().take(LONGEST).position(|byte| *byte == b')').map_or(begins, |length| begins + length);
        begins < range.end && range.start <= ends
    })
}

/// Writes a mark.
pub(super) fn write(out: &mut Vec<u8>, rule: &str, proven: bool, hint: &[u8], fingerprint: &str) {
    out.extend_from_slice(PREFIX.as_bytes());
    out.extend_from_slice(rule.as_bytes());
    out.extend_from_slice(if proven { b";proven;" } else { b";unproven;" });
    out.extend_from_slice(written_hint(hint).as_bytes());
    out.push(b';');
    out.extend_from_slice(fingerprint.as_bytes());
    out.push(b')');
}

/// The hint with all but plain characters written as `%XX`.
fn written_hint(hint: &[u8]) -> CompactString {
    let mut written = CompactString::default();
    for &byte in hint {
        if super::unescape::is_unreserved(byte) {
            written.push(char::from(byte));
        } else {
            // Writing to a string in memory can't fail.
            write!(written, "%{byte:02X}").unwrap_or_default();
        }
    }
    written
}

/// `Some(None)` is a mark without a hint, `None` no mark.
#[expect(clippy::option_option, reason = "private, and the two absences differ")]
fn read_hint(written: &str) -> Option<Option<CompactString>> {
    const CHARACTERS: usize = 3;
    let mut hint = Vec::new();
    let mut bytes = written.bytes();
    while let Some(byte) = bytes.next() {
        hint.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?].map(char::from).map(|digit| digit.to_digit(16));
                let [Some(high), Some(low)] = digits else { return None };
                (high * 16 + low) as u8
            }
            plain if super::unescape::is_unreserved(plain) => plain,
            _ => return None,
        });
    }
    match hint.len() {
        0 => Some(None),
        CHARACTERS => Some(Some(CompactString::from_utf8_lossy(&hint))),
        _ => None,
    }
}
