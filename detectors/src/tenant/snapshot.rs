//! What a tenant's principals share, as of the end of a day.

use super::Doubts;
use crate::event::{Day, EventTime};
use crate::profile::Property;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A value that is usual for several principals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedValue {
    /// Of what.
    pub property: Property,
    /// The value.
    pub value: u32,
    /// How many principals have told of it.
    pub principals: u32,
}

/// What is shared, and from when on that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Events before this time are judged by the snapshot before.
    pub effective: EventTime,
    /// How many principals have told of anything.
    pub principals: u32,
    /// What is shared, sorted by property and value.
    pub shared: Vec<SharedValue>,
    /// What was doubtful in the last days.
    pub doubts: Doubts,
    /// Since when sign-ins are known to be told.
    pub sign_ins_since: Option<Day>,
}

impl Default for Snapshot {
    fn default() -> Self {
        Self {
            effective: EventTime::from_micros(i64::MIN),
            principals: 0,
            shared: Vec::new(),
            doubts: Doubts::default(),
            sign_ins_since: None,
        }
    }
}

impl Snapshot {
    /// Principals at which half of what there is to know of a tenant is known.
    const HALF_KNOWN: f64 = 10.0;

    /// How many principals share a value; 0 if it is not shared.
    pub fn principals_with(&self, property: Property, value: u32) -> u32 {
        let Some(property) = property.shared_as() else { return 0 };
        let place = self.shared.binary_search_by_key(&(property, value), |shared| (shared.property, shared.value));
        place.ok().and_then(|at| self.shared.get(at)).map_or(0, |shared| shared.principals)
    }

    /// Whether several principals share a value.
    pub fn shares(&self, property: Property, value: u32) -> bool {
        self.principals_with(property, value) > 0
    }

    /// How much the tenant is known by, from nothing to 1: what two principals have in common is little evidence of what
    /// a third will do.
    pub fn certainty(&self) -> f64 {
        Self::certainty_by(self.principals)
    }

    /// The same by those of them who can tell.
    pub(crate) fn certainty_by(principals: u32) -> f64 {
        let others = f64::from(principals.saturating_sub(1));
        others / (others + Self::HALF_KNOWN)
    }

    /// Roughly how much memory it takes.
    pub fn memory(&self) -> usize {
        size_of::<Self>() + self.shared.capacity() * size_of::<SharedValue>()
    }
}

/// The newest two snapshots of a tenant. Records come up to the allowed disorder late, so a snapshot counts from a time of
/// the events on and not from its arrival.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Peers {
    current: Arc<Snapshot>,
    previous: Arc<Snapshot>,
}

impl Peers {
    /// The snapshot that an event of this time is judged by.
    pub fn at(&self, time: EventTime) -> &Snapshot {
        if time >= self.current.effective { &self.current } else { &self.previous }
    }

    /// Takes in a snapshot, unless it is known or older.
    pub(crate) fn take(&mut self, snapshot: &Snapshot) {
        if snapshot.effective > self.current.effective {
            self.previous = std::mem::replace(&mut self.current, Arc::new(snapshot.clone()));
        }
    }

    /// Roughly how much memory it takes.
    pub(crate) fn memory(&self) -> usize {
        self.current.memory() + self.previous.memory()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(hour: i64, value: u32) -> Snapshot {
        let shared = vec![SharedValue { property: Property::Prefix, value, principals: 3 }];
        Snapshot {
            effective: EventTime::from_micros(hour * EventTime::HOUR),
            principals: 5,
            shared,
            ..Snapshot::default()
        }
    }

    #[test]
    fn an_event_is_judged_by_the_snapshot_of_its_own_time() {
        let mut peers = Peers::default();
        peers.take(&snapshot(26, 1));
        peers.take(&snapshot(50, 2));
        let shares =
            |hour: i64, value| peers.at(EventTime::from_micros(hour * EventTime::HOUR)).shares(Property::Prefix, value);
        assert!(shares(49, 1) && !shares(49, 2));
        assert!(shares(50, 2) && !shares(50, 1));
    }

    #[test]
    fn an_older_snapshot_that_comes_again_changes_nothing() {
        let mut peers = Peers::default();
        peers.take(&snapshot(26, 1));
        peers.take(&snapshot(50, 2));
        let before = peers.clone();
        peers.take(&snapshot(26, 1));
        assert_eq!(peers, before);
    }

    #[test]
    fn where_apis_are_called_from_is_a_place_like_any_other() {
        assert!(snapshot(1, 7).shares(Property::CallPrefix, 7));
        assert!(!snapshot(1, 7).shares(Property::Network, 7));
    }
}
