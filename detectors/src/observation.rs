//! Observations: events addressed to the entity they are about.

use crate::event::{
    AppId, Body, CodeFinding, Event, EventTime, Id, KeyId, Place, PrincipalId, TenantId, UserRiskGrade,
};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// What sort of entity holds state. The order is the order of folding: what is earlier may send derived observations
/// to what is later, never back, so one pass in this order sees everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EntityKind {
    /// A repository: knows what was leaked in it while it was closed to the public.
    Repository,
    /// An application object id: knows its client id.
    ApplicationObject,
    /// A repository's name: knows whose application goes by it.
    OwnRepository,
    /// The first three characters of client secrets, or a certificate's thumbprint: knows whose credentials have them.
    SecretHint,
    /// A client id: knows its principals and credentials in every tenant.
    Application,
    /// A block of addresses in one tenant: knows which principals were refused from there.
    AddressBlock,
    /// A person, or an agent's user account: knows whether it is at risk, which agents sign in for it, and from where it
    /// changes the directory.
    User,
    /// A workload identity in one tenant.
    Principal,
    /// A tenant: knows what its principals share.
    Tenant,
    /// One partition's copy of what a tenant's principals share.
    Snapshot,
    /// A network or a credential that several principals may fall to: knows who did.
    Incident,
}

impl EntityKind {
    /// All kinds in folding order.
    pub const ALL: [Self; 11] = [
        Self::Repository,
        Self::ApplicationObject,
        Self::OwnRepository,
        Self::SecretHint,
        Self::Application,
        Self::AddressBlock,
        Self::User,
        Self::Principal,
        Self::Tenant,
        Self::Snapshot,
        Self::Incident,
    ];

    /// The byte that stands for it in keys.
    pub const fn tag(self) -> u8 {
        match self {
            Self::ApplicationObject => 1,
            Self::SecretHint => 2,
            Self::Application => 3,
            Self::Principal => 4,
            Self::Tenant => 5,
            Self::Snapshot => 6,
            Self::User => 7,
            Self::Repository => 8,
            Self::OwnRepository => 9,
            Self::Incident => 10,
            Self::AddressBlock => 11,
        }
    }
}

/// The key of one entity's state. What joins ids is not bound to a tenant: its tenant is nil.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntityKey {
    /// What sort of entity.
    pub kind: EntityKind,
    /// The tenant; nil for applications, their objects and hints.
    pub tenant: Uuid,
    /// The entity's own 16 bytes.
    pub id: Uuid,
}

impl EntityKey {
    /// The length of [`EntityKey::to_bytes`].
    pub const LEN: usize = 33;

    /// A workload identity's key.
    pub fn principal(tenant: &TenantId, principal: &crate::event::PrincipalId) -> Self {
        Self { kind: EntityKind::Principal, tenant: tenant.key(), id: principal.key() }
    }

    /// A client id's key.
    pub fn application(app: &AppId) -> Self {
        Self { kind: EntityKind::Application, tenant: Uuid::nil(), id: app.key() }
    }

    /// An application object's key.
    pub fn application_object(object: &crate::event::ObjectId) -> Self {
        Self { kind: EntityKind::ApplicationObject, tenant: Uuid::nil(), id: object.key() }
    }

    /// A person's key.
    pub fn user(tenant: &TenantId, user: &crate::event::ObjectId) -> Self {
        Self { kind: EntityKind::User, tenant: tenant.key(), id: user.key() }
    }

    /// An address block's key.
    pub fn address_block(tenant: &TenantId, prefix: u32) -> Self {
        Self { kind: EntityKind::AddressBlock, tenant: tenant.key(), id: Uuid::from_u128(u128::from(prefix)) }
    }

    /// The key of a secret's first characters, or of a certificate's thumbprint.
    pub fn secret_hint(hint: &str) -> Self {
        Self {
            kind: EntityKind::SecretHint,
            tenant: Uuid::nil(),
            id: Uuid::new_v5(&crate::event::NAMESPACE, hint.as_bytes()),
        }
    }

    /// A repository's key, by its `owner/name`.
    pub fn repository(name: &str) -> Self {
        let name = format!("repository\u{1f}{}", name.to_lowercase());
        let id = Uuid::new_v5(&crate::event::NAMESPACE, name.as_bytes());
        Self { kind: EntityKind::Repository, tenant: Uuid::nil(), id }
    }

    /// The key of a name that repositories go by.
    pub fn own_repository(name: &str) -> Self {
        let name = format!("own repository\u{1f}{name}");
        let id = Uuid::new_v5(&crate::event::NAMESPACE, name.as_bytes());
        Self { kind: EntityKind::OwnRepository, tenant: Uuid::nil(), id }
    }

    /// A tenant's key.
    pub fn tenant(tenant: &TenantId) -> Self {
        Self { kind: EntityKind::Tenant, tenant: tenant.key(), id: Uuid::nil() }
    }

    /// The key of what several principals of a tenant may fall to.
    pub fn incident(tenant: &TenantId, key: &str) -> Self {
        let id = Uuid::new_v5(&crate::event::NAMESPACE, format!("incident\u{1f}{key}").as_bytes());
        Self { kind: EntityKind::Incident, tenant: tenant.key(), id }
    }

    /// The key of the copy of a tenant's snapshot that a partition's principals are judged beside.
    pub fn snapshot(tenant: Uuid, partition: i32) -> Self {
        let id = Uuid::from_u128(u128::from(partition.unsigned_abs()));
        Self { kind: EntityKind::Snapshot, tenant, id }
    }

    /// The partition that a snapshot's copy is for.
    pub fn snapshot_partition(self) -> Option<i32> {
        (self.kind == EntityKind::Snapshot).then(|| i32::try_from(self.id.as_u128()).unwrap_or(i32::MAX))
    }

    /// The key as bytes, in the order stores sort by; also the Kafka message key.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        let (kind, ids) = bytes.split_at_mut(1);
        let (tenant, id) = ids.split_at_mut(16);
        kind.copy_from_slice(&[self.kind.tag()]);
        tenant.copy_from_slice(self.tenant.as_bytes());
        id.copy_from_slice(self.id.as_bytes());
        bytes
    }

    /// The inverse of [`EntityKey::to_bytes`]; `None` for bytes that are no key.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&tag, ids) = bytes.split_first()?;
        let kind = EntityKind::ALL.into_iter().find(|kind| kind.tag() == tag)?;
        if ids.len() != 32 {
            return None;
        }
        let (tenant, id) = ids.split_at(16);
        Some(Self { kind, tenant: Uuid::from_slice(tenant).ok()?, id: Uuid::from_slice(id).ok()? })
    }
}

impl CodeFinding {
    /// The most applications near one leak that it is passed to.
    const APPS: usize = 3;

    /// Whom it is about, where that is nothing in Entra: a storage account, an account of another cloud. Such an owner is
    /// a principal of its own, in no tenant, so that its leaks are told like any other's.
    pub fn foreign_owner(&self) -> Option<(EntityKey, Id, Attribution)> {
        let id = self.owner.as_ref()?.id();
        let principal = PrincipalId(id.clone());
        let attribution = Attribution {
            confidence: Confidence::Attributed,
            app: AppId(id.clone()),
            key: self.key.clone(),
            expires: None,
            removed: None,
        };
        Some((EntityKey::principal(&TenantId::UNKNOWN, &principal), id, attribution))
    }

    /// Whom it is about: the applications named near it, nearest first; without any, the secret's first characters. A
    /// certificate's thumbprint tells in any case.
    pub fn addressees(&self) -> impl Iterator<Item = (EntityKey, Id)> {
        let apps = self.apps.iter().take(Self::APPS).map(|app| (EntityKey::application(app), app.0.clone()));
        let hint = self.hint.iter().filter(|_| self.apps.is_empty());
        let hints = hint.chain(&self.thumbprint).chain(&self.thumbprint_sha256);
        let named = self.repository_names().map(|name| (EntityKey::own_repository(&name), Id::Text(name)));
        apps.chain(hints.map(|hint| (EntityKey::secret_hint(hint), Id::Text(hint.clone())))).chain(named)
    }
}

/// How sure it is that a leaked credential belongs to the entity it is passed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Confidence {
    /// Only the secret's first characters agree; happens by chance.
    Low,
    /// The application is named near the secret, but all its secrets are known, and none begins like this one.
    Unlike,
    /// The application is named near the secret.
    Attributed,
    /// The application is named, or the repository is its own, and one of its credentials begins like the secret; or a
    /// credential has the certificate.
    Matched,
}

/// What a directory entity knows of a leaked credential that it passes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// How sure it is.
    pub confidence: Confidence,
    /// The application it belongs to.
    pub app: AppId,
    /// The credential it is, where the hint singles one out.
    pub key: Option<KeyId>,
    /// End of that credential's validity.
    pub expires: Option<EventTime>,
    /// When that credential was removed.
    pub removed: Option<EventTime>,
}

/// A sign-in of an agent for a user at risk, as the user's entity passes it on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OnBehalf {
    /// How likely the user was taken over, by all that stands.
    pub grade: UserRiskGrade,
    /// When the user's risk was last cleared: what comes after is another story.
    pub cleared: Option<EventTime>,
    /// Where the sign-in came from.
    pub place: Place,
    /// The API it was for.
    pub resource: Option<CompactString>,
}

/// In what part the entity appears in the event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Role {
    /// The event is its own doing (sign-in, API call, command, inventory entry).
    Subject,
    /// It changed the directory.
    Actor,
    /// The directory change was done to it.
    Target,
    /// The application it belongs to was changed.
    OfApplication,
    /// Its credential was found in the open.
    Owner(Box<Attribution>),
    /// It signed in for a user at risk.
    ForUser(Box<OnBehalf>),
    /// It has signed in for a user whose risk is cleared.
    OfUser,
    /// It is the person who changed the directory, and whom that was done to is told through it.
    Person(Box<Onward>),
}

/// Where a change goes on to, when the person who made it has added what is known of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Onward {
    /// Whose state it goes to.
    pub entity: EntityKey,
    /// That entity's id as logs write it.
    pub id: Id,
    /// That entity's part in the change.
    pub role: Role,
}

impl Role {
    /// The suffix of the observation's id: `event#actor`, `event#target`, ….
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Actor => "actor",
            Self::Target => "target",
            Self::OfApplication => "application",
            Self::Owner(_) => "owner",
            Self::ForUser(_) => "for-user",
            Self::OfUser => "of-user",
            Self::Person(_) => "person",
        }
    }
}

/// An event addressed to one entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Whose state it goes to.
    pub entity: EntityKey,
    /// The entity's id as logs write it.
    pub id: Id,
    /// The tenant as logs write it.
    pub tenant: TenantId,
    /// The entity's part in the event.
    pub role: Role,
    /// When Picket first took the record in; bounds event times from the future.
    pub ingested: EventTime,
    /// The event.
    pub event: Arc<Event>,
}

impl Observation {
    /// The unit of deduplication at an entity: eight bytes of a hash of event id and role.
    pub fn fingerprint(&self) -> u64 {
        let mut name = smallvec::SmallVec::<[u8; 32]>::from_slice(self.event.id.key().as_bytes());
        name.extend_from_slice(self.role.name().as_bytes());
        match &self.role {
            // The same leak, attributed more surely, is news; so is the same sign-in when more is known of its user.
            Role::Owner(attribution) => name.push(attribution.confidence as u8),
            Role::ForUser(on_behalf) => name.push(on_behalf.grade as u8),
            // And the same change, when more is known of the person who made it.
            Role::Target | Role::OfApplication => name.extend(self.risk_of_person().map(|grade| grade as u8)),
            Role::Subject | Role::Actor | Role::OfUser | Role::Person(_) => {}
        }
        let hash = blake3::hash(&name);
        hash.as_bytes().first_chunk().map_or(0, |first| u64::from_le_bytes(*first))
    }

    /// How likely Microsoft holds it that the person who made the change was taken over.
    fn risk_of_person(&self) -> Option<UserRiskGrade> {
        match &self.event.body {
            Body::DirectoryChange(change) => change.actor.known.as_ref()?.risk,
            _ => None,
        }
    }

    /// The same by way of the person who made the change, where a person did.
    #[must_use]
    pub fn through_its_person(self) -> Self {
        let Body::DirectoryChange(change) = &self.event.body else { return self };
        let Some(person) = change.actor.person() else { return self };
        let onward = Onward { entity: self.entity, id: self.id, role: self.role };
        Self {
            entity: EntityKey::user(&self.tenant, &person),
            id: person.0,
            role: Role::Person(Box::new(onward)),
            ..self
        }
    }

    /// The event's time, but never later than five minutes after it was taken in: nobody is hurt by the year 9999.
    pub fn time(&self) -> EventTime {
        self.event.time.min(self.ingested.plus(5 * EventTime::MINUTE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::PrincipalId;

    #[test]
    fn kinds_are_told_apart_and_stand_in_their_order() {
        let tags: std::collections::BTreeSet<u8> = EntityKind::ALL.into_iter().map(EntityKind::tag).collect();
        assert_eq!(tags.len(), EntityKind::ALL.len());
        assert!(EntityKind::ALL.is_sorted());
    }

    #[test]
    fn a_key_survives_its_bytes() {
        let key = EntityKey::principal(&TenantId::UNKNOWN, &PrincipalId::parse("p").expect("an id"));
        assert_eq!(EntityKey::from_bytes(&key.to_bytes()), Some(key));
        assert_eq!(EntityKey::from_bytes(b"short"), None);
    }
}
