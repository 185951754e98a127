//! Opening a file, whatever it is compressed with.

use super::IngestError;
use super::utf16::{Transcoded, Utf16};
use crate::folder::FileId;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// An open file.
pub struct Opened {
    /// Its bytes, decompressed, from the offset asked for.
    pub bytes: Box<dyn Read + Send>,
    /// Whether it is compressed, or written in UTF-16: such a file can't be followed while it grows.
    pub compressed: bool,
    /// Which file it is.
    pub id: FileId,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("compressed", &self.compressed).finish_non_exhaustive()
    }
}

/// How gzip begins.
pub const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Opens a plain, gzip, zstd or UTF-16 file (told by its first bytes, never by its name) at an offset of its bytes as
/// decompressed or rewritten in UTF-8, and counts the bytes read from disk into `progress`.
///
/// # Errors
/// When it can't be opened, or ends before the offset.
pub fn open(path: &Path, offset: u64, progress: &Arc<AtomicU64>) -> Result<Opened, IngestError> {
    let unreadable = |source| IngestError::Unreadable { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.is_dir() {
        return Err(unreadable(io::ErrorKind::IsADirectory.into()));
    }
    let id = FileId::of(&file).map_err(unreadable)?;
    let mut magic = [0; 4];
    let magic_len = read_up_to(&mut file, &mut magic).map_err(unreadable)?;
    let magic = magic.get(..magic_len).unwrap_or_default();
    if let Some(form) = Utf16::of(magic) {
        let counted = Counted { inner: io::Cursor::new(magic.to_vec()).chain(file), count: Arc::clone(progress) };
        let mut bytes = Box::new(Transcoded::new(counted, form));
        skip(&mut bytes, offset).map_err(unreadable)?;
        return Ok(Opened { bytes, compressed: true, id });
    }
    let is_gzip = magic.starts_with(GZIP);
    if !is_gzip && !magic.starts_with(ZSTD) {
        let bytes = open_plain(file, offset, magic, progress).map_err(unreadable)?;
        return Ok(Opened { bytes, compressed: false, id });
    }
    let counted = Counted { inner: io::Cursor::new(magic.to_vec()).chain(file), count: Arc::clone(progress) };
    let mut bytes: Box<dyn Read + Send> = if is_gzip {
        Box::new(flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(64 << 10, counted)))
    } else {
        Box::new(zstd::stream::read::Decoder::new(counted).map_err(unreadable)?)
    };
    skip(&mut bytes, offset).map_err(unreadable)?;
    Ok(Opened { bytes, compressed: true, id })
}

/// What can't be sought (a pipe) is read from its beginning.
fn open_plain(
    mut file: File,
    offset: u64,
    magic: &[u8],
    progress: &Arc<AtomicU64>,
) -> io::Result<Box<dyn Read + Send>> {
    let count = Arc::clone(progress);
    if file.seek(SeekFrom::Start(offset)).is_ok() {
        return Ok(Box::new(Counted { inner: file, count }));
    }
    let mut bytes = Box::new(Counted { inner: io::Cursor::new(magic.to_vec()).chain(file), count });
    skip(&mut bytes, offset)?;
    Ok(bytes)
}

/// Fills the buffer as far as the reader goes, and gives how far that was.
fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn skip(reader: &mut impl Read, offset: u64) -> io::Result<()> {
    let skipped = io::copy(&mut reader.take(offset), &mut io::sink())?;
    if skipped < offset { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// Counts what it passes on.
struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
