//! Tar, read as a stream: names and contents of regular files, in whatever dialect.

use std::io::{self, Read};

const BLOCK: usize = 512;

/// The longest name that is kept, and the longest extended header that is read; longer ones are passed over.
const LONGEST_NAME: u64 = 4 << 10;
const LONGEST_EXTENSION: u64 = 64 << 10;

/// A tar file under reading.
pub(in crate::scan) struct Tar<R> {
    reader: R,
    /// Bytes of the current member that were not read yet, and the padding after it.
    left: u64,
    padding: u64,
}

impl<R: Read> Tar<R> {
    pub(in crate::scan) fn new(reader: R) -> Self {
        Self { reader, left: 0, padding: 0 }
    }

    /// Goes to the next regular file and gives its name; `None` at the end. Its content is read from this.
    pub(in crate::scan) fn next_file(&mut self) -> io::Result<Option<String>> {
        let (mut long_name, mut size_override) = (None, None);
        loop {
            self.skip()?;
            let Some(header) = self.header()? else { return Ok(None) };
            let declared = number(&header, 124..136).ok_or_else(garbled)?;
            let kind = header.get(156).copied().unwrap_or_default();
            // An extended header gives the size of the file after it.
            let size = if matches!(kind, b'L' | b'K' | b'x' | b'g') {
                declared
            } else {
                size_override.take().unwrap_or(declared)
            };
            self.left = size;
            self.padding = size.next_multiple_of(BLOCK as u64) - size;
            match kind {
                b'L' if size <= LONGEST_NAME => long_name = Some(text(&self.content()?)),
                b'x' if size <= LONGEST_EXTENSION => {
                    let extension = self.content()?;
                    long_name = extended(&extension, "path").or(long_name);
                    size_override = extended(&extension, "size").and_then(|size| size.parse().ok());
                }
                b'0' | b'7' | 0 => {
                    return Ok(Some(long_name.unwrap_or_else(|| short_name(&header))));
                }
                b'L' | b'K' | b'x' | b'g' => {}
                _ => long_name = None,
            }
        }
    }

    fn header(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        let mut header = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            match self.reader.read(header.get_mut(filled..).unwrap_or_default()) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if header.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let sum: u64 = header
            .iter()
            .enumerate()
            .map(|(at, byte)| if (148..156).contains(&at) { u64::from(b' ') } else { u64::from(*byte) })
            .sum();
        if number(&header, 148..156) == Some(sum) { Ok(Some(header)) } else { Err(garbled()) }
    }

    /// The rest of the current member; its size was checked.
    fn content(&mut self) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        self.read_to_end(&mut content)?;
        Ok(content)
    }

    fn skip(&mut self) -> io::Result<()> {
        let rest = self.left.saturating_add(self.padding);
        let skipped = io::copy(&mut self.reader.by_ref().take(rest), &mut io::sink())?;
        (self.left, self.padding) = (0, 0);
        if skipped == rest { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

impl<R: Read> Read for Tar<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.by_ref().take(self.left).read(into)?;
        if read == 0 && self.left > 0 && !into.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}

fn garbled() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a header is garbled")
}

/// Octal digits, or a binary number where the first bit is set.
fn number(header: &[u8; BLOCK], field: std::ops::Range<usize>) -> Option<u64> {
    let field = header.get(field)?;
    let (first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        let most = rest.iter().rev().skip(8).all(|byte| *byte == 0) && *first == 0x80;
        let value = rest.iter().fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
        return most.then_some(value);
    }
    let digits = field.iter().copied().skip_while(|byte| *byte == b' ').take_while(|byte| matches!(byte, b'0'..=b'7'));
    digits.into_iter().try_fold(0_u64, |value, digit| value.checked_mul(8)?.checked_add(u64::from(digit - b'0')))
}

fn short_name(header: &[u8; BLOCK]) -> String {
    let field = |range: std::ops::Range<usize>| header.get(range).map(text).unwrap_or_default();
    let (name, prefix) = (field(0..100), field(345..500));
    // Old GNU files keep other things where the prefix would be.
    let is_posix = header.get(257..263) == Some(b"ustar\0");
    if is_posix && !prefix.is_empty() { format!("{prefix}/{name}") } else { name }
}

fn text(bytes: &(impl AsRef<[u8]> + ?Sized)) -> String {
    let bytes = bytes.as_ref();
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

/// A value of an extended header: lines of `LENGTH KEY=VALUE`.
fn extended(mut lines: &[u8], wanted: &str) -> Option<String> {
    let mut found = None;
    while let Some(space) = memchr::memchr(b' ', lines) {
        let length: usize = std::str::from_utf8(lines.get(..space)?).ok()?.parse().ok()?;
        let line = lines.get(space + 1..length)?;
        let (key, value) = line.split_at_checked(memchr::memchr(b'=', line)?)?;
        if key == wanted.as_bytes() {
            let value = value.get(1..)?;
            found = Some(text(value.strip_suffix(b"\n").unwrap_or(value)));
        }
        lines = lines.get(length..)?;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn member(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
        let mut header = [0_u8; BLOCK];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[156] = kind;
        header[257..263].copy_from_slice(b"ustar\0");
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        let mut bytes = header.to_vec();
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
        bytes
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<(String, Vec<u8>)>> {
        let (mut tar, mut members) = (Tar::new(bytes), Vec::new());
        while let Some(name) = tar.next_file()? {
            members.push((name, tar.content()?));
        }
        Ok(members)
    }

    #[test]
    fn files_are_read_whatever_the_dialect_of_their_names() {
        let long = "folder/".repeat(30);
        let path = format!("{} path={long}x\n", long.len() + 11);
        let parts = [
            member("plain.txt", b'0', b"one"),
            member("folder", b'5', b""),
            member("././@LongLink", b'L', format!("{long}g\0").as_bytes()),
            member("cut", b'0', &[7; 700]),
            member("pax", b'x', path.as_bytes()),
            member("cut", b'0', b"three"),
            vec![0; 2 * BLOCK],
        ];
        let members = read(&parts.concat()).expect("a good file");
        let expected = [
            ("plain.txt".to_owned(), b"one".to_vec()),
            (format!("{long}g"), vec![7; 700]),
            (format!("{long}x"), b"three".to_vec()),
        ];
        assert_eq!(members, expected);
    }

    #[test]
    fn what_is_cut_off_or_garbled_is_an_error() {
        let whole = member("plain.txt", b'0', &[1; 600]);
        for length in [1, 511, 513, 1_000, 1_200] {
            read(&whole[..length]).expect_err("cut off");
        }
        let mut garbled = whole;
        garbled[3] ^= 1;
        read(&garbled).expect_err("the checksum fails");
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(
            mut bytes in prop::collection::vec(any::<u8>(), 0..2_000),
            kind in any::<u8>(),
            size in prop::collection::vec(any::<u8>(), 12),
        ) {
            let mut start = member("name", kind, b"");
            start[124..136].copy_from_slice(&size);
            bytes.splice(0..0, start);
            let _any = read(&bytes).is_ok();
        }
    }
}
