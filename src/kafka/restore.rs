//! Filling the local store from the state topic when partitions are assigned.
//!
//! A partition is complete when everything up to the *high watermark*, as it stood when its positions were fetched, was
//! read with `read_committed`. An open transaction of a writer that died pins what `read_committed` sees below commits
//! that came after it; so the end of stable records is waited for first, and only then is the partition read to its end.

use super::client::{Cluster, GroupConsumer, wait_for_cluster};
use super::error::KafkaFault;
use super::intake::tolerate;
use super::local::LocalState;
use super::writer::Setback;
use rdkafka::Message;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Records applied in one batch of the store.
const BATCH: usize = 5_000;
/// How long one step may take, so that the group's consumer is polled in between.
const STEP: Duration = Duration::from_millis(100);

/// How far one partition is.
#[derive(Debug)]
struct Job {
    /// The high watermark when it began: it must be read up to here.
    target: i64,
    /// The next offset to read.
    next: i64,
    /// Records read so far.
    records: u64,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// An open transaction lies below the target.
    Pinned,
    /// Being read; the next end of partition that is reported is past the target.
    Reading,
}

/// Restores partitions of the state topic into the local store.
pub(crate) struct Restorer {
    committed: GroupConsumer,
    uncommitted: GroupConsumer,
    topic: String,
    jobs: BTreeMap<i32, Job>,
    patience: Duration,
}

impl Restorer {
    pub(crate) fn new(cluster: &Cluster, topic: &str, patience: Duration) -> Result<Self, KafkaFault> {
        let (committed, uncommitted) = (cluster.committed_reader()?, cluster.uncommitted_reader()?);
        wait_for_cluster(&committed, patience)?;
        wait_for_cluster(&uncommitted, patience)?;
        Ok(Self { committed, uncommitted, topic: topic.to_owned(), jobs: BTreeMap::new(), patience })
    }

    /// Begins with a partition. The group's committed offsets must have been fetched before this call.
    pub(crate) fn begin(&mut self, partition: i32, local: &LocalState) -> Result<(), KafkaFault> {
        let (low, target) = self.watermarks(&self.uncommitted, partition)?;
        let next = match local.complete_to(partition)? {
            Some(next) if (low..=target).contains(&next) => next,
            found => {
                if let Some(next) = found {
                    tracing::warn!(partition, next, low, target, "the local store does not fit the state topic");
                }
                local.wipe(partition)?;
                low
            }
        };
        tracing::info!(partition, from = next, to = target, "restoring");
        self.jobs.insert(partition, Job { target, next, records: 0, stage: Stage::Pinned });
        Ok(())
    }

    /// Forgets a partition that was taken away.
    pub(crate) fn cancel(&mut self, partition: i32) -> Result<(), Setback> {
        match self.jobs.remove(&partition) {
            Some(_) => self.assign(),
            None => Ok(()),
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }

    /// How many offsets are still to be read.
    pub(crate) fn remaining(&self) -> i64 {
        self.jobs.values().map(|job| (job.target - job.next).max(0)).sum()
    }

    /// Works for a moment and gives the partitions that are complete now.
    pub(crate) fn step(&mut self, local: &LocalState) -> Result<Vec<i32>, Setback> {
        if self.jobs.is_empty() {
            return Ok(Vec::new());
        }
        self.unpin()?;
        let deadline = Instant::now() + STEP;
        let mut done = Vec::new();
        let mut values = BTreeMap::new();
        let mut count = 0;
        while Instant::now() < deadline && count < BATCH && done.len() < self.jobs.len() {
            match self.committed.poll(Duration::from_millis(20)) {
                None => {}
                Some(Ok(message)) => {
                    let Some(job) = self.jobs.get_mut(&message.partition()) else { continue };
                    job.next = job.next.max(message.offset() + 1);
                    job.records += 1;
                    count += 1;
                    let Some(key) = message.key() else { continue };
                    values.insert(key.to_vec(), message.payload().map(<[u8]>::to_vec));
                }
                Some(Err(KafkaError::PartitionEOF(partition))) if self.is_reading(partition) => done.push(partition),
                Some(Err(error)) => tolerate(error)?,
            }
        }
        local.apply(&values).map_err(Setback::Restart)?;
        self.finish(&done, local)?;
        Ok(done)
    }

    fn is_reading(&self, partition: i32) -> bool {
        self.jobs.get(&partition).is_some_and(|job| job.stage == Stage::Reading)
    }

    /// Starts reading the partitions whose records below the target are all decided.
    fn unpin(&mut self) -> Result<(), Setback> {
        let pinned: Vec<i32> =
            self.jobs.iter().filter(|(_, job)| job.stage == Stage::Pinned).map(|(&partition, _)| partition).collect();
        let mut changed = false;
        for partition in pinned {
            let (_, stable) = self.watermarks(&self.committed, partition).map_err(Setback::Restart)?;
            let Some(job) = self.jobs.get_mut(&partition) else { continue };
            if stable >= job.target {
                job.stage = Stage::Reading;
                changed = true;
            } else {
                tracing::debug!(partition, stable, target = job.target, "an open transaction is waited for");
            }
        }
        if changed { self.assign() } else { Ok(()) }
    }

    fn finish(&mut self, done: &[i32], local: &LocalState) -> Result<(), Setback> {
        for partition in done {
            let Some(job) = self.jobs.remove(partition) else { continue };
            let next = job.next.max(job.target);
            local.restored(*partition, next).map_err(Setback::Restart)?;
            tracing::info!(partition, records = job.records, "restored");
        }
        if done.is_empty() { Ok(()) } else { self.assign() }
    }

    /// Reads exactly the partitions in progress, each from where it is.
    fn assign(&self) -> Result<(), Setback> {
        let mut list = TopicPartitionList::new();
        for (&partition, job) in self.jobs.iter().filter(|(_, job)| job.stage == Stage::Reading) {
            list.add_partition_offset(&self.topic, partition, Offset::Offset(job.next)).map_err(assigning)?;
        }
        self.committed.assign(&list).map_err(assigning)
    }

    fn watermarks(&self, reader: &GroupConsumer, partition: i32) -> Result<(i64, i64), KafkaFault> {
        let deadline = Instant::now() + self.patience;
        loop {
            match reader.fetch_watermarks(&self.topic, partition, Duration::from_secs(5)) {
                Ok(watermarks) => return Ok(watermarks),
                Err(source) if Instant::now() >= deadline => {
                    return Err(KafkaFault::Call { what: "asking for the end of the state topic", source });
                }
                Err(error) => {
                    tracing::debug!(%error, partition, "asking again for the end of the state topic");
                    // Serves a token request, if that is what it waits for.
                    drop(reader.poll(Duration::from_millis(50)));
                }
            }
        }
    }
}

fn assigning(source: KafkaError) -> Setback {
    Setback::Restart(KafkaFault::Call { what: "assigning the state topic", source })
}
