//! The `secret` member of a secret-scanning alert, and its like in other scanners' reports (`Secret` and `Match` of
//! gitleaks, `Raw` and `RawV2` of trufflehog, `snippet` of kingfisher): whatever it is, its reporter says that it is a
//! secret.

use super::tier::{Rule, Tier};
use std::ops::Range;

/// The value of a JSON member with such a name.
pub(super) const SECRET: Rule = Rule {
    id: "reported-secret",
    tier: Tier::Named,
    literals: &["secret", "Secret", "Match", "Raw", "snippet"],
    recognise: member,
};

/// What is shorter is no credential.
const SHORTEST: usize = 8;

/// A long private key in PEM has about 7,000 characters.
const LONGEST: usize = 16 << 10;

fn member(text: &[u8], literal: Range<usize>) -> Option<Range<usize>> {
    const LONGEST_GAP: usize = 16;
    let before = literal.start.checked_sub(1).and_then(|before| text.get(before));
    let after = text.get(literal.end..)?;
    let name_end = if after.starts_with(b"V2\"") { 2 } else { 0 };
    let rest = after.get(name_end..)?.strip_prefix(b"\"")?;
    if before != Some(&b'"') {
        return None;
    }
    let gap = rest.iter().take(LONGEST_GAP).take_while(|c| c.is_ascii_whitespace() || **c == b':').count();
    if !rest.get(..gap)?.contains(&b':') || rest.get(gap) != Some(&b'"') {
        return None;
    }
    let start = literal.end + name_end + 1 + gap + 1;
    let length = string_length(text.get(start..)?)?;
    let value = text.get(start..start + length)?;
    let is_mask = value.iter().all(|c| matches!(c, b'*' | b'x' | b'X')) || value.eq_ignore_ascii_case(b"redacted");
    let has_mark = value.windows(MARK.len()).any(|window| window == MARK);
    (length >= SHORTEST && !is_mask && !has_mark).then(|| start..start + length)
}

const MARK: &[u8] = super::mark::PREFIX.as_bytes();

/// How long the JSON string is that begins here, up to its closing quote.
fn string_length(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.iter().take(LONGEST).enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at),
            _ => {}
        }
    }
    None
}
