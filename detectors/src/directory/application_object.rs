//! An application object, or what stands for a managed identity in its place: knows its client id, and passes changes of
//! the object on to it, and the trusts that they bring to the repositories that are trusted.

use super::waiting::WaitingRoom;
use crate::event::{AppId, Body, DirectoryChange, Event, Id};
use crate::observation::{EntityKey, Observation, Role};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An application object.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ApplicationObject {
    app: Option<AppId>,
    waiting: WaitingRoom,
}

impl ApplicationObject {
    pub(super) fn fold(&mut self, observation: &Observation) -> Vec<Observation> {
        let told = match &observation.event.body {
            Body::InventoryApplication(entry) => Some(&entry.app),
            Body::InventoryServicePrincipal(entry) => entry.app.as_ref(),
            Body::DirectoryChange(change) => change.application.as_ref(),
            _ => None,
        };
        if let Some(app) = told {
            self.app = Some(app.clone());
        }
        if observation.role == Role::Target {
            self.waiting.admit(observation);
        }
        let Some(app) = self.app.clone() else { return Vec::new() };
        let to_application = |observation: &Observation| Observation {
            entity: EntityKey::application(&app),
            id: app.0.clone(),
            ..observation.clone()
        };
        let released = self.waiting.release(observation);
        let to_repositories = released.iter().flat_map(|change| to_repositories(change, &app));
        to_repositories.chain(released.iter().map(to_application)).collect()
    }

    pub(super) fn memory(&self) -> usize {
        self.waiting.memory()
    }
}

/// Tells the repositories that a change makes an application trust whose application it is, which the record left out.
fn to_repositories(observation: &Observation, app: &AppId) -> Vec<Observation> {
    let Body::DirectoryChange(change) = &observation.event.body else { return Vec::new() };
    let body = DirectoryChange { application: Some(app.clone()), ..DirectoryChange::clone(change) };
    let body = Body::DirectoryChange(Box::new(body));
    let event = Arc::new(Event { body, ..Event::clone(&observation.event) });
    let to = |name: CompactString| Observation {
        entity: EntityKey::own_repository(&name),
        id: Id::Text(name),
        role: Role::Subject,
        event: Arc::clone(&event),
        ..observation.clone()
    };
    change.repository_names().map(to).collect()
}
