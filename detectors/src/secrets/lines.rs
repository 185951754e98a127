//! What the line says on which a secret stands: which side of a diff it is on, whether someone allowed it.

use super::sighting::Side;
use std::ops::Range;

/// Comments that allow what stands on their line: ours and those of other scanners.
const MARKS: &[&[u8]] = &[
    b"picket:allow",
    b"gitleaks:allow",
    b"betterleaks:allow",
    b"kingfisher:ignore",
    b"trufflehog:ignore",
    b"pragma: allowlist secret",
    b"pragma: whitelist secret",
    b"secretlint-disable-line",
];

/// The longest line looked at, to each side.
const LONGEST: usize = 1024;

/// Whether a comment on the line of the secret's beginning or end allows it.
pub(super) fn is_allowed(text: &[u8], span: &Range<usize>) -> bool {
    let start = span.start - before(text, span.start).len();
    let line = text.get(start..span.end + after(text, span.end).len()).unwrap_or_default();
    MARKS.iter().any(|mark| memchr::memmem::find(line, mark).is_some())
}

/// Whether the text is a diff.
pub(super) fn is_diff(text: &[u8]) -> bool {
    ["diff --git ", "@@ -", "--- a/"].iter().any(|start| text.starts_with(start.as_bytes()))
        || memchr::memmem::find(text, b"\n@@ -").is_some()
}

/// The side of a line of a diff.
pub(super) fn side(text: &[u8], at: usize) -> Side {
    let start = at - before(text, at).len();
    match text.get(start) {
        Some(b'+') => Side::Added,
        Some(b'-') => Side::Removed,
        _ => Side::Context,
    }
}

/// The line before a place.
fn before(text: &[u8], at: usize) -> &[u8] {
    let visible = text.get(at.saturating_sub(LONGEST)..at).unwrap_or_default();
    let start = memchr::memrchr(b'\n', visible).map_or(0, |newline| newline + 1);
    visible.get(start..).unwrap_or_default()
}

/// The line behind a place.
fn after(text: &[u8], at: usize) -> &[u8] {
    let visible = text.get(at..text.len().min(at + LONGEST)).unwrap_or_default();
    visible.get(..memchr::memchr(b'\n', visible).unwrap_or(visible.len())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_allow_their_own_line_only() {
        let text = b"a = 1 # picket:allow\nb = 2\n";
        assert!(is_allowed(text, &(4..5)));
        assert!(!is_allowed(text, &(25..26)));
    }

    #[test]
    fn sides_of_a_diff_are_told_apart() {
        let text = b"@@ -1,2 +1,2 @@\n-old\n+new\n same\n";
        assert!(is_diff(text) && !is_diff(b"a - b"));
        assert_eq!([18, 22, 27].map(|at| side(text, at)), [Side::Removed, Side::Added, Side::Context]);
    }
}
