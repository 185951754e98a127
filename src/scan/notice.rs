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
}

impl Trouble {
    /// Whether the scan is incomplete for reasons of this machine, not of the content.
    pub fn is_of_the_machine(&self) -> bool {
        match self {
            Self::Unreadable(_) => true,
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.trouble {
            Trouble::Unreadable(error) => write!(f, "{}: cannot be read: {error}", self.path),
        }
    }
}
