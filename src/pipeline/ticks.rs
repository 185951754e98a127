//! Ticks: time passing, as observations of the entities that asked for it.

use super::{Addressed, PassedHours};
use crate::store::{Address, Due, DueChange, Store, StoreError};
use picket_detectors::event::{Body, Event, EventId, EventTime, Id, NAMESPACE};
use picket_detectors::observation::{EntityKey, Observation, Role};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// The due index as it stands after the last judged batch: the store's, and the moves that are not durable yet.
#[derive(Debug)]
pub struct DueIndex {
    store: Arc<Store>,
    durable: Arc<AtomicU64>,
    pending: VecDeque<(u64, Vec<DueChange>)>,
}

impl DueIndex {
    /// An index over the store; `durable` is the number of the last batch that the store holds.
    pub fn new(store: Arc<Store>, durable: Arc<AtomicU64>) -> Self {
        Self { store, durable, pending: VecDeque::new() }
    }

    /// Takes in the moves of a judged batch.
    pub fn moved(&mut self, generation: u64, changes: &[DueChange]) {
        if !changes.is_empty() {
            self.pending.push_back((generation, changes.to_vec()));
        }
    }

    /// The ticks of the first full hour at which anything is due, in the order of entities; `None` if nothing is.
    ///
    /// # Errors
    /// When the store fails.
    pub fn next_ticks(&mut self, passed: PassedHours) -> Result<Option<Ticks>, StoreError> {
        let until = EventTime::from_micros(passed.through.saturating_mul(EventTime::HOUR));
        let due = self.due_until(until)?;
        let Some(hour) = due.keys().next().and_then(|(time, _)| passed.tick_for(*time)) else { return Ok(None) };
        let time = EventTime::from_micros(hour.saturating_mul(EventTime::HOUR));
        let mut entities: Vec<(EntityKey, Address)> = due
            .into_iter()
            .filter(|((due, _), _)| *due <= time)
            .map(|((_, entity), address)| (entity, address))
            .collect();
        entities.sort_by_key(|(entity, _)| *entity);
        let observations = entities
            .into_iter()
            .zip(0..)
            .map(|((entity, address), sequence)| Addressed::new(sequence, tick(hour, time, entity, address)));
        Ok(Some(Ticks { hour, observations: observations.collect() }))
    }

    /// A commit may land between dropping what is durable and reading the store. Applying a move twice does no harm:
    /// moves of an entity are a chain, and the end of the chain is always applied last.
    fn due_until(&mut self, until: EventTime) -> Result<BTreeMap<(EventTime, EntityKey), Address>, StoreError> {
        let durable = self.durable.load(Ordering::Acquire);
        while self.pending.front().is_some_and(|(generation, _)| *generation <= durable) {
            self.pending.pop_front();
        }
        let mut due = BTreeMap::new();
        for entry in self.store.due(until) {
            let Due { time, entity, address } = entry?;
            due.insert((time, entity), address);
        }
        for change in self.pending.iter().flat_map(|(_, changes)| changes) {
            if let Some(before) = change.before {
                due.remove(&(before, change.entity));
            }
            if let Some(after) = change.after.filter(|after| *after <= until) {
                due.insert((after, change.entity), change.address.clone());
            }
        }
        Ok(due)
    }
}

/// The ticks of one full hour.
#[derive(Debug)]
pub struct Ticks {
    /// The hour, since the epoch.
    pub hour: i64,
    /// One observation for each entity that is due.
    pub observations: Vec<Addressed>,
}

/// A tick is taken in when it happens, so that it means the same in every run.
fn tick(hour: i64, time: EventTime, entity: EntityKey, address: Address) -> Observation {
    let mut name = b"tick".to_vec();
    name.extend_from_slice(&hour.to_be_bytes());
    name.extend_from_slice(&entity.to_bytes());
    let id = EventId(Id::Guid(Uuid::new_v5(&NAMESPACE, &name)));
    let event = Event { id, tenant: address.tenant.clone(), time, body: Body::Tick, signals: Vec::new() };
    Observation {
        entity,
        id: address.id,
        tenant: address.tenant,
        role: Role::Subject,
        ingested: time,
        event: Arc::new(event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreOptions;
    use picket_detectors::event::{PrincipalId, TenantId};

    fn change(name: &str, before: Option<i64>, after: Option<i64>) -> DueChange {
        let hours = |hour: i64| EventTime::from_micros(hour * EventTime::HOUR);
        let id = PrincipalId::parse(name).expect("an id");
        DueChange {
            entity: EntityKey::principal(&TenantId::UNKNOWN, &id),
            address: Address { id: id.0, tenant: TenantId::UNKNOWN },
            before: before.map(hours),
            after: after.map(hours),
        }
    }

    fn commit(store: &Store, changes: &[DueChange]) {
        let mut batch = store.batch();
        for change in changes {
            batch.due(change).expect("encodes");
        }
        batch.commit().expect("commits");
    }

    #[test]
    fn the_index_is_the_same_before_and_after_a_commit() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Store::open(folder.path(), StoreOptions::default()).expect("opens"));
        let durable = Arc::new(AtomicU64::new(0));
        let mut index = DueIndex::new(Arc::clone(&store), Arc::clone(&durable));
        let first = [change("a", None, Some(5)), change("b", None, Some(6))];
        let second = [change("a", Some(5), Some(9)), change("b", Some(6), Some(5))];
        index.moved(1, &first);
        index.moved(2, &second);
        let passed = PassedHours { after: 4, through: 8 };
        let mut seen = Vec::new();
        for step in 0..3 {
            let ticks = index.next_ticks(passed).expect("readable").expect("b is due");
            seen.push((ticks.hour, ticks.observations.iter().map(|t| t.observation.id.clone()).collect::<Vec<_>>()));
            match step {
                0 => commit(&store, &first),
                _ => commit(&store, &second),
            }
            durable.store(step, Ordering::Release);
        }
        assert!(seen.iter().all(|one| *one == (5, vec![Id::Text("b".into())])), "{seen:?}");
    }
}
