//! Paths to files: folders walked in a fixed order, with what `.gitignore` names left out.

use super::error::ScanError;
use super::inspect::{Work, shown};
use super::notice::{Notice, Trouble};
use super::run::Source;
use ignore::{DirEntry, Walk, WalkBuilder};
use std::io;
use std::path::PathBuf;

/// How many files a worker takes at once.
const BATCH: usize = 32;

/// The file that names what Picket shall leave out, besides `.gitignore`.
const IGNORE_FILE: &str = ".picketignore";

/// The files below some paths, in the order of their paths.
///
/// Symbolic links are not followed, but those that were asked for by name: what they point to is either below the same
/// paths, or was not asked for. So no loop of links can catch the walk.
pub struct Files {
    walk: Option<Walk>,
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Files").finish_non_exhaustive()
    }
}

/// Whether files are left out that `.gitignore` and its like name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignoring {
    /// They are.
    AsGitDoes,
    /// Every file is searched.
    Nothing,
}

impl Files {
    /// The files below these paths. A path below another of them is not walked twice.
    ///
    /// # Errors
    /// When a path does not exist.
    pub fn below(paths: &[PathBuf], ignoring: Ignoring) -> Result<Self, ScanError> {
        for path in paths {
            if let Err(source) = std::fs::metadata(path) {
                let path = path.clone();
                return Err(match source.kind() {
                    io::ErrorKind::NotFound => ScanError::Missing { path },
                    _ => ScanError::Unreadable { path, source },
                });
            }
        }
        let roots = outermost(paths);
        let Some((first, rest)) = roots.split_first() else { return Ok(Self { walk: None }) };
        let mut builder = WalkBuilder::new(first);
        for root in rest {
            builder.add(root);
        }
        let honour = ignoring == Ignoring::AsGitDoes;
        builder
            .standard_filters(false)
            .parents(honour)
            .git_ignore(honour)
            .git_exclude(honour)
            .require_git(false)
            .follow_links(false)
            .sort_by_file_name(Ord::cmp)
            .filter_entry(|entry| !is_git_folder(entry));
        if honour {
            builder.add_custom_ignore_filename(IGNORE_FILE);
        }
        Ok(Self { walk: Some(builder.build()) })
    }
}

impl Source for Files {
    type Item = Work;

    fn next_batch(&mut self, batch: &mut Vec<Work>) {
        let Some(walk) = &mut self.walk else { return };
        while batch.len() < BATCH {
            match walk.next() {
                None => {
                    self.walk = None;
                    return;
                }
                Some(Ok(entry)) if is_wanted(&entry) => batch.push(Work::File(entry.into_path())),
                Some(Ok(_)) => {}
                Some(Err(error)) => batch.push(Work::Notice(notice(&error))),
            }
        }
    }
}

/// Regular files; and whatever was asked for by name, pipes too.
fn is_wanted(entry: &DirEntry) -> bool {
    entry
        .file_type()
        .is_some_and(|kind| kind.is_file() || (entry.depth() == 0 && !kind.is_dir() && !entry.path().is_dir()))
}

/// Git's own store: compressed objects, which `--git` reads.
fn is_git_folder(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name() == ".git" && entry.file_type().is_some_and(|kind| kind.is_dir())
}

/// The paths that lie below no other, in order. They are compared as they really are, and kept as they were written.
fn outermost(paths: &[PathBuf]) -> Vec<PathBuf> {
    let real = |path: &PathBuf| std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
    let mut paths: Vec<(PathBuf, PathBuf)> = paths.iter().map(|path| (real(path), path.clone())).collect();
    paths.sort_by_cached_key(|(real, written)| (real.clone(), written.as_os_str().len(), written.clone()));
    let mut kept: Vec<(PathBuf, PathBuf)> = Vec::new();
    for (real, written) in paths {
        if !kept.iter().any(|(outer, _)| real.starts_with(outer)) {
            kept.push((real, written));
        }
    }
    let mut kept: Vec<PathBuf> = kept.into_iter().map(|(_, written)| written).collect();
    kept.sort();
    kept
}

fn notice(error: &ignore::Error) -> Notice {
    let path = path_of(error).map_or_else(|| "a folder".into(), |path| shown(&path));
    let source = match error.io_error() {
        Some(error) => io::Error::new(error.kind(), error.to_string()),
        None => io::Error::other(error.to_string()),
    };
    Notice { path, trouble: Trouble::Unreadable(source) }
}

fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child.clone()),
        ignore::Error::Partial(errors) => errors.iter().find_map(path_of),
        _ => None,
    }
}
