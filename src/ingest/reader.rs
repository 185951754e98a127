//! Bytes to values: lines where the input has one JSON document a line, else the whole input as one value.
//!
//! An input is one value if its first line opens a document that it does not close, as pretty-printed JSON does. A first
//! line that is merely damaged does not make the rest one value: then the input has lines, and that line is a dead letter.

use bytes::{Bytes, BytesMut};
use memchr::memchr;
use std::io::{self, Read};

/// One value as cut from an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its bytes without the line's end. Cut one byte past the limit if longer.
    pub bytes: Bytes,
    /// Where it begins.
    pub offset: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Unknown,
    Lines,
    Whole,
}

/// What an unfinished last line means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// It is a value: the input is complete.
    Value,
    /// It is still being written.
    Unfinished,
}

/// Cuts an input into values.
pub struct ValueReader<R> {
    input: R,
    buffer: BytesMut,
    /// Offset of the buffer's first byte.
    offset: u64,
    form: Form,
    ended: bool,
    limit: usize,
}

impl<R> std::fmt::Debug for ValueReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ValueReader").field("offset", &self.offset).field("form", &self.form).finish_non_exhaustive()
    }
}

/// Few enough bytes to stay in a processor's cache until they are decoded.
const BLOCK: usize = 64 << 10;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl<R: Read> ValueReader<R> {
    /// Reads `input`, whose first byte has the offset `offset` (lines, if that is not the beginning), and cuts values
    /// longer than `limit`.
    pub fn new(input: R, offset: u64, limit: usize) -> Self {
        let form = if offset == 0 { Form::Unknown } else { Form::Lines };
        Self { input, buffer: BytesMut::new(), offset, form, ended: false, limit }
    }

    /// Bytes taken from the input as values or passed over.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the next value can be had without reading.
    pub(super) fn has_line(&self) -> bool {
        self.form == Form::Lines && memchr(b'\n', &self.buffer).is_some()
    }

    /// The next value; `None` at the end.
    ///
    /// # Errors
    /// When the input can't be read.
    pub fn next_piece(&mut self) -> io::Result<Option<Piece>> {
        self.next_before(Tail::Value)
    }

    /// The next value; `None` at the end as it is now. More may be read later if the tail counts as unfinished.
    pub(super) fn next_before(&mut self, tail: Tail) -> io::Result<Option<Piece>> {
        if tail == Tail::Unfinished {
            self.ended = false;
        }
        loop {
            if self.form == Form::Unknown {
                self.form = self.detect(tail)?;
            }
            let piece = match self.form {
                Form::Whole => self.whole()?,
                Form::Lines => self.line(tail)?,
                Form::Unknown => None,
            };
            match piece {
                Some(piece) if piece.bytes.iter().all(u8::is_ascii_whitespace) => {}
                other => return Ok(other),
            }
        }
    }

    fn whole(&mut self) -> io::Result<Option<Piece>> {
        while self.buffer.len() <= self.limit && self.fill()? {}
        if self.buffer.is_empty() {
            return Ok(None);
        }
        let offset = self.offset;
        let bytes = self.take(self.buffer.len().min(self.limit + 1));
        self.pass_over_rest()?;
        Ok(Some(Piece { bytes, offset }))
    }

    fn pass_over_rest(&mut self) -> io::Result<()> {
        loop {
            self.take(self.buffer.len());
            if !self.fill()? {
                return Ok(());
            }
        }
    }

    fn line(&mut self, tail: Tail) -> io::Result<Option<Piece>> {
        let mut searched = 0;
        loop {
            let unsearched = self.buffer.get(searched..).unwrap_or_default();
            if let Some(at) = memchr(b'\n', unsearched) {
                return Ok(Some(self.cut_line(searched + at, 1)));
            }
            searched = self.buffer.len();
            if searched > self.limit {
                return self.long_line().map(Some);
            }
            if !self.fill()? {
                let is_value = tail == Tail::Value && !self.buffer.is_empty();
                return Ok(is_value.then(|| self.cut_line(searched, 0)));
            }
        }
    }

    fn cut_line(&mut self, len: usize, end: usize) -> Piece {
        let offset = self.offset;
        let mut bytes = self.take(len);
        self.take(end);
        if bytes.last() == Some(&b'\r') {
            bytes.truncate(bytes.len() - 1);
        }
        bytes.truncate(self.limit + 1);
        Piece { bytes, offset }
    }

    /// Keeps the beginning of a line that is too long, and passes over the rest of it.
    fn long_line(&mut self) -> io::Result<Piece> {
        let offset = self.offset;
        let bytes = self.take(self.limit + 1);
        loop {
            if let Some(at) = memchr(b'\n', &self.buffer) {
                self.take(at + 1);
                return Ok(Piece { bytes, offset });
            }
            self.take(self.buffer.len());
            if !self.fill()? {
                return Ok(Piece { bytes, offset });
            }
        }
    }

    fn take(&mut self, len: usize) -> Bytes {
        self.offset += len as u64;
        self.buffer.split_to(len).freeze()
    }

    /// Reads one more block; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let filled = self.buffer.len();
        self.buffer.resize(filled + BLOCK, 0);
        let room = self.buffer.get_mut(filled..).unwrap_or_default();
        let read = read_once(&mut self.input, room);
        self.buffer.truncate(filled + read.as_ref().map_or(0, |read| *read));
        self.ended = read? == 0;
        Ok(!self.ended)
    }

    /// Looks at the first line that is not blank.
    fn detect(&mut self, tail: Tail) -> io::Result<Form> {
        if self.offset == 0 && self.buffer.is_empty() {
            self.fill()?;
            if self.buffer.starts_with(BYTE_ORDER_MARK) {
                self.take(BYTE_ORDER_MARK.len());
            }
        }
        loop {
            let start = self.buffer.iter().position(|byte| !byte.is_ascii_whitespace());
            let text = start.and_then(|start| self.buffer.get(start..)).unwrap_or_default();
            if let Some(end) = memchr(b'\n', text) {
                let (first, rest) = text.split_at(end);
                return Ok(if opens_document(first, rest) { Form::Whole } else { Form::Lines });
            }
            if self.buffer.len() > self.limit {
                return Ok(Form::Lines);
            }
            if !self.fill()? {
                return Ok(if tail == Tail::Value { Form::Lines } else { Form::Unknown });
            }
        }
    }
}

/// Takes what is there; waits only while there is nothing.
fn read_once(input: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Whether a first line begins a document that goes on over the next lines.
fn opens_document(first: &[u8], rest: &[u8]) -> bool {
    let first = first.trim_ascii_end();
    if !first.starts_with(b"{") && !first.starts_with(b"[") {
        return false;
    }
    // A line cut off just there looks the same; then the next line begins a document of its own.
    let goes_on = matches!(first.last(), Some(b'{' | b'[' | b',' | b':'));
    let only_bracket = first == b"[" || first == b"{";
    goes_on && (only_bracket || !is_document(rest.trim_ascii_start()))
}

/// Whether the first line of the text is a JSON object by itself.
fn is_document(text: &[u8]) -> bool {
    let line = memchr(b'\n', text).and_then(|end| text.get(..end)).unwrap_or(text);
    line.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(input: &str, limit: usize) -> Vec<(u64, String)> {
        let mut reader = ValueReader::new(input.as_bytes(), 0, limit);
        std::iter::from_fn(|| reader.next_piece().expect("a slice is readable"))
            .map(|piece| (piece.offset, String::from_utf8_lossy(&piece.bytes).into_owned()))
            .collect()
    }

    #[test]
    fn cuts_inputs_as_their_first_line_tells() {
        type Pieces = &'static [(u64, &'static str)];
        let cases: [(&str, &str, Pieces); 10] = [
            ("empty", "", &[]),
            ("blank lines only", "\n \r\n\n", &[]),
            ("lines", "{\"a\":1}\n{\"b\":2}\n", &[(0, "{\"a\":1}"), (8, "{\"b\":2}")]),
            ("no last line end", "{}\r\n{}", &[(0, "{}"), (4, "{}")]),
            ("pretty object", "{\n \"a\": 1\n}\n", &[(0, "{\n \"a\": 1\n}\n")]),
            ("pretty array of one-line objects", "[\n{\"a\":1},\n{}\n]", &[(0, "[\n{\"a\":1},\n{}\n]")]),
            ("envelope opened on the first line", "{\"records\": [\n1]}", &[(0, "{\"records\": [\n1]}")]),
            ("damaged first line", "{\"a\": \"b\n{\"b\":2}\n", &[(0, "{\"a\": \"b"), (9, "{\"b\":2}")]),
            ("first line cut at a comma", "{\"a\":1,\n{\"b\":2}\n", &[(0, "{\"a\":1,"), (8, "{\"b\":2}")]),
            ("byte order mark", "\u{feff}{}\n{}", &[(3, "{}"), (6, "{}")]),
        ];
        for (name, input, expected) in cases {
            let expected: Vec<_> = expected.iter().map(|(at, text)| (*at, (*text).to_owned())).collect();
            assert_eq!(pieces(input, 1 << 20), expected, "{name}");
        }
    }

    #[test]
    fn a_line_over_the_limit_is_cut_and_the_next_one_is_whole() {
        let long = "x".repeat(3 * BLOCK);
        let found = pieces(&format!("{long}\n{{}}\n"), 10);
        assert_eq!(found, vec![(0, "x".repeat(11)), (long.len() as u64 + 1, "{}".to_owned())]);
    }

    #[test]
    fn a_line_still_being_written_waits() {
        let mut reader = ValueReader::new(io::Cursor::new(b"{}\n{\"a\"".to_vec()), 0, 100);
        assert!(reader.next_before(Tail::Unfinished).expect("readable").is_some());
        assert_eq!(reader.next_before(Tail::Unfinished).expect("readable"), None);
        reader.input.get_mut().extend_from_slice(b":1}\n");
        let piece = reader.next_before(Tail::Unfinished).expect("readable").expect("complete now");
        assert_eq!((piece.offset, &piece.bytes[..]), (3, &b"{\"a\":1}"[..]));
    }
}
