//! Files as a source that can be resumed: one after the other, in the order of their paths.
//!
//! Where they are followed, plain files may grow, be cut, or be replaced by others of their name, and folders may get more of
//! them. What was left behind is read to its end first, for those who write may need a moment to turn to the new file.

use super::reader::Tail;
use super::walk::find_more;
use super::{BatchBuilder, FilePosition, Filled, IngestError, Source, ValueReader, open};
use crate::clock::{self, Stopwatch};
use crate::folder::FileId;
use crate::record::{Origin, Value};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// How often it is looked whether others stand where the files are that are followed.
const LOOK: Duration = Duration::from_secs(1);

/// Where a file was left, by name.
pub type Resume = dyn Fn(&str) -> Result<Option<FilePosition>, IngestError> + Send;

/// Reads files.
pub struct FileSource {
    files: Vec<OneFile>,
    at: usize,
    followed: Option<Followed>,
    limit: usize,
    resume: Box<Resume>,
    progress: Arc<AtomicU64>,
}

/// The paths, files and folders, that are followed.
struct Followed {
    paths: Vec<PathBuf>,
    looked: Stopwatch,
}

struct OneFile {
    path: PathBuf,
    name: Arc<str>,
    state: State,
}

enum State {
    ToResume,
    /// It took the place of one that was read.
    ToBegin,
    Reading(Box<Reading>),
    Done,
}

struct Reading {
    reader: ValueReader<Box<dyn Read + Send>>,
    position: FilePosition,
    tail: Tail,
    id: FileId,
    /// Whether another file stands at its path by now, or the same with less in it.
    left_behind: bool,
}

impl std::fmt::Debug for FileSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileSource").field("files", &self.files.len()).field("at", &self.at).finish_non_exhaustive()
    }
}

impl FileSource {
    /// Reads `files` in this order, each from where `resume` says that it was left; values over `limit` bytes are cut.
    pub fn new(files: Vec<PathBuf>, limit: usize, resume: Box<Resume>) -> Self {
        let files = files.into_iter().map(OneFile::new).collect();
        Self { files, at: 0, followed: None, limit, resume, progress: Arc::default() }
    }

    /// Never ends, but looks for more at these paths again and again.
    #[must_use]
    pub fn following(self, paths: Vec<PathBuf>) -> Self {
        Self { followed: Some(Followed { paths, looked: Stopwatch::start() }), ..self }
    }

    /// Bytes read from disk so far.
    pub fn progress(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.progress)
    }
}

impl Source for FileSource {
    fn fill(&mut self, batch: &mut BatchBuilder) -> Result<Filled, IngestError> {
        let is_followed = self.followed.is_some();
        while let Some(file) = self.files.get_mut(self.at) {
            let afresh: &Resume = &|_| Ok(None);
            let resume = match file.state {
                State::ToResume => Some(&*self.resume),
                State::ToBegin => Some(afresh),
                State::Reading(_) | State::Done => None,
            };
            if let Some(resume) = resume {
                match start(file, is_followed, self.limit, resume, &self.progress) {
                    Ok(reading) => file.state = State::Reading(Box::new(reading)),
                    // It was taken away, and another may come.
                    Err(IngestError::Unreadable { source, .. })
                        if is_followed && source.kind() == ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
            if let State::Reading(reading) = &mut file.state {
                if reading.fill(&file.path, &file.name, batch)? {
                    return Ok(Filled::Full);
                }
                if reading.tail == Tail::Value {
                    file.state = if reading.left_behind { State::ToBegin } else { State::Done };
                }
            }
            self.at += 1;
        }
        self.at = 0;
        if let Some(followed) = self.followed.as_mut().filter(|followed| followed.looked.elapsed() >= LOOK) {
            followed.looked = Stopwatch::start();
            look_again(&mut self.files, &followed.paths);
            return Ok(Filled::Idle);
        }
        let done = self.followed.is_none() && self.files.iter().all(|file| matches!(file.state, State::Done));
        Ok(if done { Filled::Ended } else { Filled::Idle })
    }
}

/// Notices files that are others than before, and new ones.
fn look_again(files: &mut Vec<OneFile>, paths: &[PathBuf]) {
    for file in files.iter_mut() {
        if let State::Reading(reading) = &mut file.state {
            reading.look_again(&file.path);
        }
    }
    for path in find_more(paths) {
        if !files.iter().any(|file| file.path == path) {
            files.push(OneFile::new(path));
        }
    }
}

impl OneFile {
    fn new(path: PathBuf) -> Self {
        Self { name: name_of(&path), path, state: State::ToResume }
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
            self.know_by_more(path);
            batch.read_through(name, self.position);
        }
        Ok(full)
    }

    /// A file that was short when it was opened is known by more of its beginning, now that there is more.
    fn know_by_more(&mut self, path: &Path) {
        let is_short = self.tail == Tail::Unfinished && self.position.head_len < FilePosition::HEAD as u32;
        let still_stands = is_short && self.id.stands_at(path, self.position.offset);
        if let Some(head) = still_stands.then(|| read_head(path).ok()).flatten() {
            let FilePosition { head_len, head_hash, .. } = FilePosition::at_start(&head);
            self.position = FilePosition { head_len, head_hash, ..self.position };
        }
    }

    /// Who finds another file at the path for the second time has read the old one to its end: its last line is complete.
    fn look_again(&mut self, path: &Path) {
        let is_followed = self.tail == Tail::Unfinished;
        if self.left_behind {
            self.tail = Tail::Value;
        } else if is_followed && path.exists() && !self.id.stands_at(path, self.position.offset) {
            tracing::info!(path = %path.display(), "another file stands here now, or less of it: it is read from its beginning");
            self.left_behind = true;
        }
    }
}

/// Opens a file where it was left.
fn start(
    file: &OneFile,
    is_followed: bool,
    limit: usize,
    resume: &Resume,
    progress: &Arc<AtomicU64>,
) -> Result<Reading, IngestError> {
    let head = read_head(&file.path)?;
    let position = match resume(&file.name)? {
        Some(position) if position.is_of(&head) => position,
        Some(_) | None => FilePosition::at_start(&head),
    };
    let opened = open(&file.path, position.document.unwrap_or(position.offset), progress)?;
    let follows = is_followed && !opened.compressed;
    let tail = if follows { Tail::Unfinished } else { Tail::Value };
    let reader = match position.document {
        Some(document) => ValueReader::resume(opened.bytes, document, position.offset, limit),
        None => ValueReader::new(opened.bytes, position.offset, limit),
    };
    Ok(Reading { reader, position, tail, id: opened.id, left_behind: false })
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
