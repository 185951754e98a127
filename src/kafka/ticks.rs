//! Ticks: time passing, told to the principals that wait for it, through the log like all else.

use super::error::KafkaFault;
use super::local::LocalState;
use super::partitions::Partitions;
use crate::clock::{self, Stopwatch};
use crate::store::{Due, DueChange};
use picket_detectors::event::{Body, Event, EventId, EventTime, Id, NAMESPACE};
use picket_detectors::observation::{EntityKey, Observation, Role};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How often it is looked for what is due.
const EVERY: Duration = Duration::from_mins(1);
/// The most ticks of one transaction.
const LIMIT: usize = 10_000;

/// Who has been sent a tick that was not folded yet.
#[derive(Debug, Default)]
pub(crate) struct Ticker {
    last: Option<Stopwatch>,
    sent: BTreeMap<EntityKey, EventTime>,
}

impl Ticker {
    /// Looks again at once: a partition has come, and things may have become due while nobody had it.
    pub(crate) fn look_now(&mut self) {
        self.last = None;
    }

    /// What is due and has no tick on its way; nothing if it was looked for within the last minute.
    pub(crate) fn due(&mut self, local: &LocalState, partitions: &Partitions) -> Result<Vec<Due>, KafkaFault> {
        if self.last.is_some_and(|last| last.elapsed() < EVERY) {
            return Ok(Vec::new());
        }
        self.last = Some(Stopwatch::start());
        let mut due = local.due(clock::now(), |partition| partitions.is_active(partition), LIMIT + self.sent.len())?;
        due.retain(|due| self.sent.get(&due.entity) != Some(&due.time));
        due.truncate(LIMIT);
        Ok(due)
    }

    /// These ticks are in the log.
    pub(crate) fn ticked(&mut self, due: &[Due]) {
        self.sent.extend(due.iter().map(|due| (due.entity, due.time)));
    }

    /// These entities have moved in the due index.
    pub(crate) fn folded(&mut self, changes: &[DueChange]) {
        for change in changes {
            self.sent.remove(&change.entity);
        }
    }

    /// Forgets the entities of a partition that was taken away.
    pub(crate) fn forget(&mut self, of: impl Fn(&EntityKey) -> bool) {
        self.sent.retain(|entity, _| !of(entity));
    }
}

/// The tick for something due. The same due time gives the same id, so a repeated tick is a duplicate.
pub(crate) fn observation(due: &Due) -> Observation {
    let now = clock::now();
    let mut name = due.entity.to_bytes().to_vec();
    name.extend_from_slice(&due.time.micros().to_be_bytes());
    let event = Event {
        id: EventId(Id::Guid(Uuid::new_v5(&NAMESPACE, &name))),
        tenant: due.address.tenant.clone(),
        time: now,
        body: Body::Tick,
        signals: Vec::new(),
    };
    Observation {
        entity: due.entity,
        id: due.address.id.clone(),
        tenant: due.address.tenant.clone(),
        role: Role::Subject,
        ingested: now,
        event: Arc::new(event),
    }
}
