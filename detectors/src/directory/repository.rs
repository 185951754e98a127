//! A repository: what was leaked in it while it was closed is leaked anew, to everybody, when it is opened.

use super::waiting::WaitingRoom;
use crate::event::{AlertState, Body, CodeFinding, Event, EventId, Exposure, Id, NAMESPACE};
use crate::observation::{EntityKey, Observation};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// A repository.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Repository {
    /// Leaks of which only members know.
    waiting: WaitingRoom,
}

impl Repository {
    pub(super) fn fold(&mut self, observation: &Observation) -> Vec<Observation> {
        match &observation.event.body {
            Body::RepositoryOpened(_) => {
                let told = self.waiting.release(observation).into_iter();
                told.flat_map(|leak| tell_anew(&leak, &observation.event)).collect()
            }
            Body::CodeFinding(leak) if leak.exposure != Exposure::Public && leak.state == AlertState::Open => {
                self.waiting.admit(observation);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.waiting.memory()
    }
}

/// The leak as it stands since the repository was opened, to whom it was told before.
fn tell_anew(leak: &Observation, opened: &Event) -> Vec<Observation> {
    let Body::CodeFinding(before) = &leak.event.body else { return Vec::new() };
    let found = CodeFinding { exposure: Exposure::Public, exposed_at: Some(opened.time), ..CodeFinding::clone(before) };
    let id = [leak.event.id.key(), opened.id.key()].map(|id| *id.as_bytes()).concat();
    let to: Vec<(EntityKey, Id)> = found.addressees().collect();
    let event = Arc::new(Event {
        id: EventId(Id::Guid(Uuid::new_v5(&NAMESPACE, &id))),
        time: opened.time,
        body: Body::CodeFinding(Box::new(found)),
        ..Event::clone(&leak.event)
    });
    let tell = |(entity, id)| Observation { entity, id, event: Arc::clone(&event), ..leak.clone() };
    to.into_iter().map(tell).collect()
}
