//! One value to its records: a bare object, a list, an envelope, or several of these after one another.
//!
//! Every record of a value is emitted once, in order. What is broken is confined as far as its brackets tell: a bad
//! record in a good list kills only itself, a cut-off list is one dead letter with all its bytes.

use super::Context;
use super::code_feed;
use super::dispatch::decode_record;
use super::json::{self, FromJson, NotJson, Reader};
use super::outcome::{Decoded, Outcome, Reason, ReasonCode};
use super::scan;
use super::table::{Answer, BadRow, Row};
use super::wire::Record;
use super::wire_key::Marker;
use std::ops::Range;

/// How deep lists and envelopes may hold one another.
const LEVELS: usize = 4;

/// Decodes one value and gives each of its records, in order, with what became of it. Never panics.
pub fn decode<'a>(value: &'a [u8], context: &Context, emit: &mut dyn FnMut(Decoded<'a>)) {
    let bytes = value.strip_prefix(b"\xef\xbb\xbf").unwrap_or(value);
    let mut splitter =
        Splitter { bytes, text: std::str::from_utf8(bytes).ok(), context, index: 0, pending: Vec::new(), emit };
    if value.len() > context.limits.value_bytes {
        if scan::past_space(bytes, 0) < bytes.len() {
            let detail = format!("the value has {} bytes, more than {}", value.len(), context.limits.value_bytes);
            splitter.bury(0..bytes.len(), ReasonCode::TooLarge, detail);
            splitter.flush();
        }
        return;
    }
    splitter.documents();
}

/// How often one value may go on after a record that has no end: each search for one costs up to the whole value.
const RESUMPTIONS: usize = 64;

/// Why a value gives no records.
enum Broken {
    /// A list or object ends before it is closed, or is garbled.
    Garbled,
    /// It holds more records than the limit.
    TooMany,
}

struct Splitter<'a, 'c> {
    bytes: &'a [u8],
    /// The bytes as text, unless some are no UTF-8.
    text: Option<&'a str>,
    context: &'c Context,
    index: u32,
    /// Records of a list not yet known to be closed.
    pending: Vec<(Range<usize>, Outcome)>,
    emit: &'c mut dyn FnMut(Decoded<'a>),
}

impl<'a> Splitter<'a, '_> {
    fn documents(&mut self) {
        let mut resumptions = RESUMPTIONS;
        let mut at = scan::past_space(self.bytes, 0);
        while at < self.bytes.len() {
            if self.index as usize >= self.context.limits.records {
                at = self.bury_surplus(at..self.bytes.len());
                continue;
            }
            let end = match self.value(at, LEVELS) {
                Ok(end) => end,
                Err(Broken::TooMany) => {
                    self.pending.clear();
                    self.bury_surplus(at..scan::end_of_value(self.bytes, at).unwrap_or(self.bytes.len()))
                }
                Err(Broken::Garbled) => {
                    resumptions = resumptions.saturating_sub(1);
                    self.bury_garbled(at, resumptions > 0)
                }
            };
            self.flush();
            at = scan::past_space(self.bytes, end);
        }
    }

    /// Judges the value that begins at `at` and gives its end.
    fn value(&mut self, at: usize, levels: usize) -> Result<usize, Broken> {
        match self.bytes.get(at) {
            Some(b'{') => self.object(at, levels),
            Some(b'[') if levels > 0 => self.list(at, levels - 1),
            Some(_) => {
                let end = scan::end_of_value(self.bytes, at).ok_or(Broken::Garbled)?;
                self.bury(at..end, ReasonCode::UnknownShape, "not an object".to_owned());
                Ok(end)
            }
            None => Err(Broken::Garbled),
        }
    }

    fn list(&mut self, at: usize, levels: usize) -> Result<usize, Broken> {
        let mut at = scan::past_space(self.bytes, at + 1);
        if self.bytes.get(at) == Some(&b']') {
            return Ok(at + 1);
        }
        loop {
            at = scan::past_space(self.bytes, self.value(at, levels)?);
            if self.pending.len() > self.context.limits.records {
                return Err(Broken::TooMany);
            }
            match self.bytes.get(at) {
                Some(b',') => at = scan::past_space(self.bytes, at + 1),
                Some(b']') => return Ok(at + 1),
                _ => return Err(Broken::Garbled),
            }
        }
    }

    fn object(&mut self, at: usize, levels: usize) -> Result<usize, Broken> {
        if levels > 0 && self.opens_envelope(at) {
            return self.envelope(at, "records", levels);
        }
        let Some((record, end, depth)) = self.parse(at) else {
            return self.unparsed(at, levels);
        };
        if levels > 0 && record.outer.has(Marker::Records) {
            return self.envelope(at, "records", levels);
        }
        if levels > 0 && record.outer.has(Marker::Value) && self.is_page(at) {
            return self.envelope(at, "value", levels);
        }
        if levels > 0
            && record.outer.has(Marker::Tables)
            && let Some(end) = self.table(at, end)?
        {
            return Ok(end);
        }
        let outcome = self.judge(&record, at..end, depth);
        self.pending.push((at..end, outcome));
        Ok(end)
    }

    /// Judges the rows of an answer of Log Analytics and gives the answer's end; `None` where it is none.
    fn table(&mut self, at: usize, end: usize) -> Result<Option<usize>, Broken> {
        let text = std::str::from_utf8(self.bytes.get(at..end).unwrap_or_default()).unwrap_or_default();
        let Some(answer) = Answer::of(text) else { return Ok(None) };
        answer.each(self.context.limits.record_bytes, &mut |span, row| {
            if self.pending.len() > self.context.limits.records {
                return Err(Broken::TooMany);
            }
            let outcome = self.row(row);
            self.pending.push((at + span.start..at + span.end, outcome));
            Ok(())
        })?;
        Ok(Some(end))
    }

    fn row(&self, row: Row) -> Outcome {
        let (code, detail) = match row {
            Ok(row) => {
                let mut reader = Reader::new(&row, 0);
                match Record::read(&mut reader) {
                    Ok(record) => {
                        let excess = self.excess(row.as_bytes(), reader.deepest());
                        return excess.map_or_else(|| decode_record(&record, &row, self.context), Outcome::Dead);
                    }
                    Err(_) => (ReasonCode::Malformed, "a row that is no record".to_owned()),
                }
            }
            Err(BadRow::Shape(detail)) => (ReasonCode::UnknownShape, detail),
            Err(BadRow::Large(length)) => {
                let most = self.context.limits.record_bytes;
                (ReasonCode::TooLarge, format!("a row has {length} bytes with its columns, more than {most}"))
            }
        };
        Outcome::Dead(Reason { code, detail })
    }

    /// Whether the object begins with its list of records, as all envelopes of Azure Monitor do.
    fn opens_envelope(&self, at: usize) -> bool {
        let start = scan::past_space(self.bytes, at + 1);
        let name = self.bytes.get(start..start + 9).unwrap_or_default();
        name.eq_ignore_ascii_case(b"\"records\"") && self.list_after_colon(start + 9)
    }

    fn list_after_colon(&self, at: usize) -> bool {
        let colon = scan::past_space(self.bytes, at);
        self.bytes.get(colon) == Some(&b':') && self.bytes.get(scan::past_space(self.bytes, colon + 1)) == Some(&b'[')
    }

    /// Whether `value` holds a list: a page of a Graph collection.
    fn is_page(&self, at: usize) -> bool {
        scan::member(self.bytes, at, "value").is_some_and(|start| self.bytes.get(start) == Some(&b'['))
    }

    /// Judges the records of an envelope and gives the envelope's end.
    fn envelope(&mut self, at: usize, name: &str, levels: usize) -> Result<usize, Broken> {
        let records = scan::member(self.bytes, at, name).ok_or(Broken::Garbled)?;
        if self.bytes.get(records) != Some(&b'[') {
            let end = scan::end_of_value(self.bytes, at).ok_or(Broken::Garbled)?;
            self.bury(at..end, ReasonCode::UnknownShape, format!("{name} is not a list"));
            return Ok(end);
        }
        let end = self.list(records, levels - 1)?;
        scan::end_of_rest(self.bytes, end).ok_or(Broken::Garbled)
    }

    /// An object that is no JSON, or not UTF-8: perhaps an envelope with one such record, else a dead letter.
    fn unparsed(&mut self, at: usize, levels: usize) -> Result<usize, Broken> {
        let end = scan::end_of_value(self.bytes, at).ok_or(Broken::Garbled)?;
        if levels > 0 && scan::member(self.bytes, at, "records").is_some() {
            return self.envelope(at, "records", levels);
        }
        let (code, detail) = self.complaint(at..end);
        self.bury(at..end, code, detail);
        Ok(end)
    }

    /// Parses the record that begins at `at`, with its end and its depth.
    fn parse(&self, at: usize) -> Option<(Record<'a>, usize, usize)> {
        let text = match self.text {
            Some(text) => text.get(at..)?,
            None => std::str::from_utf8(self.bytes.get(at..scan::end_of_value(self.bytes, at)?)?).ok()?,
        };
        let mut reader = Reader::new(text, 0);
        let record = Record::read(&mut reader).ok()?;
        Some((record, at + reader.at(), reader.deepest()))
    }

    fn judge(&self, record: &Record<'a>, span: Range<usize>, depth: usize) -> Outcome {
        if let Some(reason) = self.excess(self.bytes.get(span.clone()).unwrap_or_default(), depth) {
            return Outcome::Dead(reason);
        }
        let text = match self.text {
            Some(text) => text.get(span).unwrap_or_default(),
            None => std::str::from_utf8(self.bytes.get(span).unwrap_or_default()).unwrap_or_default(),
        };
        decode_record(record, text, self.context)
    }

    /// The limit that a record of this depth breaks. A report of many findings may be as long as a value.
    fn excess(&self, record: &[u8], depth: usize) -> Option<Reason> {
        let limits = &self.context.limits;
        let length = record.len();
        if length > limits.record_bytes && !code_feed::is_report(record) {
            let detail = format!("the record has {length} bytes, more than {}", limits.record_bytes);
            return Some(Reason { code: ReasonCode::TooLarge, detail });
        }
        let deepest = limits.depth.min(Reader::DEEPEST);
        (depth > deepest).then(|| Reason { code: ReasonCode::TooDeep, detail: format!("nested deeper than {deepest}") })
    }

    /// Why a record could not be parsed.
    fn complaint(&self, span: Range<usize>) -> (ReasonCode, String) {
        let bytes = self.bytes.get(span).unwrap_or_default();
        if let Some(reason) = self.excess(bytes, scan::depth(bytes)) {
            return (reason.code, reason.detail);
        }
        match std::str::from_utf8(bytes) {
            Err(error) => (ReasonCode::InvalidUtf8, format!("byte {} of the record", error.valid_up_to())),
            Ok(text) => match json::parse::<Record<'_>>(text) {
                Err(broken) => (ReasonCode::Malformed, place(text, broken)),
                Ok(_) => (ReasonCode::Malformed, "not JSON".to_owned()),
            },
        }
    }

    /// Buries what has no end, and gives where to go on: at the next line that begins an object, unless a list or an
    /// envelope was cut off.
    fn bury_garbled(&mut self, at: usize, may_resume: bool) -> usize {
        self.pending.clear();
        let rest = self.bytes.get(at..).unwrap_or_default();
        let is_list = rest.starts_with(b"[") || scan::member(self.bytes, at, "records").is_some();
        let next = if is_list || !may_resume { None } else { memchr::memmem::find(rest, b"\n{") };
        let end = next.map_or(self.bytes.len(), |line| at + line + 1);
        let (code, detail) = match self.complaint(at..end) {
            (ReasonCode::TooLarge, _) if is_list => (ReasonCode::Malformed, self.cut_off(at..end)),
            (ReasonCode::Malformed, _) => (ReasonCode::Malformed, self.cut_off(at..end)),
            other => other,
        };
        self.bury(at..end, code, detail);
        end
    }

    fn cut_off(&self, span: Range<usize>) -> String {
        let length = self.bytes.get(span).unwrap_or_default().trim_ascii_end().len();
        format!("cut off or garbled; {length} bytes")
    }

    /// Buries what goes beyond the number of records that one value may hold.
    fn bury_surplus(&mut self, span: Range<usize>) -> usize {
        let end = span.end;
        let detail = format!("more than {} records in one value", self.context.limits.records);
        self.bury(span, ReasonCode::TooLarge, detail);
        self.flush();
        end
    }

    fn bury(&mut self, span: Range<usize>, code: ReasonCode, detail: String) {
        self.pending.push((span, Outcome::Dead(Reason { code, detail })));
    }

    /// Gives away what is pending.
    fn flush(&mut self) {
        for (span, outcome) in self.pending.drain(..) {
            let bytes = self.bytes.get(span).unwrap_or_default().trim_ascii_end();
            (self.emit)(Decoded { index: self.index, bytes, outcome });
            self.index = self.index.saturating_add(1);
        }
    }
}

/// Where a text ceases to be JSON. Only the place is told: what stands there may be a secret.
fn place(text: &str, broken: NotJson) -> String {
    let before = text.as_bytes().get(..broken.at).unwrap_or_default();
    let line = 1 + memchr::memchr_iter(b'\n', before).count();
    let column = 1 + before.len() - memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
    format!("line {line}, column {column}")
}
