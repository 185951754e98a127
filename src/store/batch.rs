//! One atom of changes.

use super::{DueChange, InboxEntry, OutputKind, StateChange, Store, StoreError, keys};
use fail::fail_point;
use fjall::{OwnedWriteBatch, PersistMode};
use picket_detectors::observation::EntityKey;
use std::sync::atomic::Ordering;

/// Changes that become durable together or not at all. No key may be written twice in one batch.
#[must_use = "a batch that is not committed changes nothing"]
pub struct StoreBatch<'a> {
    pub(super) store: &'a Store,
    pub(super) writes: OwnedWriteBatch,
}

impl std::fmt::Debug for StoreBatch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreBatch").field("writes", &self.writes.len()).finish_non_exhaustive()
    }
}

impl Store {
    /// An empty batch.
    pub fn batch(&self) -> StoreBatch<'_> {
        StoreBatch { store: self, writes: self.database.batch() }
    }
}

impl StoreBatch<'_> {
    /// Writes and deletes sections of an entity.
    pub fn state(&mut self, change: &StateChange) {
        for (section, value) in &change.sections {
            let key = keys::state(change.entity, *section);
            match value {
                Some(bytes) => self.writes.insert(&self.store.state, key.as_slice(), bytes.as_slice()),
                None => self.writes.remove(&self.store.state, key.as_slice()),
            }
        }
    }

    /// Moves an entity in the due index.
    ///
    /// # Errors
    /// When the entity's address can't be encoded.
    pub fn due(&mut self, change: &DueChange) -> Result<(), StoreError> {
        if change.before == change.after {
            return Ok(());
        }
        if let Some(before) = change.before {
            self.writes.remove(&self.store.due, keys::due(before, change.entity));
        }
        if let Some(after) = change.after {
            let bad = |_| StoreError::BadValue { keyspace: "due" };
            let address = postcard::to_allocvec(&change.address).map_err(bad)?;
            self.writes.insert(&self.store.due, keys::due(after, change.entity), address);
        }
        Ok(())
    }

    /// Adds an output.
    pub fn output(&mut self, sequence: u64, kind: OutputKind, line: &[u8]) {
        let mut value = Vec::with_capacity(line.len() + 1);
        value.push(kind.tag());
        value.extend_from_slice(line);
        self.writes.insert(&self.store.outbox, sequence.to_be_bytes(), value);
    }

    /// Removes an output that was published.
    pub fn published(&mut self, sequence: u64) {
        self.writes.remove(&self.store.outbox, sequence.to_be_bytes());
    }

    /// Keeps the last risk state of a principal (a JSON line).
    pub fn risk_state(&mut self, entity: EntityKey, line: &[u8]) {
        self.writes.insert(&self.store.risk, entity.to_bytes(), line);
    }

    /// Adds an accepted body.
    pub fn accept(&mut self, entry: &InboxEntry) {
        self.writes.insert(&self.store.inbox, entry.sequence.to_be_bytes(), entry.encode());
    }

    /// Removes a body that was judged.
    pub fn judged(&mut self, sequence: u64) {
        self.writes.remove(&self.store.inbox, sequence.to_be_bytes());
    }

    /// Writes a named value.
    pub fn meta(&mut self, name: &str, value: &[u8]) {
        self.writes.insert(&self.store.meta, name, value);
    }

    /// Writes a named number.
    pub fn meta_number(&mut self, name: &str, value: u64) {
        self.meta(name, &value.to_be_bytes());
    }

    /// Removes a named value.
    pub fn forget(&mut self, name: &str) {
        self.writes.remove(&self.store.meta, name);
    }

    /// Makes everything durable, numbers the commit and marks it. The pipeline's commit; one thread only.
    ///
    /// # Errors
    /// When writing or syncing fails; the store then refuses all further writes, and the program must stop.
    pub fn commit(mut self) -> Result<(), StoreError> {
        fail_point!("commit.before");
        let store = self.store;
        let number = store.commits() + 1;
        self.meta_number(Store::commit_key(), number);
        self.write()?;
        fail_point!("commit.after_batch");
        store.sync()?;
        fail_point!("commit.after_sync");
        store.commits.store(number, Ordering::Release);
        store.mark.write(number).map_err(|source| StoreError::Folder { path: store.path.clone(), source })
    }

    /// Writes everything atomically, without waiting for the disk and without a commit number: for what a later sync
    /// carries along, or the caller syncs itself with [`Store::sync`].
    ///
    /// # Errors
    /// When writing fails; the store then refuses all further writes, and the program must stop.
    pub fn write(self) -> Result<(), StoreError> {
        self.writes.commit().map_err(|source| StoreError::Engine { verb: "write", source })
    }
}

#[cfg(feature = "failpoints")]
fn disk_full() -> StoreError {
    StoreError::Engine { verb: "sync", source: fjall::Error::Io(std::io::ErrorKind::StorageFull.into()) }
}

impl Store {
    /// Waits until everything written so far is on the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync(&self) -> Result<(), StoreError> {
        if self.durability == super::Durability::Temporary {
            return Ok(());
        }
        fail_point!("store.sync", |_| Err(disk_full()));
        self.database.persist(PersistMode::SyncAll).map_err(|source| StoreError::Engine { verb: "sync", source })
    }
}
