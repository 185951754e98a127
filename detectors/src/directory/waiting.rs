//! Events that wait in a directory entity until it knows whom they are for.

use crate::event::{Event, EventTime};
use crate::observation::{Confidence, Observation, Role};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One waiting event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Waiting {
    event: Arc<Event>,
    role: Role,
    ingested: EventTime,
    /// A leak stays after it was passed on: what is learned later may make it surer. How sure it was then.
    passed: Option<Confidence>,
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
        let (event, role) = (Arc::clone(&observation.event), observation.role.clone());
        self.waiting.push(Waiting { event, role, ingested, passed: None });
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

    /// Passes on what waits: `pass` gives for each what it leads to and, for what stays, how sure it is now. What leads to
    /// nothing waits on.
    pub(super) fn pass_on(
        &mut self,
        by: &Observation,
        mut pass: impl FnMut(&Observation) -> (Vec<Observation>, Option<Confidence>),
    ) -> Vec<Observation> {
        let mut derived = Vec::new();
        self.waiting.retain_mut(|waiting| {
            let (event, role) = (Arc::clone(&waiting.event), waiting.role.clone());
            let (sent, sure) = pass(&Observation { event, role, ingested: waiting.ingested, ..by.clone() });
            let stays = sure.is_some() || sent.is_empty();
            if sure.is_none() || sure > waiting.passed {
                derived.extend(sent);
                waiting.passed = sure;
            }
            stays
        });
        derived
    }

    pub(super) fn memory(&self) -> usize {
        self.waiting.len() * 1_024
    }
}
