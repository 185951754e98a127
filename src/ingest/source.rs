//! What every source can do.

use super::{BatchBuilder, IngestError};

/// What filling a piece of a batch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    /// The piece is full; there may be more.
    Full,
    /// There is nothing more for now.
    Idle,
    /// There will never be more.
    Ended,
}

/// Where values come from.
pub trait Source: Send {
    /// Adds what is there to the batch without waiting for more.
    ///
    /// # Errors
    /// When the source can't be read; the program stops.
    fn fill(&mut self, batch: &mut BatchBuilder) -> Result<Filled, IngestError>;

    /// Whether what it already holds is still judged after the order to stop.
    fn drains(&self) -> bool {
        false
    }
}
