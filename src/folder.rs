//! The files of a folder that an operator names.
//!
//! Links are followed and hidden entries passed over, so that a folder that a cluster mounts, where every file is a link
//! into a hidden folder, gives each file once.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Which file it is, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileId {
    device: u64,
    number: u64,
}

impl FileId {
    /// Of an open file.
    ///
    /// # Errors
    /// When the system can't tell.
    pub fn of(file: &File) -> io::Result<Self> {
        Ok(Self::from(&file.metadata()?))
    }

    /// Whether it is the one that stands at `path`, and still has so many bytes.
    pub fn stands_at(self, path: &Path, length: u64) -> bool {
        std::fs::metadata(path).is_ok_and(|found| Self::from(&found) == self && found.len() >= length)
    }
}

impl From<&Metadata> for FileId {
    fn from(found: &Metadata) -> Self {
        Self { device: found.dev(), number: found.ino() }
    }
}

/// Every file below a path, by name; the path may itself be a file, whatever it is called. What can't be reached, such as
/// the end of a link that leads nowhere, is an error of its own.
pub fn files(path: &Path) -> impl Iterator<Item = Result<PathBuf, walkdir::Error>> + use<> {
    let visible = |entry: &walkdir::DirEntry| entry.depth() == 0 || !is_hidden(entry);
    let entries = walkdir::WalkDir::new(path).follow_links(true).sort_by_file_name().into_iter().filter_entry(visible);
    entries.filter_map(|entry| match entry {
        Ok(entry) => entry.file_type().is_file().then(|| Ok(entry.into_path())),
        Err(error) => Some(Err(error)),
    })
}

fn is_hidden(entry: &walkdir::DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn names(path: &Path) -> Vec<String> {
        let name = |file: Result<PathBuf, walkdir::Error>| match file {
            Ok(file) => file.strip_prefix(path).expect("below").display().to_string(),
            Err(error) => format!("unreachable {}", error.path().and_then(Path::file_name).expect("a name").display()),
        };
        files(path).map(name).collect()
    }

    #[test]
    fn links_are_followed_and_hidden_entries_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("..2026_05_04")).expect("a folder");
        std::fs::write(at("..2026_05_04/mounted"), "").expect("writes");
        symlink("..2026_05_04", at("..data")).expect("links");
        symlink("..data/mounted", at("mounted")).expect("links");
        std::fs::write(at("plain"), "").expect("writes");
        assert_eq!(names(folder.path()), ["mounted", "plain"]);
        symlink("nowhere", at("lost")).expect("links");
        symlink(".", at("round")).expect("links");
        assert_eq!(names(folder.path()), ["unreachable lost", "mounted", "plain", "unreachable round"]);
        let single: Vec<PathBuf> = files(&at("..data/mounted")).filter_map(Result::ok).collect();
        assert_eq!(single, [at("..data/mounted")], "what is named is read, whatever it is called");
    }
}
