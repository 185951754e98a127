//! What is known of a tenant as a whole: which values are usual among its principals.
//!
//! A principal tells its tenant, once, of each value that has become usual for it ([`Summary`]). The tenant counts
//! principals, and when a day has ended publishes what several of them share ([`Snapshot`]). A principal is judged beside
//! the snapshot that stands at its place in the log ([`Peers`]), so a replay sees what the run saw.

mod doubts;
mod snapshot;
mod summary;

pub(crate) use doubts::DoubtsByDay;
pub use doubts::{Doubt, DoubtKind, Doubts};
pub use snapshot::{Peers, SharedValue, Snapshot};
pub use summary::{ANY_TRUST, Adopted, Summary};
