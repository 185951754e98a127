//! Passing over values: every byte is checked, nothing is built, nothing recurses.

use super::{NotJson, Reader};

/// The objects and lists that are open, a bit each above a bit that marks the bottom: 1 is an object.
struct Levels(u128);

impl Levels {
    const BOTTOM: Self = Self(1);

    fn open(&mut self, is_object: bool) -> bool {
        let has_room = self.0.leading_zeros() > 0;
        self.0 = self.0 << 1 | u128::from(is_object);
        has_room
    }

    fn close(&mut self) {
        self.0 >>= 1;
    }

    fn is_empty(&self) -> bool {
        self.0 == 1
    }

    fn end(&self) -> u8 {
        if self.0 & 1 == 1 { b'}' } else { b']' }
    }
}

impl Reader<'_> {
    /// How many levels an object or list that is passed over may have.
    pub(in crate::decode) const DEEPEST: usize = 127;

    /// Passes over the value that comes next.
    pub(in crate::decode) fn skip(&mut self) -> Result<(), NotJson> {
        let mut levels = Levels::BOTTOM;
        loop {
            let first = self.peek()?;
            match first {
                b'{' | b'[' => {
                    if !levels.open(first == b'{') {
                        return self.refuse();
                    }
                    if self.enter(first, levels.end())? {
                        self.skip_name(&levels)?;
                        continue;
                    }
                    levels.close();
                }
                _ => self.skip_scalar(first)?,
            }
            while !levels.is_empty() && !self.goes_on(levels.end())? {
                levels.close();
            }
            if levels.is_empty() {
                return Ok(());
            }
            self.skip_name(&levels)?;
        }
    }

    fn skip_name(&mut self, levels: &Levels) -> Result<(), NotJson> {
        if levels.end() == b']' {
            return Ok(());
        }
        self.skip_string()?;
        self.expect(b':')
    }

    #[inline]
    fn skip_scalar(&mut self, first: u8) -> Result<(), NotJson> {
        match first {
            b'"' => self.skip_string(),
            b'-' | b'0'..=b'9' => self.skip_number(),
            b'n' => self.null(),
            b't' | b'f' => self.truth().map(|_| ()),
            _ => self.refuse(),
        }
    }
}
