//! What stops a scan.

use std::io;
use std::path::PathBuf;

/// Why a scan could not begin or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError {
    /// A path that was asked for is not there.
    #[error("{} does not exist", .path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// A file that was asked for can't be read.
    #[error("cannot read {}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file can't be written.
    #[error("cannot write {}", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The baseline is none.
    #[error("{} is no baseline of picket at line {line}: write one with --write-baseline", .path.display())]
    BadBaseline {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
    },
    /// The baseline was written with another fingerprint key.
    #[error(
        "the baseline {} was written with another fingerprint key, so nothing in it can be recognised: use that key, or write it anew",
        .path.display()
    )]
    ForeignBaseline {
        /// The file.
        path: PathBuf,
    },
    /// An inventory holds no application.
    #[error("{} holds no application and no service principal: export them from Graph as JSON", .path.display())]
    NoInventory {
        /// The file.
        path: PathBuf,
    },
    /// There is no repository.
    #[error("{} is no git repository", .path.display())]
    NoRepository {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: Box<gix::Error>,
    },
    /// A repository lacks objects, or they are broken.
    #[error("the repository {} is damaged or cut off", .path.display())]
    DamagedRepository {
        /// The repository.
        path: PathBuf,
        /// What is missing.
        source: Box<gix::Error>,
    },
    /// A bundle holds an object that memory is not meant for.
    #[error("the bundle {} holds an object of more than {limit} bytes: clone it, and scan the clone", .path.display())]
    LargeObject {
        /// The bundle.
        path: PathBuf,
        /// The largest object that is unpacked.
        limit: usize,
    },
    /// A revision names no commit.
    #[error("{} has no commit `{revision}`", .path.display())]
    UnknownRevision {
        /// The repository.
        path: PathBuf,
        /// The revision.
        revision: String,
    },
    /// Verification was asked for, and nobody may be asked.
    #[error(
        "--verify asks nobody until you say who may be asked: --verify-host login.microsoftonline.com, or verify.hosts in the configuration"
    )]
    NobodyToAsk,
    /// The address to ask at is none that may be asked.
    #[error("{endpoint} may not be asked: its host is not among those of --verify-host and verify.hosts")]
    MayNotAsk {
        /// The address.
        endpoint: String,
    },
    /// Verification was asked for without a place for its account.
    #[error(
        "--verify accounts for every request: name a file by --verify-audit, or verify.audit_file in the configuration"
    )]
    NoAccount,
    /// Findings can't be written out.
    #[error("cannot write the findings")]
    Output(#[source] io::Error),
    /// A thread can't be started.
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
    /// A thread panicked.
    #[error("a thread of the scan panicked; what it was reading is not known to be clean")]
    Panicked,
}

impl ScanError {
    /// Whether other flags or files would help, rather than another machine.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Missing { .. }
            | Self::BadBaseline { .. }
            | Self::ForeignBaseline { .. }
            | Self::NoInventory { .. }
            | Self::NoRepository { .. }
            | Self::UnknownRevision { .. }
            | Self::NobodyToAsk
            | Self::MayNotAsk { .. }
            | Self::NoAccount => true,
            Self::Unreadable { .. }
            | Self::DamagedRepository { .. }
            | Self::LargeObject { .. }
            | Self::Unwritable { .. }
            | Self::Output(_)
            | Self::Thread(_)
            | Self::Panicked => false,
        }
    }
}
