//! Text of two bytes a character, as some tools of Windows export it, read as UTF-8.

use std::io::{self, Read};

/// Which of the two bytes comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Utf16 {
    Little,
    Big,
}

impl Utf16 {
    /// Tells it by the mark that such a file begins with.
    pub(super) fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0xff, 0xfe, ..] => Some(Self::Little),
            [0xfe, 0xff, ..] => Some(Self::Big),
            _ => None,
        }
    }
}

/// Reads UTF-16 as UTF-8; what is no character becomes U+FFFD.
pub(super) struct Transcoded<R> {
    inner: R,
    form: Utf16,
    /// Bytes whose character is not whole yet.
    begun: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
}

/// Bytes read at once.
const CHUNK: usize = 64 << 10;

impl<R: Read> Transcoded<R> {
    pub(super) fn new(inner: R, form: Utf16) -> Self {
        Self { inner, form, begun: Vec::new(), ready: Vec::new(), given: 0 }
    }

    /// Reads on until there is text to give, or the end.
    fn fill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.given = 0;
        while self.ready.is_empty() {
            let before = self.begun.len();
            (&mut self.inner).take(CHUNK as u64).read_to_end(&mut self.begun)?;
            let is_end = self.begun.len() == before;
            self.transcode(is_end);
            if is_end {
                break;
            }
        }
        Ok(())
    }

    fn transcode(&mut self, is_end: bool) {
        let (pairs, rest) = self.begun.as_chunks::<2>();
        let mut rest = rest.to_vec();
        let unit = |pair: &[u8; 2]| match self.form {
            Utf16::Little => u16::from_le_bytes(*pair),
            Utf16::Big => u16::from_be_bytes(*pair),
        };
        let mut units: Vec<u16> = pairs.iter().map(unit).collect();
        // The first half of a character waits for the second.
        if !is_end && units.last().is_some_and(|last| (0xd800..0xdc00).contains(last)) {
            units.pop();
            rest.splice(0..0, pairs.last().copied().unwrap_or_default());
        }
        let text: String =
            char::decode_utf16(units).map(|found| found.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.ready.extend_from_slice(text.as_bytes());
        if is_end && !rest.is_empty() {
            self.ready.extend_from_slice("\u{fffd}".as_bytes());
            rest.clear();
        }
        self.begun = rest;
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given >= self.ready.len() {
            self.fill()?;
        }
        let read = self.ready.get(self.given..).unwrap_or_default().read(buffer)?;
        self.given += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    /// Gives its bytes in pieces of odd sizes.
    struct Pieces(VecDeque<u8>, usize);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = self.1.min(buffer.len()).min(self.0.len());
            for (place, byte) in buffer.iter_mut().zip(self.0.drain(..size)) {
                *place = byte;
            }
            Ok(size)
        }
    }

    #[test]
    fn both_forms_are_read_however_the_bytes_come() {
        let text = "\u{feff}{\"city\":\"Zürich\",\"mark\":\"\u{1f510}\"}\n".repeat(9_000);
        for form in [Utf16::Little, Utf16::Big] {
            let bytes: Vec<u8> = text
                .encode_utf16()
                .flat_map(|unit| if form == Utf16::Little { unit.to_le_bytes() } else { unit.to_be_bytes() })
                .collect();
            assert_eq!(Utf16::of(&bytes), Some(form));
            for size in [1, 3, 7, 1 << 20] {
                let mut read = String::new();
                let pieces = Pieces(bytes.iter().copied().collect(), size);
                Transcoded::new(pieces, form).read_to_string(&mut read).expect("reads");
                assert!(read == text, "{form:?} in pieces of {size}");
            }
        }
    }

    #[test]
    fn what_is_no_character_is_marked() {
        let mut read = String::new();
        let bytes: &[u8] = &[0x41, 0, 0x00, 0xd8, 0x42, 0, 0x43];
        Transcoded::new(bytes, Utf16::Little).read_to_string(&mut read).expect("reads");
        assert_eq!(read, "A\u{fffd}B\u{fffd}");
        assert_eq!(Utf16::of(b"{}"), None);
    }
}
