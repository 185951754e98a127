//! The embedded store: state of entities, what is due, outputs on their way out, the inbox, positions and cursors.
//!
//! One [`StoreBatch`] is one atom: it is either wholly there after a crash or not at all. The store knows nothing of how
//! its values came to be. In Kafka mode it is a cache of the changelog topic; embedded it is the truth itself.

mod batch;
mod change;
mod error;
mod inbox;
mod keys;
mod mark;
mod mirror;
mod open;
mod outbox;
mod read;

pub use batch::StoreBatch;
pub use change::{Address, DueChange, StateChange};
pub use error::StoreError;
pub use inbox::InboxEntry;
pub use open::{Durability, Store, StoreOptions};
pub use outbox::{OutboxEntry, OutputKind};
pub use read::{Due, ReadError, StateReader};
