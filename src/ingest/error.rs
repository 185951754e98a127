//! What can go wrong while reading input.

use crate::store::StoreError;
use std::path::PathBuf;

/// Why input can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// The path names nothing.
    #[error("{} does not exist", path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// The path can't be opened or listed.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Reading stopped in the middle.
    #[error("cannot read on in {} after byte {offset}: {source}", path.display())]
    Broken {
        /// The path.
        path: PathBuf,
        /// How far it went, in decompressed bytes.
        offset: u64,
        /// Why not.
        source: std::io::Error,
    },
    /// The inbox or the positions in the store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}
