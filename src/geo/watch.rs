//! The files in use, and their reload when they change.

use super::atlas::{Atlas, Map};
use super::csv;
use super::error::GeoError;
use super::mmdb::Database;
use crate::decode::{Mark, MarkHolder};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// What a database (`.mmdb`) has near its end.
const MMDB_MARK: &[u8] = b"\xab\xcd\xefMaxMind.com";
/// What archives begin with: gzip, zip, zstd, xz.
const ARCHIVES: [&[u8]; 4] = [b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ"];

/// The places in use. Events are held against one state of the files after the other, never against half of a new one.
#[derive(Debug)]
pub struct Geography {
    files: Vec<PathBuf>,
    current: RwLock<Arc<Atlas>>,
}

impl Geography {
    /// Reads the files.
    ///
    /// # Errors
    /// The first file that can't be used.
    pub fn open(files: Vec<PathBuf>) -> Result<Self, GeoError> {
        let atlas = Arc::new(read(&files)?);
        Ok(Self { files, current: RwLock::new(atlas) })
    }

    /// The files.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// What is in use.
    pub fn current(&self) -> Arc<Atlas> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the files anew.
    ///
    /// # Errors
    /// Why what was in use stays.
    pub fn reload(&self) -> Result<(), GeoError> {
        let atlas = Arc::new(read(&self.files)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = atlas;
        Ok(())
    }
}

impl MarkHolder for Geography {
    fn current(&self) -> Arc<dyn Mark> {
        self.current()
    }
}

fn read(files: &[PathBuf]) -> Result<Atlas, GeoError> {
    files.iter().map(|path| read_file(path)).collect::<Result<_, _>>().map(Atlas::new)
}

fn read_file(path: &Path) -> Result<Map, GeoError> {
    let bytes = std::fs::read(path).map_err(|source| GeoError::Unreadable { path: path.to_owned(), source })?;
    if ARCHIVES.iter().any(|mark| bytes.starts_with(mark)) {
        return Err(GeoError::Compressed { path: path.to_owned() });
    }
    let is_named_so = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("mmdb"));
    // A database may be called anything, and one that is cut off has lost its mark.
    if is_named_so || memchr::memmem::rfind(&bytes, MMDB_MARK).is_some() {
        return Ok(Map::Database(Database::open(path, bytes)?));
    }
    Ok(Map::Ranges(csv::read(path, &String::from_utf8_lossy(&bytes))?))
}
