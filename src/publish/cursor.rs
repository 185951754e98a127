//! How far the outputs are published: the next one, and how long each file then is.

use crate::store::{OutputKind, Store, StoreBatch, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const CURSOR: &str = "publish.ndjson";

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// The sequence number of the next output to publish.
    pub(super) next: u64,
    /// Bytes in each file, by the kind's tag.
    lengths: BTreeMap<u8, u64>,
}

impl Cursor {
    pub(super) fn load(store: &Store) -> Result<Self, StoreError> {
        let Some(bytes) = store.meta(CURSOR)? else { return Ok(Self::default()) };
        postcard::from_bytes(&bytes).map_err(|_| StoreError::BadValue { keyspace: "meta" })
    }

    pub(super) fn save(&self, batch: &mut StoreBatch<'_>) -> Result<(), StoreError> {
        let bytes = postcard::to_allocvec(self).map_err(|_| StoreError::BadValue { keyspace: "meta" })?;
        batch.meta(CURSOR, &bytes);
        Ok(())
    }

    /// Forgets how long the files are: the next ones are others.
    pub(super) fn without_files(&self) -> Self {
        Self { next: self.next, lengths: BTreeMap::new() }
    }

    /// The same, with another output next.
    pub(super) fn from(&self, next: u64) -> Self {
        Self { next, ..self.clone() }
    }

    pub(super) fn length(&self, kind: OutputKind) -> u64 {
        self.lengths.get(&kind.tag()).copied().unwrap_or(0)
    }

    pub(super) fn set_length(&mut self, kind: OutputKind, length: u64) {
        self.lengths.insert(kind.tag(), length);
    }
}
