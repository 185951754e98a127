//! Private keys in PEM: on several lines, on one with `\n`, in strings, in diffs, indented.

use super::candidate::{Candidate, Scene};
use super::sighting::{Reason, Sureness};
use std::ops::Range;

/// A key of 16,384 bits has 12,700 characters.
const LONGEST: usize = 16 << 10;

/// The least number of Base64 characters of a body; the smallest real keys (Ed25519) have 64.
const SHORTEST: usize = 40;

/// How real bodies begin: DER of the usual sizes, OpenSSH's magic, PGP packets.
const BEGINNINGS: &[&str] = &[
    "MII",
    "MIG",
    "MHc",
    "MHQ",
    "MFE",
    "MC4",
    "MFU",
    "MEc",
    "MIH",
    "MHg",
    "b3BlbnNzaC1rZXktdjE",
    "lQ",
    "lI",
    "xcL",
    "xcZ",
    "xV",
];

/// The key whose `-----BEGIN ` stands at the literal.
pub(super) fn recognise(scene: &Scene<'_>, literal: &Range<usize>) -> Option<Candidate> {
    const LONGEST_LABEL: usize = 48;
    let text = scene.text;
    let rest = text.get(literal.end..text.len().min(literal.end + LONGEST_LABEL))?;
    let label_end = memchr::memmem::find(rest, b"-----")?;
    let label = rest.get(..label_end)?;
    let is_private = label.ends_with(b"PRIVATE KEY") || label.ends_with(b"PRIVATE KEY BLOCK");
    if !is_private || label.contains(&b'\n') {
        return None;
    }
    let start = literal.end + label_end + 5;
    let body = read_body(text, start)?;
    if body.characters < SHORTEST || body.distinct < 12 {
        return None;
    }
    let is_real = BEGINNINGS.iter().any(|beginning| body.head.starts_with(beginning.as_bytes())) || body.has_header;
    let (sureness, reason) = if is_real && body.characters >= 64 {
        (Sureness::High, Reason::StructureReads)
    } else {
        (Sureness::Medium, Reason::StructureFails)
    };
    Some(Candidate::sure(literal.start..body.end, sureness, reason))
}

/// What stands between the first line and the last.
struct Body {
    /// Base64 characters.
    characters: usize,
    /// How many different ones.
    distinct: u32,
    /// The first of them.
    head: Vec<u8>,
    /// Lines like `Proc-Type:` or `Version:`.
    has_header: bool,
    end: usize,
}

fn read_body(text: &[u8], start: usize) -> Option<Body> {
    const HEAD: usize = 24;
    let limit = text.len().min(start + LONGEST);
    let inside = text.get(start..limit)?;
    let (length, is_closed) = match memchr::memmem::find(inside, b"-----") {
        Some(length) => (length, inside.get(length..).is_some_and(|rest| rest.starts_with(b"-----END"))),
        None => (open_length(inside), false),
    };
    let inside = inside.get(..length)?;
    if memchr::memmem::find(inside, b"...").is_some() || inside.contains(&b'<') || inside.contains(&b'$') {
        return None;
    }
    let has_header = inside.iter().take(200).any(|byte| *byte == b':');
    let mut body = Body { characters: 0, distinct: 0, head: Vec::new(), has_header, end: start + length };
    if is_closed {
        let rest = text.get(body.end + 8..text.len().min(body.end + 72)).unwrap_or_default();
        body.end += memchr::memmem::find(rest, b"-----").map_or(8, |dashes| 8 + dashes + 5);
    }
    let mut seen = 0_u128;
    let mut bytes = inside.iter();
    while let Some(&byte) = bytes.next() {
        if byte == b'\\' {
            // `\n`, `\r`, `\t`: the letter is not part of the body.
            bytes.next();
        } else if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=') {
            body.characters += 1;
            seen |= 1 << (byte & 127);
            if body.head.len() < HEAD {
                body.head.push(byte);
            }
        }
    }
    body.distinct = seen.count_ones();
    Some(body)
}

/// How far a key goes that nothing closes: to the first byte that no body has.
fn open_length(inside: &[u8]) -> usize {
    let is_body = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'+' | b'/' | b'=' | b'\\' | b'\n' | b'\r' | b' ' | b'\t' | b'-' | b':' | b',')
    };
    inside.iter().take_while(|byte| is_body(byte)).count()
}
