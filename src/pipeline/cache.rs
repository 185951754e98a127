//! The states that are held in memory, bounded by bytes.
//!
//! What a batch changed stays until that batch is durable: only then does the store know it. Otherwise the state that was
//! not touched for longest goes first. If all of it is younger than the last durable batch the cache is over its bound
//! for a moment, by at most what the batches under way touch.

use dashmap::DashMap;
use picket_detectors::observation::EntityKey;
use picket_detectors::state::{EntityState, SectionChange};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug)]
struct CachedState {
    state: EntityState,
    /// The last batch that touched it.
    generation: u64,
    memory: usize,
}

/// What an entry costs besides the state itself: key, table slot, mention in the queue.
const ENTRY_BYTES: usize = 160;

#[derive(Debug)]
pub(super) struct StateCache {
    states: DashMap<EntityKey, CachedState, foldhash::fast::RandomState>,
    bytes: AtomicUsize,
    /// Which entities a batch touched, oldest batch first. An entity stands in every batch that touched it; only the
    /// last mention counts.
    touched: VecDeque<(u64, Vec<EntityKey>)>,
    /// How many mentions the queue holds.
    mentions: usize,
    limit: usize,
}

/// So many mentions more than needed are let stand before the queue is tidied.
const SLACK: usize = 65_536;

impl StateCache {
    pub(super) fn new(limit: usize) -> Self {
        Self { states: DashMap::default(), bytes: AtomicUsize::new(0), touched: VecDeque::new(), mentions: 0, limit }
    }

    /// Takes a state out; it must be put back.
    pub(super) fn take(&self, entity: EntityKey) -> Option<EntityState> {
        let (_, cached) = self.states.remove(&entity)?;
        self.bytes.fetch_sub(cached.memory, Ordering::Relaxed);
        Some(cached.state)
    }

    pub(super) fn put(&self, entity: EntityKey, state: EntityState, generation: u64) {
        let memory = state.memory() + ENTRY_BYTES;
        self.bytes.fetch_add(memory, Ordering::Relaxed);
        if let Some(old) = self.states.insert(entity, CachedState { state, generation, memory }) {
            self.bytes.fetch_sub(old.memory, Ordering::Relaxed);
        }
    }

    /// What changed in a state since this was last asked; nothing if it is not here.
    pub(super) fn take_changes(&self, entity: EntityKey) -> Vec<SectionChange> {
        self.states.get_mut(&entity).map(|mut cached| cached.state.take_changes()).unwrap_or_default()
    }

    /// Notes what a batch touched, then evicts down to the bound what was last touched up to the batch `durable`.
    pub(super) fn settle(&mut self, generation: u64, entities: Vec<EntityKey>, durable: u64) {
        self.mentions += entities.len();
        self.touched.push_back((generation, entities));
        if self.mentions > 2 * self.states.len() + SLACK {
            self.drop_stale_mentions();
        }
        while self.bytes() > self.limit {
            let Some((oldest, entities)) = self.touched.front_mut() else { return };
            let oldest = *oldest;
            if oldest > durable {
                return;
            }
            let Some(entity) = entities.pop() else {
                self.touched.pop_front();
                continue;
            };
            self.mentions -= 1;
            if let Some((_, cached)) = self.states.remove_if(&entity, |_, cached| cached.generation <= oldest) {
                self.bytes.fetch_sub(cached.memory, Ordering::Relaxed);
            }
        }
    }

    /// Keeps of each entity the last mention only, so that the queue is no longer than the cache however long it runs.
    fn drop_stale_mentions(&mut self) {
        for (generation, entities) in &mut self.touched {
            entities.retain(|entity| self.states.get(entity).is_some_and(|cached| cached.generation == *generation));
            entities.shrink_to_fit();
        }
        self.touched.retain(|(_, entities)| !entities.is_empty());
        self.mentions = self.touched.iter().map(|(_, entities)| entities.len()).sum();
    }

    /// Forgets everything, changes that are not durable too: the answer to a commit that failed.
    pub(super) fn clear(&mut self) {
        self.states.clear();
        self.touched.clear();
        self.mentions = 0;
        self.bytes.store(0, Ordering::Relaxed);
    }

    /// Forgets the states that `remove` names.
    pub(super) fn forget(&self, remove: impl Fn(&EntityKey) -> bool) {
        self.states.retain(|entity, cached| {
            let kept = !remove(entity);
            if !kept {
                self.bytes.fetch_sub(cached.memory, Ordering::Relaxed);
            }
            kept
        });
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn len(&self) -> usize {
        self.states.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache_of(entities: &[EntityKey], limit: usize) -> StateCache {
        let cache = StateCache::new(limit);
        for entity in entities {
            cache.put(*entity, EntityState::new(*entity), 1);
        }
        cache
    }

    #[test]
    fn what_is_not_durable_stays_even_over_the_bound() {
        let entities = [EntityKey::secret_hint("aaa"), EntityKey::secret_hint("bbb")];
        let mut cache = cache_of(&entities, 0);
        cache.settle(1, entities.to_vec(), 0);
        assert_eq!(cache.len(), 2);
        cache.settle(2, Vec::new(), 1);
        assert_eq!((cache.len(), cache.bytes()), (0, 0));
    }

    #[test]
    fn what_was_touched_again_outlives_what_was_not() {
        let [old, young] = [EntityKey::secret_hint("aaa"), EntityKey::secret_hint("bbb")];
        let mut cache = cache_of(&[old, young], usize::MAX);
        cache.settle(1, vec![old, young], 0);
        let state = cache.take(young).expect("cached");
        cache.put(young, state, 2);
        cache.limit = cache.bytes() - 1;
        cache.settle(2, vec![young], 2);
        assert!(cache.take(old).is_none());
        assert!(cache.take(young).is_some());
    }
}
