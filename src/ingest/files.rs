//! Files as a source that can be resumed: one after the other, in the order of their paths.

use super::reader::Tail;
use super::{BatchBuilder, FilePosition, Filled, IngestError, Source, ValueReader, open};
use crate::clock;
use crate::record::{Origin, Value};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// What happens at the end of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Following {
    /// It is done.
    No,
    /// It is looked at again and again: plain files may grow.
    Yes,
}

/// Where a file was left, by name.
pub type Resume = dyn Fn(&str) -> Result<Option<FilePosition>, IngestError> + Send;

/// Reads files.
pub struct FileSource {
    files: Vec<OneFile>,
    at: usize,
    following: Following,
    limit: usize,
    resume: Box<Resume>,
    progress: Arc<AtomicU64>,
}

struct OneFile {
    path: PathBuf,
    name: Arc<str>,
    state: State,
}

enum State {
    NotOpened,
    Reading(Box<Reading>),
    Done,
}

struct Reading {
    reader: ValueReader<Box<dyn Read + Send>>,
    position: FilePosition,
    tail: Tail,
}

impl std::fmt::Debug for FileSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileSource").field("files", &self.files.len()).field("at", &self.at).finish_non_exhaustive()
    }
}

impl FileSource {
    /// Reads `paths` in this order, each from where `resume` says that it was left; values over `limit` bytes are cut.
    pub fn new(paths: Vec<PathBuf>, following: Following, limit: usize, resume: Box<Resume>) -> Self {
        let file = |path: PathBuf| OneFile { name: name_of(&path), path, state: State::NotOpened };
        let files = paths.into_iter().map(file).collect();
        Self { files, at: 0, following, limit, resume, progress: Arc::default() }
    }

    /// Bytes read from disk so far.
    pub fn progress(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.progress)
    }
}

impl Source for FileSource {
    fn fill(&mut self, batch: &mut BatchBuilder) -> Result<Filled, IngestError> {
        while let Some(file) = self.files.get_mut(self.at) {
            if let State::NotOpened = file.state {
                file.state = start(file, self.following, self.limit, &self.resume, &self.progress)?;
            }
            if let State::Reading(reading) = &mut file.state {
                if reading.fill(&file.path, &file.name, batch)? {
                    return Ok(Filled::Full);
                }
                if reading.tail == Tail::Value {
                    file.state = State::Done;
                }
            }
            self.at += 1;
        }
        self.at = 0;
        let done = self.files.iter().all(|file| matches!(file.state, State::Done));
        Ok(if done { Filled::Ended } else { Filled::Idle })
    }
}

impl Reading {
    /// Reads until the batch is full (true) or the file ends (false).
    fn fill(&mut self, path: &Path, name: &Arc<str>, batch: &mut BatchBuilder) -> Result<bool, IngestError> {
        let ingested = clock::now();
        let before = self.position;
        let full = loop {
            if batch.is_full() {
                break true;
            }
            let offset = self.reader.offset();
            let broken = |source| IngestError::Broken { path: path.to_owned(), offset, source };
            let Some(piece) = self.reader.next_before(self.tail).map_err(broken)? else { break false };
            let origin = Origin { source: Arc::clone(name), position: piece.offset };
            batch.push(Value { bytes: piece.bytes, origin, ingested });
        };
        self.position.offset = self.reader.offset();
        self.position.document = self.reader.document();
        if self.position != before {
            batch.read_through(name, self.position);
        }
        Ok(full)
    }
}

fn start(
    file: &OneFile,
    following: Following,
    limit: usize,
    resume: &Resume,
    progress: &Arc<AtomicU64>,
) -> Result<State, IngestError> {
    let head = read_head(&file.path)?;
    let position = match resume(&file.name)? {
        Some(position) if position.is_of(&head) => position,
        Some(_) | None => FilePosition::at_start(&head),
    };
    let opened = open(&file.path, position.document.unwrap_or(position.offset), progress)?;
    let follows = following == Following::Yes && !opened.compressed;
    let tail = if follows { Tail::Unfinished } else { Tail::Value };
    let reader = match position.document {
        Some(document) => ValueReader::resume(opened.bytes, document, position.offset, limit),
        None => ValueReader::new(opened.bytes, position.offset, limit),
    };
    Ok(State::Reading(Box::new(Reading { reader, position, tail })))
}

/// The beginning of the file; empty for a pipe, which can be read only once.
fn read_head(path: &Path) -> Result<Vec<u8>, IngestError> {
    let unreadable = |source| IngestError::Unreadable { path: path.to_owned(), source };
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Ok(Vec::new());
    }
    let mut head = Vec::new();
    let mut beginning = open(path, 0, &Arc::default())?.bytes.take(FilePosition::HEAD as u64);
    beginning.read_to_end(&mut head).map_err(unreadable)?;
    Ok(head)
}

/// The name of a file in positions, dead letters and messages.
fn name_of(path: &Path) -> Arc<str> {
    path.to_string_lossy().into()
}
