//! A name of repositories: knows whose application it is, and passes on what was leaked there to it.

use super::waiting::WaitingRoom;
use crate::event::{AppId, Body};
use crate::observation::{Confidence, EntityKey, Observation, Role};
use serde::{Deserialize, Serialize};

/// A repository's name, or its `owner/name`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct OwnRepository {
    apps: Vec<AppId>,
    waiting: WaitingRoom,
}

impl OwnRepository {
    /// A name that so many applications share is nobody's.
    const CAPACITY: usize = 8;

    pub(super) fn fold(&mut self, observation: &Observation) -> Vec<Observation> {
        match &observation.event.body {
            Body::InventoryApplication(entry) => self.join(&entry.app),
            Body::CodeFinding(_) => self.waiting.admit(observation),
            _ => {}
        }
        let [app] = self.apps.as_slice() else { return Vec::new() };
        self.waiting.pass_on(observation, |leak| {
            let entity = EntityKey::application(app);
            let to_it = Observation { entity, id: app.0.clone(), role: Role::Subject, ..leak.clone() };
            (vec![to_it], Some(Confidence::Attributed))
        })
    }

    fn join(&mut self, app: &AppId) {
        if !self.apps.contains(app) && self.apps.len() < Self::CAPACITY {
            self.apps.push(app.clone());
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.apps.len() * size_of::<AppId>() + self.waiting.memory()
    }
}
