//! What judging a batch gives.

use super::Order;
use crate::store::{DueChange, OutputKind, StateChange};
use picket_detectors::engine::Fate;
use picket_detectors::observation::{EntityKey, Observation};

/// An observation on its way to its entity.
#[derive(Debug, Clone)]
pub struct Addressed {
    /// Its place in the batch.
    pub order: Order,
    /// Partition and offset in the observation log, where there is one: what the entity's state already includes is skipped.
    pub position: Option<(i32, i64)>,
    /// The observation.
    pub observation: Observation,
}

impl Addressed {
    /// An observation that is in no log.
    pub fn new(sequence: u64, observation: Observation) -> Self {
        Self { order: Order::new(sequence), position: None, observation }
    }
}

/// One output, ready to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// The place of the observation that led to it.
    pub order: Order,
    /// Which output.
    pub kind: OutputKind,
    /// Whose.
    pub entity: EntityKey,
    /// What to count it under: the detection's type, the level after a transition.
    pub label: &'static str,
    /// JSON on one line, without the line's end.
    pub line: Vec<u8>,
}

/// What became of the observations of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Judged and learned from.
    pub folded: u64,
    /// Seen before.
    pub duplicates: u64,
    /// Later than the allowed disorder.
    pub late: u64,
    /// Already included in the stored state (a redelivery of the log).
    pub skipped: u64,
    /// Passed on by directory entities (and, unless returned, counted above as well).
    pub derived: u64,
    /// Entities read from the store.
    pub loads: u64,
    /// Principals of which nothing was stored.
    pub new_principals: u64,
}

impl Counts {
    pub(super) fn count(&mut self, fate: Fate) {
        match fate {
            Fate::Folded => self.folded += 1,
            Fate::Duplicate => self.duplicates += 1,
            Fate::Late => self.late += 1,
        }
    }

    /// All observations that reached an entity.
    pub fn observations(&self) -> u64 {
        self.folded + self.duplicates + self.late + self.skipped
    }

    pub(super) fn add(&mut self, other: Self) {
        self.folded += other.folded;
        self.duplicates += other.duplicates;
        self.late += other.late;
        self.skipped += other.skipped;
        self.derived += other.derived;
        self.loads += other.loads;
        self.new_principals += other.new_principals;
    }
}

/// Everything that judging one batch led to.
#[derive(Debug, Default)]
pub struct Judgement {
    /// The number of the batch; give it to [`super::Judge::committed`] when its changes are durable.
    pub generation: u64,
    /// Outputs in order.
    pub outputs: Vec<Output>,
    /// Sections to write, each entity at most once, sorted by entity: the store finds their places one near the other.
    pub changes: Vec<StateChange>,
    /// Moves in the due index, each entity at most once.
    pub due: Vec<DueChange>,
    /// Derived observations that were to be returned, in order.
    pub derived: Vec<Addressed>,
    /// What detectors in shadow would have told, by type.
    pub shadowed: Vec<&'static str>,
    /// Detections that an expected change holds, by type.
    pub expected: Vec<&'static str>,
    /// What became of the observations.
    pub counts: Counts,
}

impl Judgement {
    /// Joins what was judged next to this, so that both are committed as one. What changed is not joined: it is given for
    /// all pieces together, by [`super::Judge::save`].
    #[must_use]
    pub fn followed_by(mut self, later: Self) -> Self {
        if self.outputs.is_empty() && self.due.is_empty() && self.derived.is_empty() && self.shadowed.is_empty() {
            let mut counts = self.counts;
            counts.add(later.counts);
            return Self { counts, ..later };
        }
        self.generation = later.generation;
        self.outputs.extend(later.outputs);
        self.derived.extend(later.derived);
        self.shadowed.extend(later.shadowed);
        self.expected.extend(later.expected);
        self.counts.add(later.counts);
        merge_due(&mut self.due, later.due);
        self
    }
}

fn merge_due(changes: &mut Vec<DueChange>, later: Vec<DueChange>) {
    let places = places(changes.iter().map(|change| change.entity));
    for change in later {
        match places.get(&change.entity).and_then(|&at| changes.get_mut(at)) {
            Some(earlier) => {
                earlier.after = change.after;
                earlier.address = change.address;
            }
            None => changes.push(change),
        }
    }
}

fn places(entities: impl Iterator<Item = EntityKey>) -> foldhash::HashMap<EntityKey, usize> {
    entities.enumerate().map(|(at, entity)| (entity, at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Address;
    use picket_detectors::event::{EventTime, Id, TenantId};

    #[test]
    fn two_moves_of_an_entity_are_one_from_the_first_to_the_last() {
        let entity = EntityKey::secret_hint("abc");
        let address = Address { id: Id::Text("abc".into()), tenant: TenantId::UNKNOWN };
        let moved = |before, after| {
            let at = |micros: Option<i64>| micros.map(EventTime::from_micros);
            let due = DueChange { entity, address: address.clone(), before: at(before), after: at(after) };
            Judgement { due: vec![due], ..Judgement::default() }
        };
        let joined = moved(Some(1), Some(2)).followed_by(moved(Some(2), None));
        assert_eq!(joined.due, moved(Some(1), None).due);
    }
}
