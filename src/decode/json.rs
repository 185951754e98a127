//! A JSON reader for records: it borrows what is kept, checks what is passed over, and builds nothing else.
//!
//! It accepts what `serde_json` accepts, and refuses what that refuses, but for two things: an object or list that is
//! passed over may nest at most [`Reader::DEEPEST`] levels, and a number that is passed over may be out of range.

mod number;
mod run;
mod skip;
mod string;
#[cfg(test)]
mod tests;

pub(super) use number::Number;
pub(super) use run::end_of_run;

use std::borrow::Cow;

/// Text that is no JSON, and where it ceases to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotJson {
    /// The offset of the byte that does not fit, or of the end.
    pub(super) at: usize,
}

/// What can be read of JSON.
pub(super) trait FromJson<'a>: Sized {
    /// Reads the value that comes next.
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson>;
}

/// Reads a text that holds one value and nothing else.
pub(super) fn parse<'a, T: FromJson<'a>>(text: &'a str) -> Result<T, NotJson> {
    let mut reader = Reader::new(text, 0);
    let value = T::read(&mut reader)?;
    reader.space();
    if reader.at < text.len() { reader.refuse() } else { Ok(value) }
}

/// Reads a text from front to back.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// How many objects and lists are open, and how many there were at once.
    open: usize,
    deepest: usize,
}

impl<'a> Reader<'a> {
    /// Reads from `at` on.
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at, open: 0, deepest: 0 }
    }

    /// How far it has read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// How deep objects and lists were nested in what it has read.
    pub(super) fn deepest(&self) -> usize {
        self.deepest
    }

    /// The first byte of the value that comes next.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<u8, NotJson> {
        match self.text.as_bytes().get(self.at) {
            Some(&byte) if byte > b' ' => Ok(byte),
            _ => {
                self.space();
                self.byte()
            }
        }
    }

    /// Reads an object; `take` is given each name and must read, or [`Reader::skip`], the value that comes next.
    #[inline]
    pub(super) fn object(
        &mut self,
        mut take: impl FnMut(&str, &mut Self) -> Result<(), NotJson>,
    ) -> Result<(), NotJson> {
        if !self.enter(b'{', b'}')? {
            return Ok(());
        }
        loop {
            let escaped;
            let name = if let Some(name) = self.plain_string() {
                name
            } else {
                escaped = self.string()?;
                &*escaped
            };
            self.expect(b':')?;
            take(name, self)?;
            if !self.goes_on(b'}')? {
                return Ok(());
            }
        }
    }

    /// Reads a list; `take` must read, or [`Reader::skip`], the item that comes next.
    #[inline]
    pub(super) fn list(&mut self, mut take: impl FnMut(&mut Self) -> Result<(), NotJson>) -> Result<(), NotJson> {
        if !self.enter(b'[', b']')? {
            return Ok(());
        }
        loop {
            take(self)?;
            if !self.goes_on(b']')? {
                return Ok(());
            }
        }
    }

    /// The text of the value that comes next, which is checked but not read.
    pub(super) fn raw(&mut self) -> Result<&'a str, NotJson> {
        self.space();
        let start = self.at;
        self.skip()?;
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    /// Passes over `null`.
    pub(super) fn null(&mut self) -> Result<(), NotJson> {
        self.word("null")
    }

    /// Reads `true` or `false`.
    pub(super) fn truth(&mut self) -> Result<bool, NotJson> {
        if self.byte()? == b't' { self.word("true").map(|()| true) } else { self.word("false").map(|()| false) }
    }

    fn word(&mut self, word: &str) -> Result<(), NotJson> {
        let length = word.bytes().zip(self.rest()).take_while(|(wanted, found)| wanted == *found).count();
        self.at += length;
        if length == word.len() { Ok(()) } else { self.refuse() }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn byte(&self) -> Result<u8, NotJson> {
        self.text.as_bytes().get(self.at).copied().ok_or(NotJson { at: self.at })
    }

    #[cold]
    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.text.as_bytes().get(self.at) {
            self.at += 1;
        }
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Result<(), NotJson> {
        if self.passes(byte) { Ok(()) } else { self.refuse() }
    }

    /// Passes over this byte, if it comes next.
    #[inline]
    fn passes(&mut self, byte: u8) -> bool {
        let found = self.peek() == Ok(byte);
        self.at += usize::from(found);
        found
    }

    /// Goes into an object or list; whether it holds anything.
    #[inline]
    fn enter(&mut self, start: u8, end: u8) -> Result<bool, NotJson> {
        self.expect(start)?;
        self.deepest = self.deepest.max(self.open + 1);
        let is_empty = self.passes(end);
        self.open += usize::from(!is_empty);
        Ok(!is_empty)
    }

    /// Whether another member or item comes, or else the end.
    #[inline]
    fn goes_on(&mut self, end: u8) -> Result<bool, NotJson> {
        let next = self.peek()?;
        if next != b',' && next != end {
            return self.refuse();
        }
        self.at += 1;
        self.open -= usize::from(next == end);
        Ok(next == b',')
    }

    #[cold]
    fn refuse<T>(&self) -> Result<T, NotJson> {
        Err(NotJson { at: self.at })
    }
}

impl<'a> FromJson<'a> for Cow<'a, str> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson> {
        reader.string()
    }
}

impl<'a> FromJson<'a> for Option<&'a str> {
    /// The text of any value but `null`.
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson> {
        let raw = reader.raw()?;
        Ok(Some(raw).filter(|raw| *raw != "null"))
    }
}
