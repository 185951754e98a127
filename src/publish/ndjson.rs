//! Outputs as files of JSON lines, one a kind.
//!
//! A line is appended, the file synced, then the cursor moves. After a crash between these a file is longer than its
//! cursor says; it is cut back and the lines are written again, so none is doubled and none is lost. A file that was
//! moved away or removed meanwhile, as log rotation does, is followed by a new one.

use super::cursor::Cursor;
use super::{PublishError, owner};
use crate::folder::FileId;
use crate::store::{Durability, OutboxEntry, OutputKind, Store};
use fail::fail_point;
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// What `risky-principals.ndjson` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RiskStates {
    /// A line whenever a principal's risk state changes; the last line of a principal counts.
    EveryChange,
    /// One line for each principal as it stands at the end, written by [`NdjsonFiles::write_risk_states`].
    AtTheEnd,
}

/// The open output files.
#[derive(Debug)]
pub struct NdjsonFiles {
    files: Vec<OutputFile>,
    cursor: Cursor,
    risk_states: RiskStates,
    durability: Durability,
}

#[derive(Debug)]
struct OutputFile {
    kind: OutputKind,
    path: PathBuf,
    file: File,
    length: u64,
    pending: Vec<u8>,
}

impl NdjsonFiles {
    /// Opens the files of a run that goes on where the cursor in the store stands, and cuts off what it does not cover.
    ///
    /// # Errors
    /// When the folder or a file can't be used.
    pub fn resume(folder: &Path, store: &Store) -> Result<Self, PublishError> {
        let cursor = Cursor::load(store)?;
        create(folder)?;
        owner::claim(folder, store)?;
        Self::open(folder, cursor, RiskStates::EveryChange, Durability::Synced)
    }

    /// Empties the files for outputs that begin where the store's outbox stands.
    ///
    /// # Errors
    /// When the folder or a file can't be used.
    pub fn start_anew(folder: &Path, store: &Store, risk_states: RiskStates) -> Result<Self, PublishError> {
        let cursor = Cursor::load(store)?.without_files();
        create(folder)?;
        owner::refuse_claimed(folder)?;
        Self::open(folder, cursor, risk_states, Durability::Temporary)
    }

    fn open(
        folder: &Path,
        cursor: Cursor,
        risk_states: RiskStates,
        durability: Durability,
    ) -> Result<Self, PublishError> {
        let bad_folder = |source| PublishError::Folder { path: folder.to_owned(), source };
        let files = OutputKind::ALL.into_iter().map(|kind| OutputFile::open(folder, kind, cursor.length(kind)));
        let files = files.collect::<Result<_, _>>()?;
        if durability == Durability::Synced {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(bad_folder)?;
        }
        Ok(Self { files, cursor, risk_states, durability })
    }

    /// The sequence number of the next output to publish.
    pub(super) fn next(&self) -> u64 {
        self.cursor.next
    }

    /// Adds an output; it is written by [`NdjsonFiles::flush`].
    pub(super) fn add(&mut self, entry: &OutboxEntry) {
        self.cursor.next = entry.sequence + 1;
        if entry.kind == OutputKind::RiskState && self.risk_states == RiskStates::AtTheEnd {
            return;
        }
        if let Some(file) = self.files.iter_mut().find(|file| file.kind == entry.kind) {
            file.pending.extend_from_slice(&entry.line);
            file.pending.push(b'\n');
        }
    }

    /// Appends and syncs what was added, then moves the cursor and empties the outbox up to it.
    pub(super) fn flush(&mut self, store: &Store, published: &[u64]) -> Result<(), PublishError> {
        fail_point!("publish.before_append");
        self.follow_paths(store, published)?;
        for file in self.files.iter_mut().filter(|file| !file.pending.is_empty()) {
            file.append(self.durability)?;
            self.cursor.set_length(file.kind, file.length);
        }
        fail_point!("publish.after_fsync");
        let mut batch = store.batch();
        self.cursor.save(&mut batch)?;
        for sequence in published {
            batch.published(*sequence);
        }
        // No sync of its own: if the cursor is lost with the power, so is the emptying of the outbox.
        batch.write()?;
        fail_point!("publish.after_cursor");
        Ok(())
    }

    /// Goes on in new files where others were moved away, and says so to the cursor before anything is written there.
    fn follow_paths(&mut self, store: &Store, published: &[u64]) -> Result<(), PublishError> {
        if self.durability == Durability::Temporary {
            return Ok(());
        }
        let mut moved = false;
        for file in self.files.iter_mut().filter(|file| !file.pending.is_empty()) {
            if file.follow_path()? {
                owner::claim(file.folder(), store)?;
                self.cursor.set_length(file.kind, file.length);
                moved = true;
            }
        }
        if let Some(first) = published.first().filter(|_| moved) {
            let mut batch = store.batch();
            self.cursor.from(*first).save(&mut batch)?;
            batch.write()?;
        }
        Ok(())
    }

    /// Writes the risk states as they stand, sorted by tenant and principal, and forgets the files: a later run that goes
    /// on from this store has its own.
    ///
    /// # Errors
    /// When the store or a file fails.
    pub fn write_risk_states(mut self, store: &Store) -> Result<(), PublishError> {
        if let Some(file) = self.files.iter_mut().find(|file| file.kind == OutputKind::RiskState) {
            for entry in store.risk_states() {
                let (_, line) = entry?;
                file.pending.extend_from_slice(&line);
                file.pending.push(b'\n');
                if file.pending.len() >= BLOCK {
                    file.append(Durability::Temporary)?;
                }
            }
            file.append(Durability::Temporary)?;
        }
        for file in &self.files {
            file.sync()?;
        }
        let mut batch = store.batch();
        self.cursor.without_files().save(&mut batch)?;
        Ok(batch.write()?)
    }
}

fn create(folder: &Path) -> Result<(), PublishError> {
    std::fs::create_dir_all(folder).map_err(|source| PublishError::Folder { path: folder.to_owned(), source })
}

/// How much is written at once.
const BLOCK: usize = 1 << 20;

impl OutputFile {
    fn open(folder: &Path, kind: OutputKind, length: u64) -> Result<Self, PublishError> {
        let path = folder.join(kind.file_name());
        let failed = |source| PublishError::File { path: path.clone(), source };
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        let found = file.metadata().map_err(failed)?.len();
        if found < length {
            tracing::warn!(path = %path.display(), found, length, "output file was cut or moved away; going on at its end");
        }
        let length = length.min(found);
        file.set_len(length).map_err(failed)?;
        file.seek(SeekFrom::Start(length)).map_err(failed)?;
        Ok(Self { kind, path, file, length, pending: Vec::new() })
    }

    /// Opens the file anew if another stands at its path, or none. True if so.
    fn follow_path(&mut self) -> Result<bool, PublishError> {
        let open = FileId::of(&self.file).map_err(|source| self.failed(source))?;
        if open.stands_at(&self.path, self.length) {
            return Ok(false);
        }
        tracing::warn!(path = %self.path.display(), "output file was moved away, removed or cut; going on in what is there");
        let folder = self.folder().to_owned();
        create(&folder)?;
        let pending = std::mem::take(&mut self.pending);
        let length = std::fs::metadata(&self.path).map_or(0, |found| found.len());
        *self = Self { pending, ..Self::open(&folder, self.kind, length)? };
        File::open(&folder).and_then(|folder| folder.sync_all()).map_err(|source| self.failed(source))?;
        Ok(true)
    }

    fn append(&mut self, durability: Durability) -> Result<(), PublishError> {
        fail_point!("publish.append", |_| Err(self.failed(std::io::ErrorKind::StorageFull.into())));
        let pending = std::mem::take(&mut self.pending);
        self.file.write_all(&pending).map_err(|source| self.failed(source))?;
        self.length += pending.len() as u64;
        fail_point!("publish.after_append");
        match durability {
            Durability::Synced => self.sync(),
            Durability::Temporary => Ok(()),
        }
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    fn sync(&self) -> Result<(), PublishError> {
        self.file.sync_data().map_err(|source| self.failed(source))
    }

    fn failed(&self, source: std::io::Error) -> PublishError {
        PublishError::File { path: self.path.clone(), source }
    }
}
