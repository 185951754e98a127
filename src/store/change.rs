//! What a batch changes in the store.

use picket_detectors::event::{EventTime, Id, TenantId};
use picket_detectors::observation::EntityKey;
use picket_detectors::state::SectionChange;
use serde::{Deserialize, Serialize};

/// An entity's ids as logs write them, kept where only its key is at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The entity's own id.
    pub id: Id,
    /// Its tenant.
    pub tenant: TenantId,
}

/// The sections of one entity that a batch changed.
#[derive(Debug, Clone, PartialEq)]
pub struct StateChange {
    /// Whose.
    pub entity: EntityKey,
    /// Which sections, each at most once.
    pub sections: Vec<SectionChange>,
}

/// An entity wants its next tick at another time than before.
#[derive(Debug, Clone, PartialEq)]
pub struct DueChange {
    /// Who.
    pub entity: EntityKey,
    /// Its ids as logs write them.
    pub address: Address,
    /// The time that stands in the index.
    pub before: Option<EventTime>,
    /// The time that shall stand there.
    pub after: Option<EventTime>,
}
