//! Paths to files.

use super::IngestError;
use crate::folder;
use std::path::{Path, PathBuf};

/// How files with records are named, before `.gz` or `.zst`.
const ENDINGS: [&str; 4] = ["json", "jsonl", "ndjson", "log"];

/// The files that the paths name: files themselves whatever their name, and in folders those named like logs. Sorted, each
/// once. Hidden files are passed over, and others in folders with a word in the log.
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

/// What came into folders since, without a word on the rest. Compressed files are what was written and read before, or not
/// written to their end yet.
pub(super) fn find_more(paths: &[PathBuf]) -> impl Iterator<Item = PathBuf> {
    let files = paths.iter().filter(|path| path.is_dir()).flat_map(|path| folder::files(path)).flatten();
    files.filter(|file| is_named_like_a_log(file) && !is_compressed(file))
}

fn walk(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), IngestError> {
    for file in folder::files(path) {
        let file = file.map_err(|error| IngestError::Unreadable {
            path: error.path().unwrap_or(path).to_owned(),
            source: error.into(),
        })?;
        if is_named_like_a_log(&file) {
            files.push(file);
        } else {
            tracing::info!(path = %file.display(), "passed over: not named like a log ({})", ENDINGS.join(", "));
        }
    }
    Ok(())
}

fn is_named_like_a_log(path: &Path) -> bool {
    let bare = if is_compressed(path) { path.with_extension("") } else { path.to_owned() };
    ending(&bare).is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

fn is_compressed(path: &Path) -> bool {
    matches!(ending(path).as_deref(), Some("gz" | "zst"))
}

fn ending(path: &Path) -> Option<String> {
    path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_logs_and_not_its_licence() {
        for (name, is_log) in [
            ("signins.ndjson", true),
            ("PT1H.json", true),
            ("audit.JSONL.gz", true),
            ("old.log.zst", true),
            ("LICENSE", false),
            ("SOURCE.md", false),
            ("archive.tar.gz", false),
        ] {
            assert_eq!(is_named_like_a_log(Path::new(name)), is_log, "{name}");
        }
    }
}
