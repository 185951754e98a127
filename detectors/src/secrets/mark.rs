//! The mark that stands where a secret stood.
//!
//! `picket-secret(RULE;proven|unproven;HINT;FINGERPRINT)`, and `;THUMBPRINT` before the bracket where a certificate stands
//! beside a private key: plain ASCII without quotes or backslashes, so JSON, YAML and
//! text stay what they were. Anyone can write such a mark into code; it says no more than a made-up secret would.

use compact_str::CompactString;
use std::fmt::Write as _;
use std::ops::Range;

/// What every mark begins with.
pub(super) const PREFIX: &str = "picket-secret(";

/// Length of the fingerprint: 128 bits in hex.
pub(super) const FINGERPRINT: usize = 32;

/// Length of a thumbprint: SHA-1 in hex.
const THUMBPRINT: usize = 40;

/// The longest mark there is; bounds the cost of reading one.
const LONGEST: usize = 200;

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
    /// SHA-1 of the certificate of a private key, in capital hex digits.
    pub thumbprint: Option<&'a str>,
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
    let thumbprint = parts.next();
    let is_rule = !rule.is_empty() && rule.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let is_fingerprint =
        fingerprint.len() == FINGERPRINT && fingerprint.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let is_thumbprint =
        |print: &str| print.len() == THUMBPRINT && print.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
    if !is_rule || !is_fingerprint || !thumbprint.is_none_or(is_thumbprint) || parts.next().is_some() {
        return None;
    }
    Some(Mark { rule, proven, hint: read_hint(hint)?, fingerprint, thumbprint, range: at..start + length + 1 })
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

/// What a mark is to say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Saying<'a> {
    pub(super) rule: &'a str,
    pub(super) proven: bool,
    pub(super) hint: &'a [u8],
    pub(super) fingerprint: &'a str,
    pub(super) thumbprint: Option<&'a str>,
}

/// Writes a mark.
pub(super) fn write(out: &mut Vec<u8>, saying: Saying<'_>) {
    out.extend_from_slice(PREFIX.as_bytes());
    out.extend_from_slice(saying.rule.as_bytes());
    out.extend_from_slice(if saying.proven { b";proven;" } else { b";unproven;" });
    out.extend_from_slice(written_hint(saying.hint).as_bytes());
    out.push(b';');
    out.extend_from_slice(saying.fingerprint.as_bytes());
    if let Some(thumbprint) = saying.thumbprint {
        out.push(b';');
        out.extend_from_slice(thumbprint.as_bytes());
    }
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
