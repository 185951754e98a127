//! The secret half of an AWS key, beside its id.

use super::boundary::{ByteSet, ends_here, starts_here};
use super::candidate::{Candidate, Scene};
use super::check::aws_account;
use super::entropy;
use super::sighting::{OwnerHints, Reason, Sureness};
use compact_str::CompactString;
use std::ops::Range;

/// How far the halves stand apart at most.
const WINDOW: usize = 400;

/// The length of the secret.
const LENGTH: usize = 40;

/// The secret nearest to the key id that begins at the literal.
pub(super) fn recognise(scene: &Scene<'_>, literal: &Range<usize>) -> Option<Candidate> {
    const ID: usize = 20;
    let text = scene.text;
    let id = text.get(literal.start..literal.start + ID)?;
    let is_id = id.iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) && starts_here(text, literal.start);
    if !is_id || id.ends_with(b"EXAMPLE") {
        return None;
    }
    let start = literal.start.saturating_sub(WINDOW);
    let end = text.len().min(literal.start + ID + WINDOW);
    let window = text.get(start..end)?;
    let mut best: Option<Range<usize>> = None;
    let mut at = 0;
    for run in window.chunk_by(|a, b| is_secret(*a) == is_secret(*b)) {
        let span = start + at..start + at + run.len();
        at += run.len();
        if run.len() == LENGTH && looks_secret(run) && ends_here(text, span.end, &ByteSet::WORD) {
            let nearer = best
                .as_ref()
                .is_none_or(|best| best.start.abs_diff(literal.start) > span.start.abs_diff(literal.start));
            if nearer {
                best = Some(span);
            }
        }
    }
    let owner = OwnerHints {
        key_id: Some(CompactString::from_utf8_lossy(id)),
        account: aws_account(id),
        ..OwnerHints::default()
    };
    best.map(|span| Candidate { owner, ..Candidate::sure(span, Sureness::High, Reason::PartsNearby) })
}

const fn is_secret(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+')
}

fn looks_secret(run: &[u8]) -> bool {
    let has = |holds: fn(&u8) -> bool| run.iter().any(holds);
    has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && entropy::bits_per_char(run) >= 4.0
}
