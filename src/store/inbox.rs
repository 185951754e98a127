//! Bodies that were accepted over HTTP and are not yet judged.

use super::{Store, StoreError, keys};
use picket_detectors::event::EventTime;

/// One accepted body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxEntry {
    /// Its place among all bodies ever accepted, without gaps.
    pub sequence: u64,
    /// When it was accepted.
    pub ingested: EventTime,
    /// The body.
    pub bytes: Vec<u8>,
}

impl InboxEntry {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut value = self.ingested.micros().to_be_bytes().to_vec();
        value.extend_from_slice(&self.bytes);
        value
    }

    fn decode(key: &[u8], value: &[u8]) -> Option<Self> {
        let (time, bytes) = value.split_at_checked(8)?;
        let micros = i64::from_be_bytes(time.try_into().ok()?);
        Some(Self { sequence: keys::sequence(key)?, ingested: EventTime::from_micros(micros), bytes: bytes.to_vec() })
    }
}

impl Store {
    /// Accepted bodies from `first` on, in order.
    pub fn inbox_from(&self, first: u64) -> impl Iterator<Item = Result<InboxEntry, StoreError>> {
        self.inbox.range(first.to_be_bytes()..).map(|guard| {
            let (key, value) = guard.into_inner().map_err(StoreError::read)?;
            InboxEntry::decode(&key, &value).ok_or(StoreError::BadValue { keyspace: "inbox" })
        })
    }
}
