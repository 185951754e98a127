//! What is about to be committed.

use super::{Change, GitSource, GitWork};
use crate::scan::ScanError;
use gix::Repository;
use gix::bstr::ByteSlice;
use gix::index::entry::{Mode, Stage};
use std::path::Path;
use std::sync::Arc;

impl GitSource {
    /// The files that the index has and `HEAD` has not, or not so.
    ///
    /// # Errors
    /// When the index or `HEAD` can't be read.
    pub fn staged(repository: &Repository, path: &Path) -> Result<Self, ScanError> {
        staged(repository)
            .map(|work| Self { work: work.into_iter() })
            .map_err(|source| ScanError::DamagedRepository { path: path.to_owned(), source: Box::new(source) })
    }
}

fn staged(repository: &Repository) -> gix::Result<Vec<GitWork>> {
    let index = repository.index_or_empty()?;
    let head = repository.index_from_tree(&repository.head_tree_id_or_empty()?)?;
    let mut work = Vec::new();
    for entry in index.entries().iter().filter(|entry| is_file(entry.mode)) {
        let former = head.entry_by_path_and_stage(entry.path(&index), Stage::Unconflicted);
        let former = former.filter(|former| is_file(former.mode)).map(|former| former.id);
        if former != Some(entry.id) {
            let path: Arc<str> = entry.path(&index).to_str_lossy().into();
            work.push(GitWork::Change(Change { path, blob: entry.id, former }));
        }
    }
    Ok(work)
}

fn is_file(mode: Mode) -> bool {
    mode == Mode::FILE || mode == Mode::FILE_EXECUTABLE
}
