//! Strings: borrowed unless they have escapes.

use super::{NotJson, Reader, end_of_run};
use std::borrow::Cow;

impl<'a> Reader<'a> {
    /// Reads a string.
    #[inline]
    pub(in crate::decode) fn string(&mut self) -> Result<Cow<'a, str>, NotJson> {
        match self.plain_string() {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.escaped(),
        }
    }

    /// Reads a string without escapes; of anything else it reads nothing.
    pub(super) fn plain_string(&mut self) -> Option<&'a str> {
        if self.peek() != Ok(b'"') {
            return None;
        }
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let end = end_of_run(bytes, start);
        if bytes.get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        self.text.get(start..end)
    }

    /// Passes over a string.
    #[inline]
    pub(super) fn skip_string(&mut self) -> Result<(), NotJson> {
        self.expect(b'"')?;
        loop {
            self.at = end_of_run(self.text.as_bytes(), self.at);
            match self.byte()? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.skip_escape()?,
                _ => return self.refuse(),
            }
        }
    }

    fn skip_escape(&mut self) -> Result<(), NotJson> {
        self.at += 1;
        match self.byte()? {
            b'u' => {
                self.at += 1;
                self.four_digits().map(|_| ())
            }
            escape => {
                plain(escape).ok_or(NotJson { at: self.at })?;
                self.at += 1;
                Ok(())
            }
        }
    }

    /// Reads a string that has escapes.
    #[cold]
    fn escaped(&mut self) -> Result<Cow<'a, str>, NotJson> {
        self.expect(b'"')?;
        let mut text = String::new();
        loop {
            let end = end_of_run(self.text.as_bytes(), self.at);
            text.push_str(self.text.get(self.at..end).unwrap_or_default());
            self.at = end;
            match self.byte()? {
                b'"' => {
                    self.at += 1;
                    return Ok(Cow::Owned(text));
                }
                b'\\' => text.push(self.escape()?),
                _ => return self.refuse(),
            }
        }
    }

    fn escape(&mut self) -> Result<char, NotJson> {
        self.at += 1;
        let escape = self.byte()?;
        if escape != b'u' {
            let meant = plain(escape).ok_or(NotJson { at: self.at })?;
            self.at += 1;
            return Ok(meant);
        }
        self.at += 1;
        let first = self.four_digits()?;
        let code = match first {
            0xd800..0xdc00 => 0x1_0000 + ((first - 0xd800) << 10) + self.low_half()?,
            _ => first,
        };
        char::from_u32(code).ok_or(NotJson { at: self.at })
    }

    /// The second half of a character that UTF-16 writes as two.
    fn low_half(&mut self) -> Result<u32, NotJson> {
        self.word("\\u")?;
        match self.four_digits()? {
            low @ 0xdc00..0xe000 => Ok(low - 0xdc00),
            _ => self.refuse(),
        }
    }

    fn four_digits(&mut self) -> Result<u32, NotJson> {
        let mut number = 0;
        for _ in 0..4 {
            let digit = char::from(self.byte()?).to_digit(16).ok_or(NotJson { at: self.at })?;
            number = number << 4 | digit;
            self.at += 1;
        }
        Ok(number)
    }
}

/// What one letter after a backslash means.
fn plain(escape: u8) -> Option<char> {
    Some(match escape {
        b'"' | b'\\' | b'/' => char::from(escape),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        _ => return None,
    })
}
