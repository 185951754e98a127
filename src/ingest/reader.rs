//! Bytes to values: lines where the input has one JSON document a line, else the whole input as one value.
//!
//! An input is one value if its first line opens a document that it does not close, as pretty-printed JSON does. A first
//! line that is merely damaged does not make the rest one value: then the input has lines, and that line is a dead letter.
//! A value that is too long to be held, whole or a line, is cut into the elements of its lists.

use super::cut::{Cut, Cutter};
use super::input::Input;
use bytes::Bytes;
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

#[derive(Debug)]
enum Form {
    Unknown,
    Lines,
    Whole,
    Cut(Box<Cutter>),
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
    input: Input<R>,
    form: Form,
    limit: usize,
    resumed: Option<Resumed>,
}

/// Where a document that is being cut was left.
#[derive(Debug, Clone, Copy)]
struct Resumed {
    /// What begins before was given away.
    offset: u64,
}

impl<R> std::fmt::Debug for ValueReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ValueReader").field("form", &self.form).finish_non_exhaustive()
    }
}

/// What is longer is no longer held as a whole; within that, decoding sees a document as it is.
const WHOLE: usize = 8 << 20;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl<R: Read> ValueReader<R> {
    /// Reads `input`, whose first byte has the offset `offset` (lines, if that is not the beginning), and cuts values
    /// longer than `limit`.
    pub fn new(input: R, offset: u64, limit: usize) -> Self {
        let form = if offset == 0 { Form::Unknown } else { Form::Lines };
        Self { input: Input::new(input, offset), form, limit, resumed: None }
    }

    /// Reads `input` from the beginning of a [document](Self::document) that was being cut, and goes on at `offset`.
    pub(super) fn resume(input: R, document: u64, offset: u64, limit: usize) -> Self {
        Self { resumed: Some(Resumed { offset }), ..Self::new(input, document, limit) }
    }

    /// Bytes taken from the input as values or passed over.
    pub fn offset(&self) -> u64 {
        self.input.offset().max(self.resumed.map_or(0, |resumed| resumed.offset))
    }

    /// Where the document begins that is being cut: what comes next in it can be told only from there.
    pub(super) fn document(&self) -> Option<u64> {
        match &self.form {
            Form::Cut(cutter) => Some(cutter.document()),
            Form::Unknown | Form::Lines | Form::Whole => None,
        }
    }

    /// Whether the next value can be had without reading.
    pub(super) fn has_line(&self) -> bool {
        match self.form {
            Form::Lines => memchr(b'\n', &self.input.buffer).is_some(),
            Form::Cut(_) => !self.input.buffer.is_empty(),
            Form::Unknown | Form::Whole => false,
        }
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
            self.input.look_again();
        }
        loop {
            let piece = match &mut self.form {
                Form::Unknown => match self.detect(tail)? {
                    Form::Unknown => return Ok(None),
                    form => {
                        self.form = form;
                        continue;
                    }
                },
                Form::Whole => self.whole()?,
                Form::Lines => self.line(tail)?,
                Form::Cut(cutter) => match cutter.next(&mut self.input, tail)? {
                    Cut::Piece(piece) => Some(piece),
                    Cut::Waits => return Ok(None),
                    Cut::Ended(left) => {
                        self.form = Form::Lines;
                        match left {
                            Some(left) => Some(left),
                            None => continue,
                        }
                    }
                },
            };
            match piece {
                Some(piece) if piece.bytes.iter().all(u8::is_ascii_whitespace) => {}
                Some(piece) if self.was_given_away(&piece) => {}
                None if self.is_cutting() => {}
                other => return Ok(other),
            }
        }
    }

    fn is_cutting(&self) -> bool {
        matches!(self.form, Form::Cut(_))
    }

    fn was_given_away(&mut self, piece: &Piece) -> bool {
        let before = self.resumed.is_some_and(|resumed| piece.offset < resumed.offset);
        if !before {
            self.resumed = None;
        }
        before
    }

    fn whole(&mut self) -> io::Result<Option<Piece>> {
        let most = self.limit.min(WHOLE);
        while self.input.buffer.len() <= most && self.input.fill()? {}
        if self.input.buffer.len() > most || self.resumed.is_some() {
            self.cut(0, false);
            return Ok(None);
        }
        let offset = self.input.offset();
        let bytes = self.input.take(self.input.buffer.len());
        Ok((!bytes.is_empty()).then_some(Piece { bytes, offset }))
    }

    fn line(&mut self, tail: Tail) -> io::Result<Option<Piece>> {
        if self.resumed.is_some_and(|resumed| resumed.offset > self.input.offset()) {
            self.cut(self.input.offset(), true);
            return Ok(None);
        }
        let mut searched = 0;
        loop {
            let unsearched = self.input.buffer.get(searched..).unwrap_or_default();
            if let Some(at) = memchr(b'\n', unsearched) {
                return self.line_to(searched + at, 1);
            }
            searched = self.input.buffer.len();
            if searched > self.limit + 1 {
                return self.long_line();
            }
            if !self.input.fill()? {
                let is_value = tail == Tail::Value && !self.input.buffer.is_empty();
                return if is_value { self.line_to(searched, 0) } else { Ok(None) };
            }
        }
    }

    fn line_to(&mut self, len: usize, end: usize) -> io::Result<Option<Piece>> {
        let text = self.input.buffer.get(..len).unwrap_or_default();
        let text_len = text.strip_suffix(b"\r").unwrap_or(text).len();
        if text_len > self.limit {
            return self.long_line();
        }
        let offset = self.input.offset();
        let mut bytes = self.input.take(len);
        bytes.truncate(text_len);
        self.input.take(end);
        Ok(Some(Piece { bytes, offset }))
    }

    /// A line that is too long: a document is cut; of anything else the beginning is kept, and the rest passed over.
    fn long_line(&mut self) -> io::Result<Option<Piece>> {
        let offset = self.input.offset();
        if matches!(self.input.buffer.trim_ascii_start().first(), Some(b'{' | b'[')) {
            self.cut(offset, true);
            return Ok(None);
        }
        let bytes = self.input.take(self.limit + 1);
        loop {
            if let Some(at) = memchr(b'\n', &self.input.buffer) {
                self.input.take(at + 1);
                return Ok(Some(Piece { bytes, offset }));
            }
            self.input.take(self.input.buffer.len());
            if !self.input.fill()? {
                return Ok(Some(Piece { bytes, offset }));
            }
        }
    }

    fn cut(&mut self, document: u64, by_line: bool) {
        self.form = Form::Cut(Box::new(Cutter::new(document, by_line, self.limit)));
    }

    /// Looks at the first line that is not blank, and at the next one where that decides.
    fn detect(&mut self, tail: Tail) -> io::Result<Form> {
        self.pass_over_mark()?;
        loop {
            let window = self.input.buffer.get(..self.limit).unwrap_or(&self.input.buffer);
            if let Some(is_whole) = opens_document(window.trim_ascii_start()) {
                return Ok(if is_whole { Form::Whole } else { Form::Lines });
            }
            let is_all = window.len() < self.input.buffer.len() || !self.input.fill()?;
            if is_all {
                let window = self.input.buffer.get(..self.limit).unwrap_or(&self.input.buffer);
                let has_line = memchr(b'\n', window.trim_ascii_start()).is_some();
                return Ok(match tail {
                    _ if has_line => Form::Whole,
                    Tail::Unfinished if self.input.buffer.len() <= self.limit => Form::Unknown,
                    _ => Form::Lines,
                });
            }
        }
    }

    fn pass_over_mark(&mut self) -> io::Result<()> {
        if self.input.offset() > 0 {
            return Ok(());
        }
        let mark = BYTE_ORDER_MARK;
        while self.input.buffer.len() < mark.len() && mark.starts_with(&self.input.buffer) && self.input.fill()? {}
        if self.input.buffer.starts_with(mark) {
            self.input.take(mark.len());
        }
        Ok(())
    }
}

/// Whether a text's first line begins a document that goes on over the next lines; `None` if its next line decides, and
/// is not there.
fn opens_document(text: &[u8]) -> Option<bool> {
    let (first, rest) = text.split_at(memchr(b'\n', text)?);
    let first = first.trim_ascii_end();
    let is_document = first.starts_with(b"{") || first.starts_with(b"[");
    if !is_document || !matches!(first.last(), Some(b'{' | b'[' | b',' | b':')) {
        return Some(false);
    }
    if first == b"[" || first == b"{" {
        return Some(true);
    }
    // A line cut off just there looks the same; then the next line begins a document of its own.
    let rest = rest.trim_ascii_start();
    let next = rest.get(..memchr(b'\n', rest)?).unwrap_or(rest);
    Some(!is_object(next))
}

/// Whether the line is a JSON object by itself.
fn is_object(line: &[u8]) -> bool {
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
        let long = "x".repeat(3 * crate::ingest::input::BLOCK);
        let found = pieces(&format!("{long}\n{{}}\n"), 10);
        assert_eq!(found, vec![(0, "x".repeat(11)), (long.len() as u64 + 1, "{}".to_owned())]);
    }

    #[test]
    fn a_line_still_being_written_waits() {
        let mut reader = ValueReader::new(io::Cursor::new(b"{}\n{\"a\"".to_vec()), 0, 100);
        assert!(reader.next_before(Tail::Unfinished).expect("readable").is_some());
        assert_eq!(reader.next_before(Tail::Unfinished).expect("readable"), None);
        reader.input.source.get_mut().extend_from_slice(b":1}\n");
        let piece = reader.next_before(Tail::Unfinished).expect("readable").expect("complete now");
        assert_eq!((piece.offset, &piece.bytes[..]), (3, &b"{\"a\":1}"[..]));
    }
}
