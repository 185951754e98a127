//! The role `score`: observations to verdicts, one transaction a batch.
//!
//! Order of writes: the batch is judged over states in memory; outputs, derived observations, changed state and input
//! positions are one transaction; only after it has committed the local store takes the changes in. An abort drops what
//! is in memory and reads the batch again. A commit whose outcome nobody knows ends in new clients and a restore.

use super::client::{Cluster, GroupConsumer, wait_for_cluster};
use super::context::Change;
use super::error::KafkaFault;
use super::intake::{Span, gather};
use super::local::{LocalState, due_value};
use super::partitions::{Partitions, Phase};
use super::restore::Restorer;
use super::setup::{ScoreSetup, Shared};
use super::status::Role;
use super::ticks::Ticker;
use super::wire::{OBSERVATION_VERSION, Unreadable, decode_observation, encode_observation};
use super::writer::{BatchWriter, Delivered, Guarantee, Outgoing, Setback, commit_offsets};
use crate::pipeline::{Addressed, Derived, Judge, JudgeError, Judgement, Order};
use crate::store::{OutputKind, ReadError};
use fail::fail_point;
use picket_detectors::observation::{EntityKey, Observation};
use rayon::prelude::*;
use rdkafka::Message;
use rdkafka::consumer::{Consumer, ConsumerGroupMetadata};
use rdkafka::message::BorrowedMessage;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long one look for records takes while there are none.
const IDLE: Duration = Duration::from_millis(50);

/// Scores until it is told to stop. `Err` says what to do before the next try.
pub(crate) fn run(shared: &Shared, setup: &ScoreSetup) -> Result<(), Setback> {
    let mut scorer = Scorer::open(shared, setup).map_err(Setback::Restart)?;
    let result = scorer.work();
    shared.status.set_ready(Role::Score, false);
    result
}

struct Scorer<'a> {
    shared: &'a Shared,
    consumer: GroupConsumer,
    writer: BatchWriter,
    restorer: Restorer,
    local: LocalState,
    judge: Judge,
    partitions: Partitions,
    ticker: Ticker,
}

/// A batch of observations and where it is from.
#[derive(Default)]
struct Batch {
    observations: Vec<Addressed>,
    span: Span,
    /// Records that are no observations, with their place.
    corrupt: Vec<(i32, i64)>,
    /// Partitions that hold what only a newer Picket reads; the batch ends before it there.
    unreadable: BTreeMap<i32, KafkaFault>,
}

impl Batch {
    /// Reads the observations of the partitions that are being scored.
    fn read(messages: &[BorrowedMessage<'_>], partitions: &Partitions, pool: &rayon::ThreadPool) -> Self {
        let decoded: Vec<Result<Observation, Unreadable>> = pool.install(|| {
            let values = messages.par_iter().map(|message| message.payload());
            values.map(|value| value.map_or(Err(Unreadable::Corrupt), decode_observation)).collect()
        });
        let mut batch = Self::default();
        for (message, decoded) in messages.iter().zip(decoded) {
            batch.take(message, decoded, partitions);
        }
        batch
    }

    fn take(
        &mut self,
        message: &BorrowedMessage<'_>,
        decoded: Result<Observation, Unreadable>,
        partitions: &Partitions,
    ) {
        let (partition, offset) = (message.partition(), message.offset());
        if !partitions.is_active(partition) || self.unreadable.contains_key(&partition) {
            return;
        }
        match decoded {
            Ok(observation) => {
                let order = Order::new(self.observations.len() as u64);
                self.observations.push(Addressed { order, position: Some((partition, offset)), observation });
            }
            Err(Unreadable::Corrupt) => self.corrupt.push((partition, offset)),
            Err(Unreadable::Version(found)) => {
                let fault = KafkaFault::ObservationVersion { partition, offset, found, known: OBSERVATION_VERSION };
                self.unreadable.insert(partition, fault);
                return;
            }
        }
        self.span.include(message.topic(), partition, offset);
    }
}

impl<'a> Scorer<'a> {
    fn open(shared: &'a Shared, setup: &ScoreSetup) -> Result<Self, KafkaFault> {
        let kafka = &shared.kafka;
        let cluster = Cluster::new(kafka)?;
        let writer = shared.writer(&cluster, Role::Score)?;
        let consumer = cluster.consumer(Role::Score.as_str())?;
        wait_for_cluster(&consumer, shared.patience())?;
        let local = LocalState::new(setup.store.clone(), shared.partitions, kafka.tombstone_days);
        let judge = Judge::new(
            setup.engine.clone(),
            setup.store.clone(),
            shared.pool.clone(),
            Derived::Return,
            setup.cache_bytes,
        );
        consumer.subscribe(&[&kafka.topics.observations]).map_err(KafkaFault::call("subscribing"))?;
        Ok(Self {
            restorer: Restorer::new(&cluster, &kafka.topics.profiles, shared.patience())?,
            partitions: Partitions::new(&kafka.topics.observations),
            ticker: Ticker::default(),
            shared,
            consumer,
            writer,
            local,
            judge,
        })
    }

    fn work(&mut self) -> Result<(), Setback> {
        while !self.shared.control.is_draining() {
            self.follow_assignment()?;
            self.restore()?;
            let limits = self.shared.batch;
            // The messages borrow the consumer; they are turned into observations before anything else happens.
            let batch = Batch::read(&gather(&self.consumer, &limits, IDLE)?, &self.partitions, &self.shared.pool);
            let Some(mut batch) = self.still_owned(batch) else { continue };
            for (partition, fault) in std::mem::take(&mut batch.unreadable) {
                self.partitions.stop(&self.consumer, partition, &fault);
            }
            if batch.span.is_empty() {
                self.writer.idle();
            } else if let Err(setback) = self.score(&mut batch) {
                self.step_back(&batch, setback)?;
            }
            self.tick()?;
            self.shared.status.lag.with_label_values(&[Role::Score.as_str()]).set(self.consumer.context().lag());
        }
        Ok(())
    }

    /// Looks at what was assigned and revoked since the last time.
    fn follow_assignment(&mut self) -> Result<(), Setback> {
        while let Some(change) = self.consumer.context().next_change() {
            match change {
                Change::Assigned(list) => {
                    for (_, partition) in list {
                        self.partitions.set(partition, Phase::Waiting);
                    }
                }
                Change::Revoked(list) => {
                    for (_, partition) in list {
                        self.partitions.remove(partition);
                        self.restorer.cancel(partition)?;
                        let local = &self.local;
                        self.judge.forget(|entity| local.partition(*entity) == partition);
                        self.ticker.forget(|entity| local.partition(*entity) == partition);
                    }
                }
            }
        }
        Ok(())
    }

    /// Moves assigned partitions on: first their committed positions, then the state topic, then they are read.
    fn restore(&mut self) -> Result<(), Setback> {
        for partition in self.partitions.waiting() {
            let Some(next) = self.partitions.committed(&self.consumer, partition)? else { continue };
            self.restorer.begin(partition, &self.local).map_err(Setback::Restart)?;
            self.partitions.set(partition, Phase::Restoring { next });
        }
        for partition in self.restorer.step(&self.local)? {
            self.partitions.activate(&self.consumer, partition, self.shared.patience())?;
            self.ticker.look_now();
        }
        let status = &self.shared.status;
        status.restoring.set(self.restorer.remaining());
        self.partitions.count(&status.partitions);
        status.set_ready(Role::Score, self.partitions.is_ready() && self.restorer.is_idle());
        Ok(())
    }

    /// The batch, unless the assignment changed while it was gathered: then what is still owned is read again.
    fn still_owned(&self, batch: Batch) -> Option<Batch> {
        if !self.consumer.context().has_change() {
            return Some(batch);
        }
        if let Err(setback) = batch.span.rewind(&self.consumer, self.shared.patience()) {
            // Revoked partitions can't be sought, and need not be.
            tracing::debug!(?setback, "rewinding while the assignment changes");
        }
        None
    }

    fn score(&mut self, batch: &mut Batch) -> Result<(), Setback> {
        // Taken before anything is written: a member that was thrown out since then is fenced by its old generation.
        let member = self.member()?;
        let count = batch.observations.len() + batch.corrupt.len();
        let judgement = self.judge.judge(std::mem::take(&mut batch.observations)).map_err(judging)?;
        let next = match self.writer.guarantee() {
            Guarantee::Transactions => self.commit(batch, &judgement, &member)?,
            Guarantee::Idempotence => self.flush(batch, &judgement)?,
        };
        fail_point!("kafka.score.committed");
        self.local.commit(&judgement, &next).map_err(Setback::Restart)?;
        if self.writer.guarantee() == Guarantee::Idempotence {
            commit_offsets(&self.consumer, &batch.span.ends()?)?;
        }
        self.judge.committed(judgement.generation);
        self.ticker.folded(&judgement.due);
        self.count(count, &judgement);
        Ok(())
    }

    /// Everything as one transaction.
    fn commit(
        &self,
        batch: &Batch,
        judgement: &Judgement,
        member: &ConsumerGroupMetadata,
    ) -> Result<BTreeMap<i32, i64>, Setback> {
        self.writer.begin()?;
        self.send_outputs(batch, judgement)?;
        self.send_state(judgement)?;
        let Delivered { next, .. } = self.writer.drain()?;
        fail_point!("kafka.score.produced");
        if self.consumer.assignment_lost() {
            return Err(Setback::Abort(KafkaFault::AssignmentLost));
        }
        let ends = batch.span.ends()?;
        self.writer.commit(Some((&ends, member)))?;
        Ok(next)
    }

    /// Without transactions: outputs, then state, each there before the next.
    fn flush(&self, batch: &Batch, judgement: &Judgement) -> Result<BTreeMap<i32, i64>, Setback> {
        self.writer.begin()?;
        self.send_outputs(batch, judgement)?;
        self.writer.drain()?;
        fail_point!("kafka.score.outputs_flushed");
        self.send_state(judgement)?;
        Ok(self.writer.drain()?.next)
    }

    fn send_outputs(&self, batch: &Batch, judgement: &Judgement) -> Result<(), Setback> {
        let topics = &self.shared.kafka.topics;
        for output in &judgement.outputs {
            let topic = match output.kind {
                OutputKind::Detection => &topics.risk_detections,
                OutputKind::RiskState => &topics.risky_principals,
                OutputKind::Transition => &topics.risk_transitions,
                OutputKind::Incident => &topics.incidents,
                OutputKind::DeadLetter => &topics.dead_letters,
            };
            let key = format!("{}/{}", output.entity.tenant, output.entity.id);
            self.insist_on(Outgoing::new(topic, key.as_bytes(), Some(&output.line)))?;
        }
        for derived in &judgement.derived {
            self.send_derived(&derived.observation)?;
        }
        for (partition, offset) in &batch.corrupt {
            let line = super::letter::corrupt_observation(&topics.observations, *partition, *offset);
            self.insist_on(Outgoing::new(&topics.dead_letters, &[], Some(&line)))?;
        }
        Ok(())
    }

    /// To its entity's partition; of a tenant's snapshot every partition gets a copy, for the principals there.
    fn send_derived(&self, observation: &Observation) -> Result<(), Setback> {
        if observation.entity.snapshot_partition().is_none() {
            return self.send_observation(observation);
        }
        (0..i32::try_from(self.shared.partitions).unwrap_or(i32::MAX)).try_for_each(|partition| {
            let entity = EntityKey::snapshot(observation.entity.tenant, partition);
            self.send_observation(&Observation { entity, ..observation.clone() })
        })
    }

    fn send_observation(&self, observation: &Observation) -> Result<(), Setback> {
        let value = encode_observation(observation).map_err(encoding)?;
        let (key, partition) = (observation.entity.to_bytes(), self.local.partition(observation.entity));
        let topic = &self.shared.kafka.topics.observations;
        self.insist_on(Outgoing::new(topic, &key, Some(&value)).in_partition(partition))
    }

    /// Changed state goes to the partition of the same number as the observation's. The head comes last of an entity's
    /// sections: it says what is applied, and without transactions it must not be there before the rest.
    fn send_state(&self, judgement: &Judgement) -> Result<(), Setback> {
        let topic = &self.shared.kafka.topics.profiles;
        for change in &judgement.changes {
            let partition = self.local.partition(change.entity);
            let mut sections: Vec<_> = change.sections.iter().collect();
            sections.sort_by_key(|(section, _)| std::cmp::Reverse(*section));
            for (section, value) in sections {
                let mut key = change.entity.to_bytes().to_vec();
                key.extend_from_slice(&section.to_bytes());
                self.insist_on(Outgoing::new(topic, &key, value.as_deref()).in_partition(partition))?;
            }
        }
        for change in &judgement.due {
            let (key, value) = due_value(change).map_err(Setback::Restart)?;
            let partition = self.local.partition(change.entity);
            self.insist_on(Outgoing::new(topic, &key, value.as_deref()).in_partition(partition))?;
        }
        Ok(())
    }

    /// Nothing that a score writes may be left out.
    fn insist_on(&self, outgoing: Outgoing<'_>) -> Result<(), Setback> {
        let topic = outgoing.topic;
        if self.writer.send(outgoing)? {
            Ok(())
        } else {
            Err(Setback::Fatal(KafkaFault::TooLarge { topic: topic.to_owned() }))
        }
    }

    fn member(&self) -> Result<ConsumerGroupMetadata, Setback> {
        self.consumer.group_metadata().ok_or(Setback::Restart(KafkaFault::AssignmentLost))
    }

    /// After a failed batch: take it back and read it again, or give up these clients.
    fn step_back(&mut self, batch: &Batch, setback: Setback) -> Result<(), Setback> {
        self.judge.reset();
        match setback {
            Setback::Abort(fault) => {
                tracing::warn!(fault = &fault as &dyn std::error::Error, "a batch is taken back");
                self.shared.status.aborts.with_label_values(&[Role::Score.as_str()]).inc();
                self.writer.abort()?;
                self.reread(batch)
            }
            Setback::Stop { entity, fault } => {
                self.partitions.stop(&self.consumer, self.local.partition(*entity), &fault);
                self.reread(batch)
            }
            other => Err(other),
        }
    }

    fn reread(&self, batch: &Batch) -> Result<(), Setback> {
        if self.consumer.assignment_lost() || self.consumer.context().has_change() {
            drop(batch.span.rewind(&self.consumer, self.shared.patience()));
            return Ok(());
        }
        batch.span.rewind(&self.consumer, self.shared.patience())
    }

    /// Writes ticks for what is due, into the same log as all other observations.
    fn tick(&mut self) -> Result<(), Setback> {
        let due = self.ticker.due(&self.local, &self.partitions).map_err(Setback::Restart)?;
        if due.is_empty() {
            return Ok(());
        }
        let sent = self.send_ticks(&due);
        match sent {
            Ok(()) => self.ticker.ticked(&due),
            Err(Setback::Abort(fault)) => {
                tracing::warn!(fault = &fault as &dyn std::error::Error, "ticks are taken back");
                self.writer.abort()?;
            }
            Err(other) => return Err(other),
        }
        Ok(())
    }

    fn send_ticks(&self, due: &[crate::store::Due]) -> Result<(), Setback> {
        self.writer.begin()?;
        for due in due {
            let observation = super::ticks::observation(due);
            let value = encode_observation(&observation).map_err(encoding)?;
            let topic = &self.shared.kafka.topics.observations;
            self.insist_on(Outgoing::new(topic, &observation.entity.to_bytes(), Some(&value)))?;
        }
        self.writer.drain()?;
        match self.writer.guarantee() {
            Guarantee::Transactions => self.writer.commit(None),
            Guarantee::Idempotence => Ok(()),
        }
    }

    fn count(&self, records: usize, judgement: &Judgement) {
        let status = &self.shared.status;
        let role = &[Role::Score.as_str()];
        status.records.with_label_values(role).inc_by(records as u64);
        status.commits.with_label_values(role).inc();
        let sections = judgement.changes.iter().flat_map(|change| &change.sections);
        let bytes: usize = sections.map(|(_, value)| value.as_ref().map_or(0, Vec::len)).sum();
        status.state_bytes.with_label_values(role).inc_by(bytes as u64);
        status.written.with_label_values(&["outputs"]).inc_by(judgement.outputs.len() as u64);
        status.written.with_label_values(&["derived"]).inc_by(judgement.derived.len() as u64);
        for name in &judgement.shadowed {
            status.shadowed.with_label_values(&[name]).inc();
        }
        for name in &judgement.expected {
            status.expected.with_label_values(&[name]).inc();
        }
        tracing::debug!(records, outputs = judgement.outputs.len(), counts = ?judgement.counts, "scored");
    }
}

/// State that can't be read stops its partition and is never reset; any other failure stops the program.
fn judging(error: JudgeError) -> Setback {
    let entity = match &error {
        JudgeError::Read { entity, source: ReadError::State(_) } => Some(Box::new(*entity)),
        _ => None,
    };
    let fault = KafkaFault::Judge(Box::new(error));
    match entity {
        Some(entity) => Setback::Stop { entity, fault: Box::new(fault) },
        None => Setback::Fatal(fault),
    }
}

fn encoding(source: postcard::Error) -> Setback {
    Setback::Fatal(KafkaFault::Encode(source))
}
