//! The role `route`: records to observations, keyed by whom they are about, one transaction a batch.
//!
//! It keeps no state. Where the inputs are in another cluster, positions can't be in the transaction and are committed
//! after it: a crash in between repeats observations, and `score` removes the repeats by event id.

use super::client::{Cluster, GroupConsumer, wait_for_cluster};
use super::context::Change;
use super::error::KafkaFault;
use super::intake::{Span, gather};
use super::letter;
use super::setup::{RouteSetup, Shared};
use super::status::Role;
use super::wire::encode_observation;
use super::writer::{BatchWriter, Guarantee, Outgoing, Setback, commit_offsets};
use crate::decode::{Decoded, Outcome, Reason, ReasonCode};
use crate::pipeline::{attribute, dead_letter};
use crate::record::Origin;
use fail::fail_point;
use picket_detectors::event::EventTime;
use picket_detectors::observation::EntityKey;
use picket_detectors::secrets::Scrubber;
use rayon::prelude::*;
use rdkafka::Message;
use rdkafka::consumer::Consumer;
use rdkafka::message::BorrowedMessage;
use rdkafka::topic_partition_list::TopicPartitionList;
use std::sync::Arc;
use std::time::Duration;

/// How long one look for records takes while there are none.
const IDLE: Duration = Duration::from_millis(50);

/// Routes until it is told to stop. `Err` says what to do before the next try.
pub(crate) fn run(shared: &Shared, setup: &RouteSetup) -> Result<(), Setback> {
    let router = Router::open(shared, setup).map_err(Setback::Restart)?;
    let result = router.work();
    shared.status.set_ready(Role::Route, false);
    result
}

struct Router<'a> {
    shared: &'a Shared,
    setup: &'a RouteSetup,
    consumer: GroupConsumer,
    writer: BatchWriter,
    /// Whether the inputs are in another cluster than the outputs.
    across: bool,
}

/// What a record becomes, in order.
enum Routed {
    Observation { entity: EntityKey, value: Vec<u8>, event_time: EventTime },
    Dead { line: Vec<u8>, source: Arc<str> },
}

/// What the records of one message become, with the counts that add up to them.
struct RoutedMessage {
    routed: Vec<Routed>,
    events: u64,
    ignored: u64,
    dead: u64,
    scrubber: Arc<Scrubber>,
}

impl<'a> Router<'a> {
    fn open(shared: &'a Shared, setup: &'a RouteSetup) -> Result<Self, KafkaFault> {
        let cluster = Cluster::new(&shared.kafka)?;
        let input = Cluster::of_input(&shared.kafka)?;
        let across = input.is_some();
        let writer = shared.writer(&cluster, Role::Route)?;
        let consumer = input.as_ref().unwrap_or(&cluster).consumer(Role::Route.as_str())?;
        wait_for_cluster(&consumer, shared.patience())?;
        let inputs: Vec<&str> = shared.kafka.topics.inputs.iter().map(String::as_str).collect();
        consumer.subscribe(&inputs).map_err(KafkaFault::call("subscribing"))?;
        Ok(Self { shared, setup, consumer, writer, across })
    }

    fn work(&self) -> Result<(), Setback> {
        while !self.shared.control.is_draining() {
            self.follow_assignment()?;
            let batch = gather(&self.consumer, &self.shared.batch, IDLE)?;
            let span = span_of(&batch);
            if self.consumer.context().has_change() {
                // What is still owned is read again; what is not can't be sought and need not be.
                drop(span.rewind(&self.consumer, self.shared.patience()));
                continue;
            }
            if batch.is_empty() {
                self.writer.idle();
                continue;
            }
            match self.route(&batch, &span) {
                Ok(()) => {}
                Err(Setback::Abort(fault)) => {
                    drop(batch);
                    self.take_back(&span, &fault)?;
                }
                Err(other) => return Err(other),
            }
            let role = &[Role::Route.as_str()];
            self.shared.status.lag.with_label_values(role).set(self.consumer.context().lag());
        }
        Ok(())
    }

    /// There is no state to restore: what was assigned is read at once.
    fn follow_assignment(&self) -> Result<(), Setback> {
        while let Some(change) = self.consumer.context().next_change() {
            if let Change::Assigned(partitions) = change {
                let mut list = TopicPartitionList::new();
                for (topic, partition) in &partitions {
                    list.add_partition(topic, *partition);
                }
                self.consumer
                    .resume(&list)
                    .map_err(|source| Setback::Restart(KafkaFault::Call { what: "resuming partitions", source }))?;
                self.shared.status.set_ready(Role::Route, true);
            }
        }
        Ok(())
    }

    fn route(&self, batch: &[BorrowedMessage<'_>], span: &Span) -> Result<(), Setback> {
        let member = self.consumer.group_metadata().ok_or(Setback::Restart(KafkaFault::AssignmentLost))?;
        let routed: Vec<RoutedMessage> =
            self.shared.pool.install(|| batch.par_iter().map(|message| self.decode(message)).collect());
        self.writer.begin()?;
        for routed in routed.iter().flat_map(|message| &message.routed) {
            self.send(routed)?;
        }
        self.writer.drain()?;
        fail_point!("kafka.route.produced");
        let ends = span.ends()?;
        match self.writer.guarantee() {
            Guarantee::Transactions if !self.across => {
                if self.consumer.assignment_lost() {
                    return Err(Setback::Abort(KafkaFault::AssignmentLost));
                }
                self.writer.commit(Some((&ends, &member)))?;
            }
            Guarantee::Transactions => {
                self.writer.commit(None)?;
                fail_point!("kafka.route.committed");
                commit_offsets(&self.consumer, &ends)?;
            }
            Guarantee::Idempotence => commit_offsets(&self.consumer, &ends)?,
        }
        self.count(&routed);
        Ok(())
    }

    fn decode(&self, message: &BorrowedMessage<'_>) -> RoutedMessage {
        let mut routed = RoutedMessage::new(&self.setup.decoder.context.scrubber);
        // When the cluster took it in: the same for every reader. Without it, the epoch would make everything late.
        let ingested = message
            .timestamp()
            .to_millis()
            .map_or_else(crate::clock::now, |millis| EventTime::from_micros(millis.saturating_mul(1_000)));
        let origin = Origin {
            source: format!("{}-{}", message.topic(), message.partition()).into(),
            position: message.offset().unsigned_abs(),
        };
        self.setup.decoder.current().decode(message.payload().unwrap_or_default(), &mut |decoded| {
            routed.take(&decoded, &origin, ingested);
        });
        routed
    }

    fn send(&self, routed: &Routed) -> Result<(), Setback> {
        let topics = &self.shared.kafka.topics;
        match routed {
            Routed::Observation { entity, value, event_time } => {
                let key = entity.to_bytes();
                if !self.writer.send(Outgoing::new(&topics.observations, &key, Some(value)))? {
                    let detail = format!("an observation of {event_time} is larger than the cluster takes");
                    tracing::error!(bytes = value.len(), "{detail}");
                    let reason = Reason { code: ReasonCode::TooLarge, detail };
                    let origin = Origin { source: Arc::from(topics.observations.as_str()), position: 0 };
                    let line = dead_letter(&origin, 0, &[], &reason, &self.setup.decoder.context.scrubber);
                    self.send_dead(&line, &origin.source)?;
                }
                Ok(())
            }
            Routed::Dead { line, source } => self.send_dead(line, source),
        }
    }

    fn send_dead(&self, line: &[u8], source: &str) -> Result<(), Setback> {
        let topic = &self.shared.kafka.topics.dead_letters;
        let mut outgoing = Outgoing::new(topic, source.as_bytes(), Some(line));
        outgoing.headers = Some(letter::headers("decode", source));
        if self.writer.send(outgoing)? {
            Ok(())
        } else {
            Err(Setback::Fatal(KafkaFault::TooLarge { topic: topic.clone() }))
        }
    }

    fn take_back(&self, span: &Span, fault: &KafkaFault) -> Result<(), Setback> {
        tracing::warn!(fault = fault as &dyn std::error::Error, "a batch is taken back");
        self.shared.status.aborts.with_label_values(&[Role::Route.as_str()]).inc();
        self.writer.abort()?;
        if self.consumer.assignment_lost() || self.consumer.context().has_change() {
            drop(span.rewind(&self.consumer, self.shared.patience()));
            return Ok(());
        }
        span.rewind(&self.consumer, self.shared.patience())
    }

    fn count(&self, routed: &[RoutedMessage]) {
        let status = &self.shared.status;
        let role = &[Role::Route.as_str()];
        status.records.with_label_values(role).inc_by(routed.len() as u64);
        status.commits.with_label_values(role).inc();
        let sum = |count: fn(&RoutedMessage) -> u64| routed.iter().map(count).sum::<u64>();
        status.decoded.with_label_values(&["events"]).inc_by(sum(|message| message.events));
        status.decoded.with_label_values(&["ignored"]).inc_by(sum(|message| message.ignored));
        status.decoded.with_label_values(&["dead"]).inc_by(sum(|message| message.dead));
        tracing::debug!(messages = routed.len(), "routed");
    }
}

impl RoutedMessage {
    fn new(scrubber: &Arc<Scrubber>) -> Self {
        Self { routed: Vec::new(), events: 0, ignored: 0, dead: 0, scrubber: Arc::clone(scrubber) }
    }

    fn take(&mut self, decoded: &Decoded<'_>, origin: &Origin, ingested: EventTime) {
        match &decoded.outcome {
            Outcome::Events(events) => {
                self.events += 1;
                for event in events {
                    self.observe(&Arc::new(event.clone()), ingested, decoded, origin);
                }
            }
            Outcome::Ignored(_) => self.ignored += 1,
            Outcome::Dead(reason) => {
                self.dead += 1;
                self.bury(decoded, origin, reason);
            }
        }
    }

    fn observe(
        &mut self,
        event: &Arc<picket_detectors::event::Event>,
        ingested: EventTime,
        decoded: &Decoded<'_>,
        origin: &Origin,
    ) {
        for observation in attribute(event, ingested) {
            match encode_observation(&observation) {
                Ok(value) => {
                    let (entity, event_time) = (observation.entity, event.time);
                    self.routed.push(Routed::Observation { entity, value, event_time });
                }
                Err(error) => {
                    let reason = Reason { code: ReasonCode::BadField, detail: error.to_string() };
                    self.bury(decoded, origin, &reason);
                }
            }
        }
    }

    fn bury(&mut self, decoded: &Decoded<'_>, origin: &Origin, reason: &Reason) {
        let line = dead_letter(origin, decoded.index, decoded.bytes, reason, &self.scrubber);
        self.routed.push(Routed::Dead { line, source: origin.source.clone() });
    }
}

fn span_of(batch: &[BorrowedMessage<'_>]) -> Span {
    let mut span = Span::default();
    for message in batch {
        span.include(message.topic(), message.partition(), message.offset());
    }
    span
}
