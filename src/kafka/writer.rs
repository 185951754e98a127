//! Writing a batch: as one transaction, or flushed in order where there are none.

use super::client::{Cluster, GroupConsumer, Writer};
pub(crate) use super::context::Delivered;
use super::error::KafkaFault;
use crate::config::kafka::{Kafka, Transactions};
use picket_detectors::observation::EntityKey;
use rdkafka::consumer::{CommitMode, Consumer, ConsumerGroupMetadata};
use rdkafka::error::KafkaError;
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::{BaseRecord, Producer};
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::RDKafkaErrorCode;
use std::time::{Duration, Instant};

/// How long between two tries of the same call.
const BACKOFF: Duration = Duration::from_millis(100);

/// Why a batch was not committed, and what follows.
#[derive(Debug)]
pub(crate) enum Setback {
    /// Nothing of it will ever be seen: abort, go back to where it began, and try again.
    Abort(KafkaFault),
    /// Fenced, broken, or the outcome is unknown: new clients, and state from what was committed.
    Restart(KafkaFault),
    /// The partition of this entity can't go on; the others can.
    Stop {
        /// Whose state it is about.
        entity: Box<EntityKey>,
        /// Why.
        fault: Box<KafkaFault>,
    },
    /// The program can't go on.
    Fatal(KafkaFault),
}

/// Whether batches are transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guarantee {
    /// A batch is one transaction.
    Transactions,
    /// Each record is written once by this process; repeats after a crash carry the same ids.
    Idempotence,
}

/// One record to write.
#[derive(Debug)]
pub(crate) struct Outgoing<'a> {
    pub(crate) topic: &'a str,
    pub(crate) partition: Option<i32>,
    pub(crate) key: &'a [u8],
    /// `None` is a tombstone.
    pub(crate) value: Option<&'a [u8]>,
    pub(crate) headers: Option<OwnedHeaders>,
}

impl<'a> Outgoing<'a> {
    pub(crate) const fn new(topic: &'a str, key: &'a [u8], value: Option<&'a [u8]>) -> Self {
        Self { topic, partition: None, key, value, headers: None }
    }

    pub(crate) const fn in_partition(mut self, partition: i32) -> Self {
        self.partition = Some(partition);
        self
    }
}

/// The writing end of a worker.
pub(crate) struct BatchWriter {
    writer: Writer,
    guarantee: Guarantee,
    patience: Duration,
}

impl BatchWriter {
    /// Opens a writer under its id, ending what an earlier writer of the same id left open.
    pub(crate) fn open(
        kafka: &Kafka,
        cluster: &Cluster,
        transactional_id: &str,
        transactions: Transactions,
    ) -> Result<Self, KafkaFault> {
        let patience = Duration::from_millis(u64::from(kafka.request_timeout_ms));
        let tracked = &kafka.topics.profiles;
        if transactions != Transactions::Off {
            let writer = cluster.writer(Some(transactional_id), tracked)?;
            match init(&writer, patience) {
                Ok(()) => return Ok(Self { writer, guarantee: Guarantee::Transactions, patience }),
                Err(error) if transactions == Transactions::On => return Err(KafkaFault::NoTransactions(error)),
                Err(error) => tracing::warn!(
                    %error,
                    "the cluster has no transactions: outputs may repeat after a crash, with the same ids"
                ),
            }
        }
        let writer = cluster.writer(None, tracked)?;
        Ok(Self { writer, guarantee: Guarantee::Idempotence, patience })
    }

    pub(crate) const fn guarantee(&self) -> Guarantee {
        self.guarantee
    }

    /// Serves the client's own events while there is nothing to write.
    pub(crate) fn idle(&self) {
        self.writer.poll(Duration::ZERO);
    }

    /// Begins a batch.
    pub(crate) fn begin(&self) -> Result<(), Setback> {
        drop(self.writer.context().take_delivered());
        match self.guarantee {
            Guarantee::Transactions => self.writer.begin_transaction().map_err(|error| setback("begin", error)),
            Guarantee::Idempotence => Ok(()),
        }
    }

    /// Puts a record on its way; waits while the queue is full. Gives `false` if it is larger than the cluster takes.
    pub(crate) fn send(&self, outgoing: Outgoing<'_>) -> Result<bool, Setback> {
        let deadline = Instant::now() + self.patience;
        let mut record = BaseRecord::<[u8], [u8]>::to(outgoing.topic).key(outgoing.key);
        record.payload = outgoing.value;
        record.partition = outgoing.partition;
        record.headers = outgoing.headers;
        loop {
            match self.writer.send(record) {
                Ok(()) => return Ok(true),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back))
                    if Instant::now() < deadline =>
                {
                    record = back;
                    self.writer.poll(Duration::from_millis(5));
                }
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::MessageSizeTooLarge), _)) => return Ok(false),
                Err((error, _)) => {
                    let fault = KafkaFault::Delivery { topic: outgoing.topic.to_owned(), source: error };
                    return Err(self.undelivered(fault));
                }
            }
        }
    }

    /// Waits until all that was sent is delivered, and tells how far the state topic was written.
    pub(crate) fn drain(&self) -> Result<Delivered, Setback> {
        let deadline = Instant::now() + self.patience;
        while self.writer.in_flight_count() > 0 {
            if Instant::now() >= deadline {
                let fault = KafkaFault::Silent { what: "delivery", seconds: self.patience.as_secs() };
                return Err(self.undelivered(fault));
            }
            self.writer.poll(Duration::from_millis(1));
        }
        let mut delivered = self.writer.context().take_delivered();
        match delivered.failure.take() {
            Some((topic, source)) => Err(self.undelivered(KafkaFault::Delivery { topic, source })),
            None => Ok(delivered),
        }
    }

    /// Commits the transaction with the input positions in it.
    pub(crate) fn commit(&self, offsets: Option<(&TopicPartitionList, &ConsumerGroupMetadata)>) -> Result<(), Setback> {
        if let Some((offsets, member)) = offsets {
            self.insist("sending offsets to the transaction", || {
                self.writer.send_offsets_to_transaction(offsets, member, self.patience)
            })?;
        }
        self.insist("committing", || self.writer.commit_transaction(self.patience)).map_err(|setback| match setback {
            // Still retriable after all this time: nobody knows whether it was committed.
            Setback::Abort(fault @ KafkaFault::Silent { .. }) => Setback::Restart(fault),
            other => other,
        })
    }

    /// Takes back what the transaction wrote.
    pub(crate) fn abort(&self) -> Result<(), Setback> {
        if self.guarantee == Guarantee::Idempotence {
            return Ok(());
        }
        let aborted = self.insist("aborting", || self.writer.abort_transaction(self.patience));
        aborted.map_err(|setback| match setback {
            Setback::Abort(fault) | Setback::Restart(fault) => Setback::Restart(fault),
            other => other,
        })
    }

    /// Calls again while the error says so, up to a deadline of our own.
    fn insist(&self, what: &'static str, call: impl Fn() -> Result<(), KafkaError>) -> Result<(), Setback> {
        let deadline = Instant::now() + self.patience;
        loop {
            match call() {
                Ok(()) => return Ok(()),
                Err(error) if is_retriable(&error) => {
                    tracing::debug!(%error, what, "will be tried again");
                    if Instant::now() >= deadline {
                        return Err(Setback::Abort(KafkaFault::Silent { what, seconds: self.patience.as_secs() }));
                    }
                    self.writer.poll(BACKOFF);
                }
                Err(error) => return Err(setback(what, error)),
            }
        }
    }

    /// In a transaction an undelivered record is taken back with the rest. Without, only a new writer is clean.
    fn undelivered(&self, fault: KafkaFault) -> Setback {
        match self.guarantee {
            Guarantee::Transactions => match self.writer.client().fatal_error() {
                None => Setback::Abort(fault),
                Some((code, reason)) => {
                    tracing::error!(%code, reason, "the writer can't go on");
                    Setback::Restart(fault)
                }
            },
            Guarantee::Idempotence => Setback::Restart(fault),
        }
    }
}

/// Commits positions by the consumer itself: across clusters, and without transactions.
pub(crate) fn commit_offsets(consumer: &GroupConsumer, offsets: &TopicPartitionList) -> Result<(), Setback> {
    consumer
        .commit(offsets, CommitMode::Sync)
        .map_err(|source| Setback::Restart(KafkaFault::Call { what: "committing offsets", source }))
}

fn init(writer: &Writer, patience: Duration) -> Result<(), KafkaError> {
    // Serves a token request first: the call below doesn't.
    writer.poll(Duration::from_millis(10));
    let deadline = Instant::now() + patience;
    loop {
        match writer.init_transactions(patience) {
            Err(error) if is_retriable(&error) && Instant::now() < deadline => writer.poll(BACKOFF),
            result => return result,
        }
    }
}

fn is_retriable(error: &KafkaError) -> bool {
    match error {
        KafkaError::Transaction(error) => !error.is_fatal() && !error.txn_requires_abort() && error.is_retriable(),
        KafkaError::Flush(code) => *code == RDKafkaErrorCode::OperationTimedOut,
        _ => false,
    }
}

/// Fatal first, then what asks for an abort; whatever else is not retriable is as good as fatal.
fn setback(what: &'static str, source: KafkaError) -> Setback {
    let abort = matches!(&source, KafkaError::Transaction(error) if !error.is_fatal() && error.txn_requires_abort());
    let fault = KafkaFault::Call { what, source };
    if abort { Setback::Abort(fault) } else { Setback::Restart(fault) }
}
