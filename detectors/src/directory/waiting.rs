//! Events that wait in a directory entity until it knows whom they are for.

use crate::event::{Event, EventTime};
use crate::observation::{Observation, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One waiting event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Waiting {
    event: Arc<Event>,
    role: Role,
    ingested: EventTime,
}

/// A bounded waiting room; the oldest leaves first.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct WaitingRoom {
    waiting: Vec<Waiting>,
}

impl WaitingRoom {
    const CAPACITY: usize = 16;
    /// What nobody claims in 90 days is forgotten.
    const AGE: i64 = 90 * EventTime::DAY;

    /// Lets an observation wait, once.
    pub(super) fn admit(&mut self, observation: &Observation) {
        let ingested = observation.ingested;
        self.waiting.retain(|waiting| ingested.since(waiting.ingested) < Self::AGE);
        if self
            .waiting
            .iter()
            .any(|waiting| waiting.event.id == observation.event.id && waiting.role == observation.role)
        {
            return;
        }
        if self.waiting.len() >= Self::CAPACITY {
            self.waiting.remove(0);
        }
        self.waiting.push(Waiting { event: Arc::clone(&observation.event), role: observation.role.clone(), ingested });
    }

    /// The waiting, each as it would be addressed again by the same observation.
    pub(super) fn release(&mut self, by: &Observation) -> Vec<Observation> {
        std::mem::take(&mut self.waiting)
            .into_iter()
            .map(|waiting| Observation {
                event: waiting.event,
                role: waiting.role,
                ingested: waiting.ingested,
                ..by.clone()
            })
            .collect()
    }

    pub(super) fn memory(&self) -> usize {
        self.waiting.len() * 1_024
    }
}
