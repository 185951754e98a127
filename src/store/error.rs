//! What can go wrong with the store.

use std::path::PathBuf;

/// Why the store can't be used. None of these is answered by starting over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The folder can't be made or read.
    #[error("cannot use the data folder {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Another process has it open.
    #[error("the store in {} is in use by another process: stop that one, or give this one another data folder", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// Written by a newer Picket.
    #[error("the store in {} has format {found}, this program reads up to {known}: run the newer Picket", path.display())]
    Newer {
        /// The folder.
        path: PathBuf,
        /// The format it has.
        found: u32,
        /// The newest format this program reads.
        known: u32,
    },
    /// It can't be opened, and not for want of rights.
    #[error("the store in {} is corrupt ({detail}): restore it from a copy, or move it away and start anew", path.display())]
    Corrupt {
        /// The folder.
        path: PathBuf,
        /// What the storage engine says.
        detail: String,
    },
    /// It opens, but commits that were made are not in it.
    #[error(
        "the store in {} has lost commits (it holds {found}, {marked} were made): restore it from a copy, or move it away and start anew",
        path.display()
    )]
    LostCommits {
        /// The folder.
        path: PathBuf,
        /// The number of the last commit in it.
        found: u64,
        /// The number of the last commit that was acknowledged.
        marked: u64,
    },
    /// A stored value is not what was written.
    #[error(
        "the value of {keyspace} in the store is corrupt: restore the store from a copy, or move it away and start anew"
    )]
    BadValue {
        /// Which keyspace.
        keyspace: &'static str,
    },
    /// Reading or writing failed: disk full, device gone, data damaged.
    #[error("the store failed to {verb}: {source}")]
    Engine {
        /// `read`, `write` or `sync`.
        verb: &'static str,
        /// What the storage engine says.
        source: fjall::Error,
    },
}

impl StoreError {
    pub(crate) fn read(source: fjall::Error) -> Self {
        Self::Engine { verb: "read", source }
    }
}
