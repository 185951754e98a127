//! The store as a mirror of a changelog: state keys and values as they stand in the topic.

use super::{Store, StoreBatch, StoreError};

impl StoreBatch<'_> {
    /// Writes or deletes one value of the state keyspace by its key as it stands in the changelog.
    pub fn mirror(&mut self, key: &[u8], value: Option<&[u8]>) {
        match value {
            Some(value) => self.writes.insert(&self.store.state, key, value),
            None => self.writes.remove(&self.store.state, key),
        }
    }
}

impl Store {
    /// A value of the state keyspace by its key as it stands in the changelog.
    ///
    /// # Errors
    /// When the store fails.
    pub fn mirrored(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.state.get(key).map_err(StoreError::read)?.map(|bytes| bytes.to_vec()))
    }

    /// All keys of the state keyspace.
    pub fn mirrored_keys(&self) -> impl Iterator<Item = Result<Vec<u8>, StoreError>> {
        self.state.iter().map(|guard| Ok(guard.key().map_err(StoreError::read)?.to_vec()))
    }
}
