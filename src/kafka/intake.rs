//! Taking records from the group's consumer, a batch at a time.

use super::client::GroupConsumer;
use super::error::KafkaFault;
use super::writer::Setback;
use crate::ingest::BatchLimits;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaErrorCode;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Takes what has come; waits `patience` for the first record. Ends early when the assignment changes.
pub(crate) fn gather<'c>(
    consumer: &'c GroupConsumer,
    limits: &BatchLimits,
    patience: Duration,
) -> Result<Vec<BorrowedMessage<'c>>, Setback> {
    let mut batch = Vec::new();
    let mut bytes = 0;
    let mut deadline = Instant::now() + patience;
    while batch.len() < limits.records && bytes < limits.bytes && !consumer.context().has_change() {
        let left = deadline.saturating_duration_since(Instant::now());
        match consumer.poll(left) {
            None if left.is_zero() => break,
            None => {}
            Some(Ok(message)) => {
                if batch.is_empty() {
                    deadline = Instant::now() + limits.linger;
                }
                bytes += rdkafka::Message::payload(&message).map_or(0, <[u8]>::len);
                batch.push(message);
            }
            Some(Err(error)) => tolerate(error)?,
        }
    }
    Ok(batch)
}

/// The client recovers from most errors by itself; they are logged. From these it can't.
pub(crate) fn tolerate(error: KafkaError) -> Result<(), Setback> {
    let hopeless = match &error {
        KafkaError::MessageConsumptionFatal(_) => true,
        KafkaError::MessageConsumption(code) => {
            matches!(code, RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::Fatal)
        }
        _ => false,
    };
    if hopeless {
        return Err(Setback::Restart(KafkaFault::Call { what: "reading", source: error }));
    }
    tracing::debug!(%error, "while reading");
    Ok(())
}

/// Where a batch begins and ends in each partition that it is from.
#[derive(Debug, Default)]
pub(crate) struct Span(BTreeMap<(String, i32), (i64, i64)>);

impl Span {
    /// Includes a record.
    pub(crate) fn include(&mut self, topic: &str, partition: i32, offset: i64) {
        // Runs of one partition are long: most records only move the end of the entry that is there.
        let entry = self.0.entry((topic.to_owned(), partition)).or_insert((offset, offset + 1));
        entry.0 = entry.0.min(offset);
        entry.1 = entry.1.max(offset + 1);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next offset to read after the batch, of each partition.
    pub(crate) fn ends(&self) -> Result<TopicPartitionList, Setback> {
        self.list(|&(_, end)| end)
    }

    /// Makes the consumer read the batch again.
    pub(crate) fn rewind(&self, consumer: &GroupConsumer, patience: Duration) -> Result<(), Setback> {
        let list = self.list(|&(begin, _)| begin)?;
        if list.count() == 0 {
            return Ok(());
        }
        consumer.seek_partitions(list, patience).map(drop).map_err(|source| {
            Setback::Restart(KafkaFault::Call { what: "seeking back to the begin of a batch", source })
        })
    }

    fn list(&self, offset: impl Fn(&(i64, i64)) -> i64) -> Result<TopicPartitionList, Setback> {
        let mut list = TopicPartitionList::new();
        for ((topic, partition), span) in &self.0 {
            list.add_partition_offset(topic, *partition, Offset::Offset(offset(span)))
                .map_err(|source| Setback::Restart(KafkaFault::Call { what: "listing offsets", source }))?;
        }
        Ok(list)
    }
}
