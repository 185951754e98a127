//! What can go wrong while publishing.

use crate::store::StoreError;
use std::path::PathBuf;

/// Why outputs can't be published. They stay in the store's outbox until they can.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The output folder is not one.
    #[error("the output folder {} can't be used: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The output folder holds another store's outputs.
    #[error(
        "the output folder {} holds the outputs of another run: choose another folder, or move its files away (with .picket-run)",
        path.display()
    )]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// An output file can't be written.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Standard output can't be written.
    #[error("cannot write to standard output: {source}")]
    Stdout {
        /// Why not.
        source: std::io::Error,
    },
    /// The outbox or the cursor can't be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}
