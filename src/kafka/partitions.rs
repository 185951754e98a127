//! What each assigned partition of the observations topic is doing.

use super::client::GroupConsumer;
use super::error::KafkaFault;
use super::writer::Setback;
use prometheus::IntGaugeVec;
use rdkafka::consumer::Consumer;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long to wait for positions before the consumer is polled again.
const SHORT: Duration = Duration::from_secs(2);

/// Where reading goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// The group has read nothing of the partition yet.
    Beginning,
    /// At the committed position.
    Offset(i64),
}

impl From<Next> for Offset {
    fn from(next: Next) -> Self {
        match next {
            Next::Beginning => Self::Beginning,
            Next::Offset(offset) => Self::Offset(offset),
        }
    }
}

/// What a partition is doing. It is paused in every phase but the third.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Its committed position is not known yet: a transaction of the previous owner may be undecided.
    Waiting,
    /// Its state is being restored.
    Restoring {
        /// Where reading goes on.
        next: Next,
    },
    /// It is read and scored.
    Active,
    /// It can't go on; a person must look.
    Stopped,
}

/// The assigned partitions.
#[derive(Debug)]
pub(crate) struct Partitions {
    topic: String,
    phases: BTreeMap<i32, Phase>,
}

impl Partitions {
    pub(crate) fn new(topic: &str) -> Self {
        Self { topic: topic.to_owned(), phases: BTreeMap::new() }
    }

    pub(crate) fn set(&mut self, partition: i32, phase: Phase) {
        self.phases.insert(partition, phase);
    }

    pub(crate) fn remove(&mut self, partition: i32) {
        self.phases.remove(&partition);
    }

    pub(crate) fn is_active(&self, partition: i32) -> bool {
        self.phases.get(&partition) == Some(&Phase::Active)
    }

    /// Whether everything assigned is being scored.
    pub(crate) fn is_ready(&self) -> bool {
        !self.phases.is_empty() && self.phases.values().all(|phase| *phase == Phase::Active)
    }

    pub(crate) fn waiting(&self) -> Vec<i32> {
        self.phases.iter().filter(|(_, phase)| **phase == Phase::Waiting).map(|(&partition, _)| partition).collect()
    }

    /// The group's committed position, where reading goes on; `None` if it is not decided yet.
    pub(crate) fn committed(&self, consumer: &GroupConsumer, partition: i32) -> Result<Option<Next>, Setback> {
        let list = self.list(partition, Offset::Invalid)?;
        match consumer.committed_offsets(list, SHORT) {
            Ok(found) => Ok(found.find_partition(&self.topic, partition).map(|element| match element.offset() {
                Offset::Offset(next) => Next::Offset(next),
                Offset::Beginning | Offset::End | Offset::Stored | Offset::Invalid | Offset::OffsetTail(_) => {
                    Next::Beginning
                }
            })),
            Err(error) => {
                tracing::debug!(%error, partition, "the committed position is waited for");
                Ok(None)
            }
        }
    }

    /// Begins to read a restored partition.
    pub(crate) fn activate(
        &mut self,
        consumer: &GroupConsumer,
        partition: i32,
        patience: Duration,
    ) -> Result<(), Setback> {
        let Some(Phase::Restoring { next }) = self.phases.get(&partition).copied() else { return Ok(()) };
        let list = self.list(partition, next.into())?;
        let failed = |what| move |source| Setback::Restart(KafkaFault::Call { what, source });
        consumer.seek_partitions(list, patience).map_err(failed("seeking to the committed position"))?;
        consumer.resume(&self.list(partition, Offset::Invalid)?).map_err(failed("resuming a partition"))?;
        self.set(partition, Phase::Active);
        tracing::info!(partition, ?next, "scoring");
        Ok(())
    }

    /// Stops a partition for good; the others go on.
    pub(crate) fn stop(&mut self, consumer: &GroupConsumer, partition: i32, fault: &KafkaFault) {
        tracing::error!(
            partition,
            fault = fault as &dyn std::error::Error,
            "the partition is stopped, its state is kept"
        );
        self.set(partition, Phase::Stopped);
        if let Ok(list) = self.list(partition, Offset::Invalid)
            && let Err(error) = consumer.pause(&list)
        {
            tracing::warn!(%error, partition, "could not pause");
        }
    }

    pub(crate) fn count(&self, gauge: &IntGaugeVec) {
        let of = |wanted: fn(&Phase) -> bool| self.phases.values().filter(|phase| wanted(phase)).count();
        let counts = [
            ("waiting", of(|phase| matches!(phase, Phase::Waiting))),
            ("restoring", of(|phase| matches!(phase, Phase::Restoring { .. }))),
            ("active", of(|phase| matches!(phase, Phase::Active))),
            ("stopped", of(|phase| matches!(phase, Phase::Stopped))),
        ];
        for (label, count) in counts {
            gauge.with_label_values(&[label]).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    fn list(&self, partition: i32, offset: Offset) -> Result<TopicPartitionList, Setback> {
        let mut list = TopicPartitionList::new();
        let added = match offset {
            Offset::Invalid => {
                list.add_partition(&self.topic, partition);
                Ok(())
            }
            offset => list.add_partition_offset(&self.topic, partition, offset),
        };
        added.map_err(|source| Setback::Restart(KafkaFault::Call { what: "listing offsets", source }))?;
        Ok(list)
    }
}
