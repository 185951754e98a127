//! What librdkafka tells its client: logs, errors, token requests, rebalances and deliveries.

use super::token;
use crate::config::kafka::Token;
use rdkafka::Message;
use rdkafka::client::{ClientContext, OAuthToken};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaError;
use rdkafka::producer::{DeliveryResult, ProducerContext};
use rdkafka::statistics::Statistics;
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::RDKafkaErrorCode;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A change of assignment, in the order in which they happened. Topics are named, for `route` reads several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// These partitions came; they are paused.
    Assigned(Vec<(String, i32)>),
    /// These went.
    Revoked(Vec<(String, i32)>),
}

/// How many records of one topic were delivered, up to which offset, by partition; and the first failure.
#[derive(Debug, Default)]
pub(crate) struct Delivered {
    /// The next offset after the last delivered record of each partition of the state topic.
    pub(crate) next: BTreeMap<i32, i64>,
    /// The first record that was not delivered.
    pub(crate) failure: Option<(String, KafkaError)>,
}

/// The context of every client.
#[derive(Debug, Default)]
pub(crate) struct Context {
    token: Option<Token>,
    /// The topic whose deliveries are remembered.
    tracked: Option<String>,
    changes: Mutex<VecDeque<Change>>,
    delivered: Mutex<Delivered>,
    lag: AtomicI64,
}

impl Context {
    /// A context that logs in with tokens of this source, if the mechanism asks for them.
    pub(crate) fn new(token: Option<Token>) -> Self {
        Self { token, ..Self::default() }
    }

    /// Remembers how far this topic was written.
    pub(crate) fn tracking(mut self, topic: &str) -> Self {
        self.tracked = Some(topic.to_owned());
        self
    }

    /// The next change of assignment that has not been looked at.
    pub(crate) fn next_change(&self) -> Option<Change> {
        lock(&self.changes).pop_front()
    }

    /// Whether there is a change that has not been looked at.
    pub(crate) fn has_change(&self) -> bool {
        !lock(&self.changes).is_empty()
    }

    /// How many records the consumer is behind, as of the last statistics.
    pub(crate) fn lag(&self) -> i64 {
        self.lag.load(Ordering::Relaxed)
    }

    /// What was delivered since the last call.
    pub(crate) fn take_delivered(&self) -> Delivered {
        std::mem::take(&mut *lock(&self.delivered))
    }
}

/// A thread that panicked while it held the lock left whole values behind: every update is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error
            | RDKafkaLogLevel::Warning => tracing::warn!(target: "picket::kafka", facility, "{message}"),
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
                tracing::info!(target: "picket::kafka", facility, "{message}");
            }
            RDKafkaLogLevel::Debug => tracing::debug!(target: "picket::kafka", facility, "{message}"),
        }
    }

    fn stats(&self, statistics: Statistics) {
        let partitions = statistics.topics.values().flat_map(|topic| topic.partitions.values());
        let lag = partitions.map(|partition| partition.consumer_lag.max(0)).sum();
        self.lag.store(lag, Ordering::Relaxed);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::PartitionEOF) {
            return;
        }
        tracing::warn!(target: "picket::kafka", %error, "{reason}");
    }

    fn generate_oauth_token(&self, _config: Option<&str>) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        token::fetch(self.token.as_ref()).map_err(|error| {
            tracing::error!(target: "picket::kafka", %error, "no token for the Kafka login");
            error.into()
        })
    }
}

fn named(list: &TopicPartitionList) -> Vec<(String, i32)> {
    list.elements().iter().map(|element| (element.topic().to_owned(), element.partition())).collect()
}

impl ConsumerContext for Context {
    /// No transaction is ever open here: the worker polls only between transactions. What it had gathered of these
    /// partitions but not yet committed, it drops when it sees the change.
    fn pre_rebalance(&self, _consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Revoke(list) => lock(&self.changes).push_back(Change::Revoked(named(list))),
            Rebalance::Error(error) => tracing::warn!(target: "picket::kafka", %error, "rebalance failed"),
            Rebalance::Assign(_) => {}
        }
    }

    /// What was assigned waits until its state is restored.
    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance {
            if let Err(error) = consumer.pause(list) {
                tracing::warn!(target: "picket::kafka", %error, "could not pause what was assigned");
            }
            lock(&self.changes).push_back(Change::Assigned(named(list)));
        }
    }
}

impl ProducerContext for Context {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        match result {
            Ok(message) if self.tracked.as_deref() == Some(message.topic()) => {
                let next = message.offset() + 1;
                let mut delivered = lock(&self.delivered);
                let entry = delivered.next.entry(message.partition()).or_insert(next);
                *entry = (*entry).max(next);
            }
            Ok(_) => {}
            Err((error, message)) => {
                lock(&self.delivered).failure.get_or_insert_with(|| (message.topic().to_owned(), error.clone()));
            }
        }
    }
}
