//! What a principal tells its tenant.

use super::Doubt;
use crate::event::{Body, Day, Event, EventId, EventTime, Id, NAMESPACE};
use crate::observation::{EntityKey, Observation, Role};
use crate::profile::Property;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// The value of [`Property::Trust`] that stands for all: that an application has federated credentials.
pub const ANY_TRUST: u32 = 0;

/// A value that has become usual for one principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// Of what.
    pub property: Property,
    /// The value.
    pub value: u32,
    /// The day on which it became usual.
    pub day: Day,
}

/// What a principal tells of itself: values that have become usual for it, and doubtful findings. Each is told once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Whether the principal tells of itself for the first time.
    pub newcomer: bool,
    /// The values.
    pub adopted: Vec<Adopted>,
    /// What it did that is doubtful.
    pub doubts: Vec<Doubt>,
}

impl Summary {
    /// Addresses the summary to the tenant of the observation that led to it.
    pub(crate) fn addressed(self, from: &Observation, time: EventTime) -> Observation {
        let mut name = from.event.id.key().as_bytes().to_vec();
        name.extend_from_slice(from.role.name().as_bytes());
        name.extend_from_slice(&from.entity.to_bytes());
        name.extend_from_slice(b"summary");
        let event = Event {
            id: EventId(Id::Guid(Uuid::new_v5(&NAMESPACE, &name))),
            tenant: from.tenant.clone(),
            time,
            body: Body::Summary(Box::new(self)),
            signals: Vec::new(),
        };
        Observation {
            entity: EntityKey::tenant(&from.tenant),
            id: from.tenant.0.clone(),
            tenant: from.tenant.clone(),
            role: Role::Subject,
            ingested: from.ingested,
            event: Arc::new(event),
        }
    }
}
