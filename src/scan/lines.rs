//! Byte positions to lines and columns. Counts only where something was found.

use super::finding::Span;
use std::ops::Range;

/// Where the core of a window begins in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lines {
    line: u64,
    column: u64,
}

impl Lines {
    /// At the first line's first column.
    pub(super) fn start() -> Self {
        Self { line: 1, column: 1 }
    }

    /// Past a stretch of text.
    pub(super) fn past(self, text: &[u8]) -> Self {
        match memchr::memrchr(b'\n', text) {
            None => Self { line: self.line, column: self.column + characters(text) },
            Some(last) => Self {
                line: self.line + memchr::memchr_iter(b'\n', text).count() as u64,
                column: 1 + characters(text.get(last + 1..).unwrap_or_default()),
            },
        }
    }

    /// The span of a range that begins at or after `from`, where these lines stand. The second value stands at the
    /// range's beginning: go on from there.
    pub(super) fn span(self, text: &[u8], from: usize, range: &Range<usize>) -> (Span, Self) {
        let begin = self.past(text.get(from..range.start).unwrap_or_default());
        let end = begin.past(text.get(range.clone()).unwrap_or_default());
        (Span { line: begin.line, column: begin.column, end_line: end.line, end_column: end.column }, begin)
    }
}

/// Characters of UTF-8: bytes that do not continue one. Of other encodings: nearly their bytes.
fn characters(text: &[u8]) -> u64 {
    text.iter().map(|byte| u64::from(byte & 0xc0 != 0x80)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_columns_count_characters() {
        let text = "ab\nk\u{e9}y=secret\r\nlast".as_bytes();
        let cases = [
            (0..2, (1, 1, 1, 3)),
            (3..4, (2, 1, 2, 2)),
            (8..14, (2, 5, 2, 11)),
            (1..4, (1, 2, 2, 2)),
            (16..20, (3, 1, 3, 5)),
        ];
        for (range, (line, column, end_line, end_column)) in cases {
            let (span, _) = Lines::start().span(text, 0, &range);
            assert_eq!(span, Span { line, column, end_line, end_column }, "{range:?}");
        }
        let (_, at) = Lines::start().span(text, 0, &(8..14));
        assert_eq!(at.span(text, 8, &(16..20)), Lines::start().span(text, 0, &(16..20)), "goes on from a place");
    }
}
