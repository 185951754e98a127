//! What could not be scanned, and why.

use std::fmt;
use std::io;
use std::sync::Arc;

/// Something that was not scanned, or not wholly.
#[derive(Debug)]
pub struct Notice {
    /// What.
    pub path: Arc<str>,
    /// Why.
    pub trouble: Trouble,
}

/// Why something was not scanned.
#[derive(Debug)]
#[non_exhaustive]
pub enum Trouble {
    /// The system refused.
    Unreadable(io::Error),
    /// An object of a repository is missing or broken.
    Damaged(Box<gix::Error>),
    /// An archive is broken, locked, or larger than it may be.
    Archive(io::Error),
    /// It holds more findings than are kept of one document.
    TooManyFindings,
    /// It must be held in memory, and is too large for that.
    TooLarge {
        /// Its size in bytes.
        size: u64,
    },
}

impl Trouble {
    /// Whether something that should be readable is not; the other reasons lie in what was read.
    pub fn is_failure(&self) -> bool {
        match self {
            Self::Unreadable(_) | Self::Damaged(_) => true,
            Self::Archive(_) | Self::TooManyFindings | Self::TooLarge { .. } => false,
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names of members are anybody's: a terminal must not obey them.
        let path: String =
            self.path.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect();
        match &self.trouble {
            Trouble::Unreadable(error) => write!(f, "{path}: cannot be read: {error}"),
            Trouble::Damaged(error) => write!(f, "{path}: the repository is damaged: {error}"),
            Trouble::Archive(error) => write!(f, "{path}: the archive was not searched wholly: {error}"),
            Trouble::TooManyFindings => write!(f, "{path}: too much was found in it; the rest was not searched"),
            Trouble::TooLarge { size } => write!(f, "{path}: not searched: {size} bytes or more are too many"),
        }
    }
}
