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
            Self::TooLarge { .. } => false,
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.trouble {
            Trouble::Unreadable(error) => write!(f, "{}: cannot be read: {error}", self.path),
            Trouble::Damaged(error) => write!(f, "{}: the repository is damaged: {error}", self.path),
            Trouble::TooLarge { size } => write!(f, "{}: not searched: {size} bytes are too many", self.path),
        }
    }
}
