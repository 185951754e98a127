//! Paths to files.

use super::IngestError;
use std::path::{Path, PathBuf};

/// The files that the paths name: files themselves, folders with all that is in them. Sorted, each once. Hidden files in
/// folders are passed over.
///
/// # Errors
/// When a path does not exist or a folder can't be listed.
pub fn find_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, IngestError> {
    let mut files = Vec::new();
    for path in paths {
        let metadata = std::fs::metadata(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => IngestError::Missing { path: path.clone() },
            _ => IngestError::Unreadable { path: path.clone(), source },
        })?;
        if metadata.is_dir() {
            walk(path, &mut files)?;
        } else {
            files.push(path.clone());
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), IngestError> {
    let visible = |entry: &walkdir::DirEntry| entry.depth() == 0 || !is_hidden(entry);
    for entry in walkdir::WalkDir::new(folder).follow_links(true).into_iter().filter_entry(visible) {
        let entry = entry.map_err(|error| IngestError::Unreadable {
            path: error.path().unwrap_or(folder).to_owned(),
            source: error.into(),
        })?;
        if entry.file_type().is_file() {
            files.push(entry.into_path());
        }
    }
    Ok(())
}

fn is_hidden(entry: &walkdir::DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}
