//! What the first bytes of a file say: text, UTF-16 text, or no text at all.

use std::io::{self, Read};
use zeroize::Zeroizing;

/// How far into a file is looked.
pub(super) const HEAD: usize = 8 << 10;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Bytes to search as they are.
    Text,
    /// UTF-16 in this order of bytes.
    Utf16(Order),
    /// Anything else.
    Binary,
}

/// Which byte of a UTF-16 unit comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// What a file that begins so holds. A NUL is in no text but UTF-16, whose ASCII has one in every second byte.
pub(super) fn content(head: &[u8]) -> Content {
    let head = head.get(..HEAD).unwrap_or(head);
    match head {
        [0xff, 0xfe, ..] if !head.starts_with(b"\xff\xfe\0\0") => return Content::Utf16(Order::Little),
        [0xfe, 0xff, ..] => return Content::Utf16(Order::Big),
        _ => {}
    }
    if memchr::memchr(0, head).is_none() || is_key_store(head) {
        return Content::Text;
    }
    match (is_zero_at(head, 1), is_zero_at(head, 0)) {
        (true, false) => Content::Utf16(Order::Little),
        (false, true) => Content::Utf16(Order::Big),
        _ => Content::Binary,
    }
}

/// Whether nine of ten bytes at odd (1) or even (0) places are NUL and the others hardly ever.
fn is_zero_at(head: &[u8], parity: usize) -> bool {
    let pairs = head.len() / 2;
    let zeros = |at: usize| head.chunks_exact(2).filter(|pair| pair.get(at) == Some(&0)).count();
    pairs >= 4 && zeros(parity) * 10 >= pairs * 9 && zeros(1 - parity) * 100 <= pairs
}

/// Whether this is a PKCS #12 file (DER that names PKCS #7 data early on): the scanner knows those by their bytes.
fn is_key_store(head: &[u8]) -> bool {
    const PKCS7_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
    head.starts_with(&[0x30, 0x82])
        && head.get(..64).is_some_and(|start| memchr::memmem::find(start, PKCS7_DATA).is_some())
}

/// UTF-16 as UTF-8.
pub(super) struct Utf16<R> {
    inner: R,
    order: Order,
    /// Raw bytes, and how many of them are there.
    raw: Zeroizing<Vec<u8>>,
    raw_length: usize,
    /// Decoded bytes that were not taken yet.
    ready: Zeroizing<Vec<u8>>,
    taken: usize,
}

impl<R: Read> Utf16<R> {
    const CHUNK: usize = 64 << 10;

    pub(super) fn new(inner: R, order: Order) -> Self {
        let raw = Zeroizing::new(vec![0; Self::CHUNK]);
        Self { inner, order, raw, raw_length: 0, ready: Zeroizing::new(Vec::new()), taken: 0 }
    }

    /// Decodes the next chunk; what half a character is left waits for the one after.
    fn decode(&mut self) -> io::Result<()> {
        let read = super::window::read_some(&mut self.inner, self.raw.get_mut(self.raw_length..).unwrap_or_default())?;
        self.raw_length += read;
        let ended = read == 0;
        let raw = self.raw.get(..self.raw_length).unwrap_or_default();
        let mut whole = raw.len() & !1;
        let unit = |pair: &[u8]| match (self.order, pair) {
            (Order::Little, [low, high]) => u16::from_le_bytes([*low, *high]),
            (Order::Big, [high, low]) => u16::from_be_bytes([*high, *low]),
            _ => 0,
        };
        let last = raw.get(whole.saturating_sub(2)..whole).map(unit);
        if !ended && last.is_some_and(|unit| (0xd800..0xdc00).contains(&unit)) {
            whole -= 2;
        }
        let units = raw.get(..whole).unwrap_or_default().chunks_exact(2).map(unit);
        (self.taken, self.ready) = (0, Zeroizing::new(Vec::with_capacity(whole * 3 / 2)));
        for character in char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)) {
            let mut utf8 = [0; 4];
            if character != '\u{feff}' {
                self.ready.extend_from_slice(character.encode_utf8(&mut utf8).as_bytes());
            }
        }
        self.raw.copy_within(whole..self.raw_length, 0);
        self.raw_length = if ended { 0 } else { self.raw_length - whole };
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.taken >= self.ready.len() {
            let before = self.raw_length;
            self.decode()?;
            if self.ready.is_empty() && self.raw_length == before {
                return Ok(0);
            }
        }
        let rest = self.ready.get(self.taken..).unwrap_or_default();
        let length = rest.len().min(into.len());
        for (slot, byte) in into.iter_mut().zip(rest) {
            *slot = *byte;
        }
        self.taken += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, order: Order, mark: bool) -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        let bytes = units.map(|unit| if order == Order::Little { unit.to_le_bytes() } else { unit.to_be_bytes() });
        bytes.flatten().collect()
    }

    #[test]
    fn content_is_told_by_its_first_bytes() {
        let little = utf16("plain enough text", Order::Little, false);
        let big = utf16("plain enough text", Order::Big, true);
        let cases: [(&str, &[u8], Content); 8] = [
            ("nothing", b"", Content::Text),
            ("text", b"text", Content::Text),
            ("Latin-1", b"caf\xe9", Content::Text),
            ("little", &little, Content::Utf16(Order::Little)),
            ("big with a mark", &big, Content::Utf16(Order::Big)),
            ("a program", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0", Content::Binary),
            ("UTF-32", b"\xff\xfe\0\0a\0\0\0", Content::Binary),
            ("one NUL", b"text\0text text text text", Content::Binary),
        ];
        for (name, bytes, expected) in cases {
            assert_eq!(content(bytes), expected, "{name}");
        }
    }

    #[test]
    fn utf16_is_read_as_utf8_whatever_the_chunks() {
        let text = "key = \u{1f511} value\r\n".repeat(9_000);
        for order in [Order::Little, Order::Big] {
            let bytes = utf16(&text, order, true);
            let mut read = String::new();
            Utf16::new(&*bytes, order).read_to_string(&mut read).expect("UTF-8");
            assert!(read == text, "{order:?}");
        }
        let mut odd = utf16("ab", Order::Little, false);
        odd.push(b'c');
        let mut read = String::new();
        Utf16::new(&*odd, Order::Little).read_to_string(&mut read).expect("UTF-8");
        assert_eq!(read, "ab", "half a unit at the end is no text");
    }
}
