//! Directory entities: keyed state of what is not a principal, and the only place where ids are joined.
//!
//! An application object knows its client id, a secret's first characters know whose secrets begin so, a client id
//! knows its principals, and a user knows the agents that sign in for it and from where it administers. Each passes on
//! what names only itself, or what it knows of who did it. Sending goes one way (see [`EntityKind`]), what comes too
//! early waits here, and repeats are harmless because principals recognise an event they have seen. A tenant counts what
//! its principals share, and its snapshots have copies of their own. What several principals fall to tells of it as one
//! incident.

mod address_block;
mod administrator;
mod application;
mod application_object;
mod incident;
mod own_repository;
mod repository;
mod secret_hint;
mod tenant;
mod user;
mod waiting;

use crate::engine::Verdict;
use crate::event::{Body, EventTime};
use crate::observation::{EntityKind, Observation};
use crate::profile::codec;
use crate::state::{Section, SectionChange, StateError};
use crate::tenant::Peers;
use address_block::AddressBlock;
use application::Application;
use application_object::ApplicationObject;
use incident::Shared;
use own_repository::OwnRepository;
use repository::Repository;
use secret_hint::SecretHint;
use serde::{Deserialize, Serialize};
use tenant::Tenant;
use user::User;

/// What is known of an application, an application object, a secret's first characters, a user, a tenant or an incident.
#[derive(Debug, Default)]
pub struct DirectoryEntity {
    known: Known,
    changed: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Known {
    applied: Option<(i32, i64)>,
    entity: Entity,
}

#[derive(Debug, Default, Serialize, Deserialize)]
enum Entity {
    #[default]
    Unknown,
    ApplicationObject(ApplicationObject),
    SecretHint(SecretHint),
    Application(Application),
    User(User),
    Tenant(Tenant),
    Snapshot(Peers),
    Repository(Repository),
    OwnRepository(OwnRepository),
    Incident(Shared),
    AddressBlock(AddressBlock),
}

impl DirectoryEntity {
    /// Takes an observation in and gives what it passes on.
    pub(crate) fn fold(&mut self, observation: &Observation) -> Verdict {
        self.changed = true;
        if matches!(self.known.entity, Entity::Unknown) {
            self.known.entity = match observation.entity.kind {
                EntityKind::ApplicationObject => Entity::ApplicationObject(ApplicationObject::default()),
                EntityKind::Repository => Entity::Repository(Repository::default()),
                EntityKind::OwnRepository => Entity::OwnRepository(OwnRepository::default()),
                EntityKind::SecretHint => Entity::SecretHint(SecretHint::default()),
                EntityKind::Application => Entity::Application(Application::default()),
                EntityKind::User => Entity::User(User::default()),
                EntityKind::Tenant => Entity::Tenant(Tenant::default()),
                EntityKind::Snapshot => Entity::Snapshot(Peers::default()),
                EntityKind::Incident => Entity::Incident(Shared::default()),
                EntityKind::AddressBlock => Entity::AddressBlock(AddressBlock::default()),
                EntityKind::Principal => Entity::Unknown,
            };
        }
        let derived = match &mut self.known.entity {
            Entity::Unknown => Vec::new(),
            Entity::ApplicationObject(object) => object.fold(observation),
            Entity::Repository(repository) => repository.fold(observation),
            Entity::OwnRepository(name) => name.fold(observation),
            Entity::SecretHint(hint) => hint.fold(observation),
            Entity::Application(application) => application.fold(observation),
            Entity::User(user) => user.fold(observation),
            Entity::AddressBlock(block) => block.fold(observation),
            Entity::Tenant(tenant) => tenant.fold(observation),
            Entity::Incident(shared) => {
                return Verdict { incident: shared.fold(observation), ..Verdict::default() };
            }
            Entity::Snapshot(peers) => {
                if let Body::Snapshot(snapshot) = &observation.event.body {
                    peers.take(snapshot);
                }
                Vec::new()
            }
        };
        Verdict { derived, ..Verdict::default() }
    }

    pub(crate) fn due(&self) -> Option<EventTime> {
        match &self.known.entity {
            Entity::Tenant(tenant) => tenant.due(),
            _ => None,
        }
    }

    pub(crate) fn peers(&self) -> Option<&Peers> {
        match &self.known.entity {
            Entity::Snapshot(peers) => Some(peers),
            _ => None,
        }
    }

    pub(crate) fn load<E: From<StateError>>(
        mut read: impl FnMut(Section) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Self, E> {
        match read(Section::Head)? {
            Some(bytes) => Ok(Self { known: codec::decode(Section::Head, &bytes)?, changed: false }),
            None => Ok(Self::default()),
        }
    }

    pub(crate) fn take_changes(&mut self) -> Vec<SectionChange> {
        if std::mem::take(&mut self.changed) {
            vec![(Section::Head, Some(codec::encode(&self.known)))]
        } else {
            Vec::new()
        }
    }

    pub(crate) fn applied(&self) -> Option<(i32, i64)> {
        self.known.applied
    }

    pub(crate) fn set_applied(&mut self, partition: i32, offset: i64) {
        self.known.applied = Some((partition, offset));
        self.changed = true;
    }

    pub(crate) fn memory(&self) -> usize {
        size_of::<Self>()
            + match &self.known.entity {
                Entity::Unknown => 0,
                Entity::ApplicationObject(object) => object.memory(),
                Entity::OwnRepository(name) => name.memory(),
                Entity::Repository(repository) => repository.memory(),
                Entity::SecretHint(hint) => hint.memory(),
                Entity::Application(application) => application.memory(),
                Entity::User(user) => user.memory(),
                Entity::Tenant(tenant) => tenant.memory(),
                Entity::Snapshot(peers) => peers.memory(),
                Entity::Incident(shared) => shared.memory(),
                Entity::AddressBlock(block) => block.memory(),
            }
    }
}
