//! The local store as a cache of the state topic.
//!
//! It is written only after a transaction has committed, in one batch that also says, per partition, up to which offset
//! of the state topic it is complete. It is never synced: after a power failure it is as of an earlier batch and catches
//! up from there.

use super::error::KafkaFault;
use super::wire::{DUE_SUFFIX, partition_of};
use crate::clock;
use crate::pipeline::Judgement;
use crate::store::{Address, Due, DueChange, Store, StoreBatch};
use picket_detectors::event::EventTime;
use picket_detectors::observation::EntityKey;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many keys are deleted in one batch.
const WIPE_BATCH: usize = 10_000;

/// The local store and how its keys are spread over partitions.
#[derive(Debug, Clone)]
pub(crate) struct LocalState {
    store: Arc<Store>,
    partitions: usize,
    /// Older contents may miss deletions that the topic has forgotten.
    tombstone_micros: i64,
}

/// One value of the state topic: its key, and what it says of it.
pub(crate) type Mirrored = (Vec<u8>, Option<Vec<u8>>);

impl LocalState {
    pub(crate) fn new(store: Arc<Store>, partitions: usize, tombstone_days: u32) -> Self {
        Self { store, partitions, tombstone_micros: i64::from(tombstone_days) * EventTime::DAY }
    }

    /// The partition that an entity belongs to.
    pub(crate) fn partition(&self, entity: EntityKey) -> i32 {
        partition_of(entity, self.partitions)
    }

    /// Up to which offset of the state topic a partition is complete here; `None` if it has to be filled anew.
    pub(crate) fn complete_to(&self, partition: i32) -> Result<Option<i64>, KafkaFault> {
        let Some(bytes) = self.store.meta(&mark(partition))? else { return Ok(None) };
        let (offset, written): (i64, i64) = postcard::from_bytes(&bytes).map_err(|_| bad_mark())?;
        let age = clock::now().since(EventTime::from_micros(written));
        Ok((age < self.tombstone_micros).then_some(offset))
    }

    /// Forgets a partition: its state, what is due, and its mark first of all.
    pub(crate) fn wipe(&self, partition: i32) -> Result<(), KafkaFault> {
        let mut batch = self.store.batch();
        batch.forget(&mark(partition));
        batch.write()?;
        let mut batch = self.store.batch();
        let mut count = 0;
        for key in self.store.mirrored_keys() {
            let key = key?;
            let Some(entity) = entity_of(&key) else { continue };
            if self.partition(entity) != partition {
                continue;
            }
            if key.last() == Some(&DUE_SUFFIX) && key.len() == EntityKey::LEN + 1 {
                self.move_due(&mut batch, entity, &key, None)?;
            }
            batch.mirror(&key, None);
            count += 1;
            if count % WIPE_BATCH == 0 {
                std::mem::replace(&mut batch, self.store.batch()).write()?;
            }
        }
        Ok(batch.write()?)
    }

    /// Takes in values of the state topic; the last word on each key.
    pub(crate) fn apply(&self, values: &BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Result<(), KafkaFault> {
        let mut batch = self.store.batch();
        for (key, value) in values {
            let Some(entity) = entity_of(key) else { continue };
            if key.get(EntityKey::LEN..) == Some([DUE_SUFFIX].as_slice()) {
                self.move_due(&mut batch, entity, key, value.as_deref())?;
            }
            batch.mirror(key, value.as_deref());
        }
        Ok(batch.write()?)
    }

    /// Says that a partition is complete up to an offset of the state topic.
    pub(crate) fn restored(&self, partition: i32, next: i64) -> Result<(), KafkaFault> {
        let mut batch = self.store.batch();
        set_mark(&mut batch, partition, next)?;
        Ok(batch.write()?)
    }

    /// Takes in what a committed batch changed.
    pub(crate) fn commit(&self, judgement: &Judgement, next: &BTreeMap<i32, i64>) -> Result<(), KafkaFault> {
        let mut batch = self.store.batch();
        for change in &judgement.changes {
            batch.state(change);
        }
        for change in &judgement.due {
            batch.due(change)?;
            let (key, value) = due_value(change)?;
            batch.mirror(&key, value.as_deref());
        }
        for (&partition, &next) in next {
            set_mark(&mut batch, partition, next)?;
        }
        Ok(batch.write()?)
    }

    /// What is due in the partitions that `owned` names.
    pub(crate) fn due(
        &self,
        now: EventTime,
        owned: impl Fn(i32) -> bool,
        limit: usize,
    ) -> Result<Vec<Due>, KafkaFault> {
        let due = self.store.due(now).filter(|due| match due {
            Ok(due) => owned(self.partition(due.entity)),
            Err(_) => true,
        });
        due.take(limit).map(|due| due.map_err(KafkaFault::from)).collect()
    }

    fn move_due(
        &self,
        batch: &mut StoreBatch<'_>,
        entity: EntityKey,
        key: &[u8],
        value: Option<&[u8]>,
    ) -> Result<(), KafkaFault> {
        let before = self.store.mirrored(key)?.map(|bytes| parse_due(&bytes)).transpose()?;
        let after = value.map(parse_due).transpose()?;
        let Some(address) = after.as_ref().or(before.as_ref()).map(|(_, address)| address.clone()) else {
            return Ok(());
        };
        let (before, after) = (before.map(|(time, _)| time), after.map(|(time, _)| time));
        Ok(batch.due(&DueChange { entity, address, before, after })?)
    }
}

/// What the state topic says of an entity's next tick.
pub(crate) fn due_value(change: &DueChange) -> Result<Mirrored, KafkaFault> {
    let mut key = change.entity.to_bytes().to_vec();
    key.push(DUE_SUFFIX);
    let value = change.after.map(|after| postcard::to_allocvec(&(after, &change.address))).transpose();
    Ok((key, value.map_err(|_| bad_due())?))
}

fn parse_due(value: &[u8]) -> Result<(EventTime, Address), KafkaFault> {
    postcard::from_bytes(value).map_err(|_| bad_due())
}

fn entity_of(key: &[u8]) -> Option<EntityKey> {
    EntityKey::from_bytes(key.get(..EntityKey::LEN)?)
}

fn mark(partition: i32) -> String {
    format!("kafka.complete-to.{partition}")
}

fn set_mark(batch: &mut StoreBatch<'_>, partition: i32, next: i64) -> Result<(), KafkaFault> {
    let value = postcard::to_allocvec(&(next, clock::now().micros())).map_err(|_| bad_mark())?;
    batch.meta(&mark(partition), &value);
    Ok(())
}

const fn bad_mark() -> KafkaFault {
    KafkaFault::Store(crate::store::StoreError::BadValue { keyspace: "meta" })
}

const fn bad_due() -> KafkaFault {
    KafkaFault::Store(crate::store::StoreError::BadValue { keyspace: "due" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreOptions;
    use picket_detectors::event::{Id, TenantId};

    fn local(days: u32) -> (tempfile::TempDir, LocalState) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path(), StoreOptions::default()).expect("a store");
        (folder, LocalState::new(Arc::new(store), 3, days))
    }

    fn due_at(micros: i64, entity: EntityKey) -> Mirrored {
        let address = Address { id: Id::parse("a").expect("an id"), tenant: TenantId::UNKNOWN };
        let change = DueChange { entity, address, before: None, after: Some(EventTime::from_micros(micros)) };
        due_value(&change).expect("a value")
    }

    #[test]
    fn what_the_topic_says_last_of_a_tick_is_what_is_due() {
        let (_folder, local) = local(1);
        let entity = EntityKey::secret_hint("abc");
        local.apply(&BTreeMap::from([due_at(5, entity)])).expect("applied");
        local.apply(&BTreeMap::from([due_at(9, entity)])).expect("applied");
        let due = |until| local.due(EventTime::from_micros(until), |_| true, 10).expect("due").len();
        assert_eq!((due(8), due(9)), (0, 1));
        let (key, _) = due_at(9, entity);
        local.apply(&BTreeMap::from([(key, None)])).expect("applied");
        assert_eq!(due(100), 0);
    }

    #[test]
    fn a_wiped_partition_takes_nothing_of_another_with_it() {
        let (_folder, local) = local(1);
        let entities: Vec<_> = ["a", "b", "c", "d", "e", "f"].map(EntityKey::secret_hint).to_vec();
        local.apply(&entities.iter().map(|&entity| due_at(5, entity)).collect()).expect("applied");
        local.restored(0, 7).expect("restored");
        local.wipe(0).expect("wiped");
        let kept = entities.iter().filter(|&&entity| local.partition(entity) != 0).count();
        assert!(kept < entities.len(), "none of the entities is in partition 0");
        assert_eq!(local.due(EventTime::from_micros(5), |_| true, 10).expect("due").len(), kept);
        assert_eq!(local.complete_to(0).expect("a mark"), None);
    }

    #[test]
    fn contents_older_than_the_tombstones_are_filled_anew() {
        let (_folder, fresh) = local(1);
        fresh.restored(2, 40).expect("restored");
        assert_eq!(fresh.complete_to(2).expect("a mark"), Some(40));
        let stale = LocalState { tombstone_micros: 0, ..fresh };
        assert_eq!(stale.complete_to(2).expect("a mark"), None);
    }
}
