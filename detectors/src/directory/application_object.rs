//! An application object: knows its client id, and passes changes of the object on to it.

use super::waiting::WaitingRoom;
use crate::event::{AppId, Body};
use crate::observation::{EntityKey, Observation, Role};
use serde::{Deserialize, Serialize};

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
        let to_application = |observation: Observation| Observation {
            entity: EntityKey::application(&app),
            id: app.0.clone(),
            ..observation
        };
        self.waiting.release(observation).into_iter().map(to_application).collect()
    }

    pub(super) fn memory(&self) -> usize {
        self.waiting.memory()
    }
}
