//! State of one entity as the pipeline sees it: load, fold, save what changed.

use crate::directory::DirectoryEntity;
use crate::event::EventTime;
use crate::observation::{EntityKey, EntityKind};
use crate::profile::Profile;
use crate::tenant::Peers;
use smallvec::{SmallVec, smallvec};

/// Which part of an entity's state a stored value is. The stored key is [`EntityKey::to_bytes`] followed by
/// [`Section::to_bytes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Section {
    /// Names, times, the list of other sections; the one that is always there. Directory entities have only this.
    Head,
    /// What is normal.
    Habits,
    /// Credentials and their use.
    Credentials,
    /// Findings: contributions to risk, episodes, quarantine.
    Findings,
    /// Event ids seen in one hour (hours since the epoch).
    Dedup(i64),
}

impl Section {
    /// The suffix of the stored key.
    pub fn to_bytes(self) -> SmallVec<[u8; 9]> {
        match self {
            Self::Head => smallvec![0],
            Self::Habits => smallvec![1],
            Self::Credentials => smallvec![2],
            Self::Findings => smallvec![3],
            Self::Dedup(hour) => {
                let mut bytes = smallvec![4];
                bytes.extend_from_slice(&hour.to_be_bytes());
                bytes
            }
        }
    }

    /// The inverse of [`Section::to_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&tag, rest) = bytes.split_first()?;
        match (tag, rest.len()) {
            (0, 0) => Some(Self::Head),
            (1, 0) => Some(Self::Habits),
            (2, 0) => Some(Self::Credentials),
            (3, 0) => Some(Self::Findings),
            (4, 8) => Some(Self::Dedup(i64::from_be_bytes(rest.try_into().ok()?))),
            _ => None,
        }
    }
}

/// Why stored state can't be used. Never answered by starting over: the partition or program stops and says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Written by a newer Picket.
    #[error("section {section:?} has version {found}, this program reads up to {known}: run the newer Picket")]
    UnknownVersion {
        /// Which section.
        section: Section,
        /// The version it has.
        found: u8,
        /// The newest version this program reads.
        known: u8,
    },
    /// Not what was written.
    #[error("section {section:?} is corrupt")]
    Corrupt {
        /// Which section.
        section: Section,
    },
}

/// A section to write (`Some`) or to delete (`None`).
pub type SectionChange = (Section, Option<Vec<u8>>);

/// The state of one entity.
#[derive(Debug)]
pub enum EntityState {
    /// A workload identity's.
    Principal(Box<Profile>),
    /// A directory entity's.
    Directory(Box<DirectoryEntity>),
}

impl EntityState {
    /// The state of an entity never seen.
    pub fn new(key: EntityKey) -> Self {
        match key.kind {
            EntityKind::Principal => Self::Principal(Box::default()),
            _ => Self::Directory(Box::default()),
        }
    }

    /// Reads stored state; `read` returns a section's bytes, if it is stored. The head is asked for first and names
    /// the others, so an entity never seen costs one look-up.
    pub fn load<E: From<StateError>>(
        key: EntityKey,
        read: impl FnMut(Section) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Self, E> {
        match key.kind {
            EntityKind::Principal => Ok(Self::Principal(Box::new(Profile::load(read)?))),
            _ => Ok(Self::Directory(Box::new(DirectoryEntity::load(read)?))),
        }
    }

    /// The sections changed since the last call (or since loading), encoded.
    pub fn take_changes(&mut self) -> Vec<SectionChange> {
        match self {
            Self::Principal(profile) => profile.take_changes(),
            Self::Directory(entity) => entity.take_changes(),
        }
    }

    /// When this entity next wants a tick although no event comes, if ever.
    pub fn due(&self) -> Option<EventTime> {
        match self {
            Self::Principal(profile) => profile.due(),
            Self::Directory(entity) => entity.due(),
        }
    }

    /// What a copy of a tenant's snapshot holds.
    pub fn peers(&self) -> Option<&Peers> {
        match self {
            Self::Principal(_) => None,
            Self::Directory(entity) => entity.peers(),
        }
    }

    /// The observation (partition, offset) this state includes everything up to; see [`EntityState::set_applied`].
    pub fn applied(&self) -> Option<(i32, i64)> {
        match self {
            Self::Principal(profile) => profile.applied(),
            Self::Directory(entity) => entity.applied(),
        }
    }

    /// Records that everything up to this observation of the log is included (Kafka only).
    pub fn set_applied(&mut self, partition: i32, offset: i64) {
        match self {
            Self::Principal(profile) => profile.set_applied(partition, offset),
            Self::Directory(entity) => entity.set_applied(partition, offset),
        }
    }

    /// Roughly how much memory it takes.
    pub fn memory(&self) -> usize {
        match self {
            Self::Principal(profile) => profile.memory(),
            Self::Directory(entity) => entity.memory(),
        }
    }
}
