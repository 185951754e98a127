//! A name of repositories: knows whose application it is, and passes on to it what was leaked there and what is done there.

use super::waiting::WaitingRoom;
use crate::event::{AppId, Body, Id};
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
    /// All that an organisation holds may be trusted by many.
    const OF_ALL: usize = 256;

    pub(super) fn fold(&mut self, observation: &Observation) -> Vec<Observation> {
        match &observation.event.body {
            Body::InventoryApplication(entry) => self.join(&entry.app, &observation.id),
            Body::DirectoryChange(change) => {
                if let Some(app) = &change.application {
                    self.join(app, &observation.id);
                }
            }
            // What is done where nobody trusts it concerns nobody; it does not wait for somebody who will.
            Body::RepositoryAct(_) => return self.tell(observation),
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

    /// Tells all that trust the repository of an act in it; one that has only its name, if nobody else has.
    fn tell(&self, act: &Observation) -> Vec<Observation> {
        if !is_full(&act.id) && self.apps.len() > 1 {
            return Vec::new();
        }
        let to_it = |app: &AppId| Observation {
            entity: EntityKey::application(app),
            id: app.0.clone(),
            role: Role::Subject,
            ..act.clone()
        };
        self.apps.iter().map(to_it).collect()
    }

    fn join(&mut self, app: &AppId, name: &Id) {
        let capacity = if is_of_all(name) { Self::OF_ALL } else { Self::CAPACITY };
        if !self.apps.contains(app) && self.apps.len() < capacity {
            self.apps.push(app.clone());
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.apps.len() * size_of::<AppId>() + self.waiting.memory()
    }
}

/// Whether a name has its owner with it, as trusts have it.
fn is_full(name: &Id) -> bool {
    matches!(name, Id::Text(name) if name.contains('/'))
}

/// Whether a name stands for all that an owner holds, or for any of it.
fn is_of_all(name: &Id) -> bool {
    matches!(name, Id::Text(name) if name.ends_with('*'))
}
