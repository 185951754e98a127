//! Judging a batch: every observation is folded into its entity, in order, entities in parallel.
//!
//! Entities of a kind send derived observations only to entities of later kinds, so one pass a kind sees everything.
//! Within a pass each entity's observations are folded by one task in their [`Order`]. The result is that of folding
//! observation by observation on one thread, whatever the size of the batches.

use super::Order;
use super::cache::StateCache;
use super::judgement::{Addressed, Counts, Judgement, Output};
use crate::store::{Address, DueChange, OutputKind, ReadError, StateChange, StateReader};
use picket_detectors::engine::{Engine, Verdict};
use picket_detectors::observation::{EntityKey, EntityKind, Observation};
use picket_detectors::state::{EntityState, Section};
use picket_detectors::tenant::Peers;
use rayon::prelude::*;
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What happens to derived observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derived {
    /// They are folded in the same batch (embedded).
    Fold,
    /// They are given back, to be produced to the observation log (Kafka).
    Return,
}

/// Why a batch can't be judged. The program, or the partition, must stop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JudgeError {
    /// The state of an entity can't be read.
    #[error("cannot read the state of {:?} {} of tenant {}: {source}", entity.kind, entity.id, entity.tenant)]
    Read {
        /// Whose.
        entity: EntityKey,
        /// Why not.
        source: ReadError,
    },
    /// An entity sent an observation to one that was already folded.
    #[error("{from:?} sent an observation backwards to {to:?}: this is a defect, please report it")]
    Backwards {
        /// The kind that sent it.
        from: EntityKind,
        /// The kind it was sent to.
        to: EntityKind,
    },
    /// An output has no JSON form.
    #[error("cannot write an output as JSON: {source}")]
    Output {
        /// Why not.
        source: serde_json::Error,
    },
}

/// Whether an observation is a piece of a batch of its own: a snapshot counts for what stands after it in the log.
pub(super) fn stands_apart(observation: &Observation) -> bool {
    observation.entity.kind == EntityKind::Snapshot
}

/// Judges batches. It holds the states in memory and reads what it does not hold.
#[derive(Debug)]
pub struct Judge {
    engine: Arc<Engine>,
    reader: Arc<dyn StateReader>,
    pool: Arc<rayon::ThreadPool>,
    cache: StateCache,
    derived: Derived,
    generation: u64,
    durable: Arc<AtomicU64>,
    /// What is to be folded next.
    waiting: Waiting,
    /// Entities that were folded since their changes were last given away.
    unsaved: Vec<EntityKey>,
}

/// The observations of one entity.
#[derive(Debug)]
struct Group {
    entity: EntityKey,
    observations: Vec<Addressed>,
}

/// What tenants share, by the copies' keys.
type PeersOf = foldhash::HashMap<EntityKey, Peers>;

impl Group {
    /// The copy of its tenant's snapshot that it is judged beside: that of the partition it is read from.
    fn copy_of_snapshot(&self) -> EntityKey {
        let partition =
            self.observations.first().and_then(|first| first.position).map_or(0, |(partition, _)| partition);
        EntityKey::snapshot(self.entity.tenant, partition)
    }
}

/// What folding one group gives.
struct Folded {
    entity: EntityKey,
    outputs: Vec<Output>,
    due: Option<DueChange>,
    derived: Vec<Addressed>,
    shadowed: Vec<&'static str>,
    expected: Vec<&'static str>,
    counts: Counts,
}

impl Judge {
    /// A judge with an empty cache of at most `cache_bytes`.
    pub fn new(
        engine: Arc<Engine>,
        reader: Arc<dyn StateReader>,
        pool: Arc<rayon::ThreadPool>,
        derived: Derived,
        cache_bytes: usize,
    ) -> Self {
        let cache = StateCache::new(cache_bytes);
        let (durable, waiting, unsaved) = (Arc::default(), Waiting::default(), Vec::new());
        Self { engine, reader, pool, cache, derived, generation: 0, durable, waiting, unsaved }
    }

    /// Judges the observations of one batch, in any order, each with its place.
    ///
    /// # Errors
    /// When state can't be read or is newer than this program. Nothing of the batch may be committed then, and the judge
    /// must be [`Judge::reset`] before it is used again.
    pub fn judge(&mut self, observations: Vec<Addressed>) -> Result<Judgement, JudgeError> {
        let mut judgement = Judgement::default();
        for addressed in observations {
            let stands_apart = stands_apart(&addressed.observation);
            if stands_apart {
                judgement = judgement.followed_by(self.judge_added()?);
            }
            self.add(addressed);
            if stands_apart {
                judgement = judgement.followed_by(self.judge_added()?);
            }
        }
        judgement = judgement.followed_by(self.judge_added()?);
        self.save(&mut judgement);
        Ok(judgement)
    }

    /// Adds an observation, with its place, to the piece of a batch that is judged next.
    pub fn add(&mut self, addressed: Addressed) {
        self.waiting.add(addressed);
    }

    /// How many observations were added since a piece was judged.
    pub fn added(&self) -> usize {
        self.waiting.added
    }

    /// Judges what was added, one piece of a batch. What it changed is not in the judgement: [`Judge::save`] gives it for
    /// all pieces at once, since encoding the same states piece by piece would cost more than folding them.
    ///
    /// # Errors
    /// As [`Judge::judge`].
    pub fn judge_added(&mut self) -> Result<Judgement, JudgeError> {
        self.generation += 1;
        let mut judgement = Judgement { generation: self.generation, ..Judgement::default() };
        let mut touched = Vec::new();
        for kind in EntityKind::ALL {
            let groups = self.waiting.take(kind);
            let peers =
                if kind == EntityKind::Principal { self.peers(&groups, &mut touched)? } else { PeersOf::default() };
            for folded in self.fold_groups(groups, &peers)?.into_iter().flatten() {
                touched.push(folded.entity);
                let sent = folded.join(&mut judgement);
                match self.derived {
                    Derived::Return => judgement.derived.extend(sent),
                    Derived::Fold => forward_only(kind, sent)?.into_iter().for_each(|sent| self.waiting.add(sent)),
                }
            }
        }
        self.waiting.clear();
        judgement.outputs.sort_by_key(|output| output.order);
        judgement.derived.sort_by_key(|addressed| addressed.order);
        self.unsaved.extend_from_slice(&touched);
        self.cache.settle(self.generation, touched, self.durable.load(Ordering::Acquire));
        Ok(judgement)
    }

    /// Adds what the pieces judged since the last call have changed, sorted by entity.
    pub fn save(&mut self, judgement: &mut Judgement) {
        let mut entities = std::mem::take(&mut self.unsaved);
        entities.sort_unstable();
        entities.dedup();
        let cache = &self.cache;
        let change = |entity| StateChange { entity, sections: cache.take_changes(entity) };
        let changes: Vec<StateChange> =
            self.pool.install(|| entities.into_par_iter().with_min_len(16).map(change).collect());
        judgement.changes.extend(changes.into_iter().filter(|change| !change.sections.is_empty()));
    }

    /// Says that a batch and all before it are durable: their states may be evicted. Handed out by [`Judge::durable`].
    pub fn committed(&self, generation: u64) {
        self.durable.fetch_max(generation, Ordering::Release);
    }

    /// The number of the last durable batch, to be raised by the thread that commits.
    pub fn durable(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.durable)
    }

    /// Forgets all states in memory, and with them every batch that was not committed.
    pub fn reset(&mut self) {
        self.cache.clear();
        self.waiting.clear();
        self.unsaved.clear();
    }

    /// Forgets the states of some entities: of a partition that was taken away.
    pub fn forget(&mut self, entities: impl Fn(&EntityKey) -> bool) {
        self.cache.forget(entities);
    }

    /// Bytes and number of the states in memory.
    pub fn cached(&self) -> (usize, usize) {
        (self.cache.bytes(), self.cache.len())
    }

    /// What the tenants of these principals share, each partition's copy as it stands.
    fn peers(&self, groups: &[Group], touched: &mut Vec<EntityKey>) -> Result<PeersOf, JudgeError> {
        let mut peers = PeersOf::default();
        for group in groups {
            let copy = group.copy_of_snapshot();
            if peers.contains_key(&copy) {
                continue;
            }
            let state = match self.cache.take(copy) {
                Some(state) => state,
                None => self.load(copy, &mut Counts::default())?,
            };
            peers.insert(copy, state.peers().cloned().unwrap_or_default());
            self.cache.put(copy, state, self.generation);
            touched.push(copy);
        }
        Ok(peers)
    }

    /// Folds groups in parallel; gives what came of them in their order, one list a task.
    fn fold_groups(&self, groups: Vec<Group>, peers: &PeersOf) -> Result<Vec<Vec<Folded>>, JudgeError> {
        if groups.is_empty() {
            return Ok(Vec::new());
        }
        let fold = |mut list: Vec<Folded>, group| {
            list.push(self.fold_group(group, peers)?);
            Ok(list)
        };
        self.pool.install(|| groups.into_par_iter().try_fold(Vec::new, fold).collect())
    }

    fn fold_group(&self, mut group: Group, peers: &PeersOf) -> Result<Folded, JudgeError> {
        let alone = Peers::default();
        let peers = peers.get(&group.copy_of_snapshot()).unwrap_or(&alone);
        group.observations.sort_unstable_by_key(|addressed| addressed.order);
        let mut folded = Folded::of(group.entity);
        let mut state = match self.cache.take(group.entity) {
            Some(state) => state,
            None => self.load(group.entity, &mut folded.counts)?,
        };
        let before = state.due();
        let address = group
            .observations
            .last()
            .map(|last| Address { id: last.observation.id.clone(), tenant: last.observation.tenant.clone() });
        for addressed in &group.observations {
            self.fold(&mut state, peers, addressed, &mut folded)?;
        }
        let after = state.due();
        folded.due = address.filter(|_| before != after).map(|address| DueChange {
            entity: group.entity,
            address,
            before,
            after,
        });
        self.cache.put(group.entity, state, self.generation);
        Ok(folded)
    }

    fn load(&self, entity: EntityKey, counts: &mut Counts) -> Result<EntityState, JudgeError> {
        let mut is_new = false;
        let state = EntityState::load(entity, |section| {
            let stored = self.reader.section(entity, section)?;
            is_new |= section == Section::Head && stored.is_none();
            Ok(stored)
        });
        counts.loads += 1;
        counts.new_principals += u64::from(is_new && entity.kind == EntityKind::Principal);
        state.map_err(|source: ReadError| JudgeError::Read { entity, source })
    }

    fn fold(
        &self,
        state: &mut EntityState,
        peers: &Peers,
        addressed: &Addressed,
        folded: &mut Folded,
    ) -> Result<(), JudgeError> {
        if let Some((partition, offset)) = addressed.position {
            if state.applied().is_some_and(|(of, through)| of == partition && offset <= through) {
                folded.counts.skipped += 1;
                return Ok(());
            }
            state.set_applied(partition, offset);
        }
        let verdict = self.engine.fold(state, peers, &addressed.observation);
        folded.counts.count(verdict.fate);
        folded.take(addressed, verdict)
    }
}

impl Folded {
    fn of(entity: EntityKey) -> Self {
        let (outputs, derived, shadowed, expected) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { entity, outputs, due: None, derived, shadowed, expected, counts: Counts::default() }
    }

    fn take(&mut self, addressed: &Addressed, verdict: Verdict) -> Result<(), JudgeError> {
        let (order, entity) = (addressed.order, addressed.observation.entity);
        let mut push = |kind, label, line| self.outputs.push(Output { order, kind, entity, label, line });
        for detection in &verdict.detections {
            push(OutputKind::Detection, detection.risk_event_type, line(detection)?);
        }
        for transition in &verdict.transitions {
            push(OutputKind::Transition, transition.level.as_str(), line(transition)?);
        }
        if let Some(risk) = &verdict.risk_state {
            push(OutputKind::RiskState, risk.level.as_str(), line(risk)?);
        }
        if let Some(incident) = &verdict.incident {
            push(OutputKind::Incident, incident.risk_level.as_str(), line(incident)?);
        }
        self.shadowed.extend(verdict.shadowed);
        let held = verdict.detections.iter().filter(|detection| detection.expected.is_some());
        self.expected.extend(held.map(|detection| detection.risk_event_type));
        for (index, observation) in verdict.derived.into_iter().enumerate() {
            self.counts.derived += 1;
            let order = derived_order(order, index, entity.kind, observation.entity.kind)?;
            self.derived.push(Addressed { order, position: None, observation });
        }
        Ok(())
    }

    /// Adds it to the judgement and gives what it sends on.
    fn join(self, judgement: &mut Judgement) -> Vec<Addressed> {
        judgement.outputs.extend(self.outputs);
        judgement.due.extend(self.due);
        judgement.shadowed.extend(self.shadowed);
        judgement.expected.extend(self.expected);
        judgement.counts.add(self.counts);
        self.derived
    }
}

fn line(value: &impl Serialize) -> Result<Vec<u8>, JudgeError> {
    serde_json::to_vec(value).map_err(|source| JudgeError::Output { source })
}

fn derived_order(order: Order, index: usize, from: EntityKind, to: EntityKind) -> Result<Order, JudgeError> {
    order.derived(index).ok_or(JudgeError::Backwards { from, to })
}

fn forward_only(from: EntityKind, sent: Vec<Addressed>) -> Result<Vec<Addressed>, JudgeError> {
    match sent.iter().find(|addressed| addressed.observation.entity.kind <= from) {
        Some(backwards) => Err(JudgeError::Backwards { from, to: backwards.observation.entity.kind }),
        None => Ok(sent),
    }
}

/// What is to be folded, grouped by entity in the order in which entities first appear, kinds apart.
#[derive(Debug, Default)]
struct Waiting {
    places: foldhash::HashMap<EntityKey, usize>,
    groups: [Vec<Group>; EntityKind::ALL.len()],
    /// Observations added, those already taken among them.
    added: usize,
}

impl Waiting {
    fn add(&mut self, addressed: Addressed) {
        self.added += 1;
        let entity = addressed.observation.entity;
        let Some(groups) = self.groups.get_mut(entity.kind as usize) else { return };
        let at = *self.places.entry(entity).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.observations.push(addressed),
            None => groups.push(Group { entity, observations: vec![addressed] }),
        }
    }

    /// The groups of a kind. Nothing may be added to it afterwards.
    fn take(&mut self, kind: EntityKind) -> Vec<Group> {
        self.groups.get_mut(kind as usize).map(std::mem::take).unwrap_or_default()
    }

    /// Begins anew, in the same memory.
    fn clear(&mut self) {
        self.places.clear();
        self.groups.iter_mut().for_each(Vec::clear);
        self.added = 0;
    }
}
