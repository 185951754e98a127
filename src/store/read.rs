//! Reading state, the due index, risk states and meta values.

use super::{Address, Store, StoreError, keys};
use picket_detectors::event::EventTime;
use picket_detectors::observation::EntityKey;
use picket_detectors::state::{Section, StateError};
use std::ops::Bound;

/// Why the state of an entity can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// What is stored can't be understood.
    #[error(transparent)]
    State(#[from] StateError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where the judge finds state that it does not hold in memory.
pub trait StateReader: Send + Sync + std::fmt::Debug {
    /// The bytes of one section, if it is stored.
    ///
    /// # Errors
    /// When the store fails; never for want of the section.
    fn section(&self, entity: EntityKey, section: Section) -> Result<Option<Vec<u8>>, ReadError>;
}

impl StateReader for Store {
    fn section(&self, entity: EntityKey, section: Section) -> Result<Option<Vec<u8>>, ReadError> {
        let value = self.state.get(keys::state(entity, section)).map_err(StoreError::read)?;
        Ok(value.map(|bytes| bytes.to_vec()))
    }
}

/// One entry of the due index.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// When it wants a tick.
    pub time: EventTime,
    /// Who.
    pub entity: EntityKey,
    /// Its ids as logs write them.
    pub address: Address,
}

impl Store {
    /// Everything due at or before `until`, earliest first.
    pub fn due(&self, until: EventTime) -> impl Iterator<Item = Result<Due, StoreError>> {
        let end = keys::due_after(until).map_or(Bound::Unbounded, |key| Bound::Excluded(key.to_vec()));
        self.due.range::<Vec<u8>, _>((Bound::Unbounded, end)).map(|guard| {
            let (key, value) = guard.into_inner().map_err(StoreError::read)?;
            let bad = || StoreError::BadValue { keyspace: "due" };
            let (time, entity) = keys::parse_due(&key).ok_or_else(bad)?;
            let address = postcard::from_bytes(&value).map_err(|_| bad())?;
            Ok(Due { time, entity, address })
        })
    }

    /// The last risk state of every principal that ever had one, sorted by tenant and principal: one JSON line each.
    pub fn risk_states(&self) -> impl Iterator<Item = Result<(EntityKey, Vec<u8>), StoreError>> {
        self.risk.iter().map(|guard| {
            let (key, value) = guard.into_inner().map_err(StoreError::read)?;
            let entity = EntityKey::from_bytes(&key).ok_or(StoreError::BadValue { keyspace: "risk" })?;
            Ok((entity, value.to_vec()))
        })
    }

    /// A named value: positions, cursors, the clock.
    ///
    /// # Errors
    /// When the store fails.
    pub fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.meta.get(name).map_err(StoreError::read)?.map(|bytes| bytes.to_vec()))
    }

    /// A named number; 0 where it was never written.
    ///
    /// # Errors
    /// When the store fails, or the value is no number.
    pub fn meta_number(&self, name: &str) -> Result<u64, StoreError> {
        let Some(bytes) = self.meta(name)? else { return Ok(0) };
        let bytes = bytes.try_into().map_err(|_| StoreError::BadValue { keyspace: "meta" })?;
        Ok(u64::from_be_bytes(bytes))
    }

    /// The named values whose names begin with `prefix`, sorted by name.
    pub fn meta_prefix(&self, prefix: &str) -> impl Iterator<Item = Result<(String, Vec<u8>), StoreError>> {
        self.meta.prefix(prefix).map(|guard| {
            let (key, value) = guard.into_inner().map_err(StoreError::read)?;
            let name = String::from_utf8(key.to_vec()).map_err(|_| StoreError::BadValue { keyspace: "meta" })?;
            Ok((name, value.to_vec()))
        })
    }
}
