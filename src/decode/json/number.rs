//! Numbers: whole ones digit by digit, all others by the standard library once their form is checked.

use super::{NotJson, Reader};

/// A number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::decode) enum Number {
    /// A whole one.
    Whole(i64),
    /// Any other, or one too large.
    Real(f64),
}

impl Reader<'_> {
    /// Reads a number.
    pub(in crate::decode) fn number(&mut self) -> Result<Number, NotJson> {
        self.space();
        let start = self.at;
        self.skip_number()?;
        let written = self.text.get(start..self.at).unwrap_or_default();
        // Zero below nothing is kept apart, as floating point does.
        if let Some(whole) = written.parse().ok().filter(|_| written != "-0") {
            return Ok(Number::Whole(whole));
        }
        let real = written.parse().ok().filter(|real: &f64| real.is_finite());
        real.map(Number::Real).ok_or(NotJson { at: start })
    }

    /// Passes over a number.
    pub(super) fn skip_number(&mut self) -> Result<(), NotJson> {
        self.at += usize::from(self.byte()? == b'-');
        match self.byte()? {
            b'0' => self.at += 1,
            _ => self.digits()?,
        }
        if self.rest().first() == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.rest().first() {
            self.at += 1;
            self.at += usize::from(matches!(self.byte()?, b'+' | b'-'));
            self.digits()?;
        }
        Ok(())
    }

    /// Passes over digits, at least one.
    fn digits(&mut self) -> Result<(), NotJson> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.text.as_bytes().get(self.at) {
            self.at += 1;
        }
        if self.at == start { self.refuse() } else { Ok(()) }
    }
}
