//! Comments that allow what stands beside them.

use memchr::{memchr, memmem, memrchr};
use std::ops::Range;

/// Ours, and those of other scanners that people already have in their code.
const MARKS: [&[u8]; 5] =
    [b"picket:allow", b"gitleaks:allow", b"kingfisher:ignore", b"trufflehog:ignore", b"pragma: allowlist secret"];

/// What begins a line that is a comment and nothing else.
const COMMENTS: [&[u8]; 8] = [b"#", b"//", b"--", b";", b"/*", b"<!--", b"*", b"%"];

/// How far from a finding a comment is looked for: lines may be endless.
const REACH: usize = 1 << 10;

/// Whether a comment on the lines of a finding, or alone on the line above, allows it.
pub(super) fn is_allowed(text: &[u8], range: &Range<usize>) -> bool {
    let before = text.get(range.start.saturating_sub(REACH)..range.start).unwrap_or_default();
    let after = text.get(range.end..range.end.saturating_add(REACH).min(text.len())).unwrap_or_default();
    let line_start = memrchr(b'\n', before).map_or(0, |at| at + 1);
    let same_line = before.get(line_start..).unwrap_or_default();
    let rest = after.get(..memchr(b'\n', after).unwrap_or(after.len())).unwrap_or_default();
    if [same_line, rest].into_iter().any(is_marked) {
        return true;
    }
    let above = before.get(..line_start.saturating_sub(1)).unwrap_or_default();
    let above = above.get(memrchr(b'\n', above).map_or(0, |at| at + 1)..).unwrap_or_default().trim_ascii();
    COMMENTS.iter().any(|comment| above.starts_with(comment)) && is_marked(above)
}

fn is_marked(text: &[u8]) -> bool {
    MARKS.iter().any(|mark| memmem::find(text, mark).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_allows_its_own_line_and_alone_the_next() {
        let cases = [
            ("key = SECRET # picket:allow", true),
            ("/* picket:allow */ key = SECRET", true),
            ("key = SECRET # gitleaks:allow because", true),
            ("key = SECRET  # pragma: allowlist secret", true),
            ("  # picket:allow\nkey = SECRET", true),
            ("<!-- picket:allow -->\r\nkey = SECRET", true),
            ("other = 1 # picket:allow\nkey = SECRET", false),
            ("# picket:allow\n\nkey = SECRET", false),
            ("key = SECRET\n# picket:allow", false),
            ("key = SECRET # picket: allow", false),
            ("SECRET", false),
        ];
        for (text, expected) in cases {
            let start = text.find("SECRET").expect("there");
            assert_eq!(is_allowed(text.as_bytes(), &(start..start + 6)), expected, "{text:?}");
        }
    }
}
