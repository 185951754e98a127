//! The mark: the number of the last acknowledged commit, beside the store.
//!
//! The storage engine cuts its journal at the first entry it can't read, as it must after a crash. Damage in the middle
//! of the journal looks the same to it, and commits behind the damage would be gone without a word. The mark is written
//! after a commit was synced and is itself never synced: it can be behind the store, but a store behind its mark has
//! lost something.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The name of the file.
const FILE: &str = "commits";

#[derive(Debug)]
pub(super) struct Mark {
    file: File,
}

impl Mark {
    /// Opens or makes the file and gives the number in it: 0 where it is new or torn.
    pub(super) fn open(folder: &Path) -> io::Result<(Self, u64)> {
        let file = File::options().read(true).write(true).create(true).truncate(false).open(folder.join(FILE))?;
        let mut bytes = [0; 16];
        let read = file.read_at(&mut bytes, 0)?;
        let (number, check) = bytes.split_at(8);
        let number = number.try_into().map_or(0, u64::from_be_bytes);
        let whole = read == bytes.len() && check == check_of(number);
        Ok((Self { file }, if whole { number } else { 0 }))
    }

    pub(super) fn write(&self, number: u64) -> io::Result<()> {
        let mut bytes = [0; 16];
        let (first, second) = bytes.split_at_mut(8);
        first.copy_from_slice(&number.to_be_bytes());
        second.copy_from_slice(&check_of(number));
        self.file.write_all_at(&bytes, 0)
    }
}

/// Tells a torn write: the number's complement.
fn check_of(number: u64) -> [u8; 8] {
    (!number).to_be_bytes()
}
