//! The observations topic as a file, so that an embedded replay can judge just what a Kafka run has judged.
//!
//! The file begins with [`MAGIC`]. Each observation follows as partition (4 bytes), offset (8), length (4), all little
//! end first, and its value as it stands in the topic: a version byte, then postcard.

use super::client::{Cluster, GroupConsumer, wait_for_cluster};
use super::error::KafkaFault;
use super::topics;
use super::wire::{OBSERVATION_VERSION, Unreadable, decode_observation};
use crate::config::kafka::Kafka;
use picket_detectors::observation::Observation;
use rdkafka::Message;
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How every such file begins.
const MAGIC: &[u8; 8] = b"picketO1";
/// No observation is longer; a length beyond it is not one.
const MAX_VALUE: u32 = 64 << 20;

/// Writes every committed observation, up to the topic's end as of now, partition by partition in their order. Gives how
/// many.
///
/// # Errors
/// When Kafka or the file can't be used.
pub fn dump_observations(kafka: &Kafka, out: &Path) -> Result<u64, KafkaFault> {
    let patience = Duration::from_millis(u64::from(kafka.request_timeout_ms));
    let reader = Cluster::new(kafka)?.committed_reader()?;
    wait_for_cluster(&reader, patience)?;
    let topic = &kafka.topics.observations;
    let failed = |source| KafkaFault::Dump { path: out.to_owned(), source };
    let mut file = BufWriter::new(File::create(out).map_err(failed)?);
    file.write_all(MAGIC).map_err(failed)?;
    let mut count = 0;
    for partition in 0..topics::partitions(&reader, topic, patience)? {
        let partition = i32::try_from(partition).unwrap_or(i32::MAX);
        count += dump_partition(&reader, topic, partition, &mut |offset, value| {
            let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
            file.write_all(&partition.to_le_bytes())?;
            file.write_all(&offset.to_le_bytes())?;
            file.write_all(&length.to_le_bytes())?;
            file.write_all(value)
        })
        .map_err(|fault| match fault {
            Failed::Kafka(fault) => fault,
            Failed::File(source) => failed(source),
        })?;
    }
    file.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)?;
    Ok(count)
}

enum Failed {
    Kafka(KafkaFault),
    File(std::io::Error),
}

type Take<'a> = &'a mut dyn FnMut(i64, &[u8]) -> std::io::Result<()>;

fn dump_partition(reader: &GroupConsumer, topic: &str, partition: i32, take: Take<'_>) -> Result<u64, Failed> {
    let reading = |source| Failed::Kafka(KafkaFault::Call { what: "reading observations", source });
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, Offset::Beginning).map_err(reading)?;
    reader.assign(&list).map_err(reading)?;
    let mut count = 0;
    loop {
        match reader.poll(Duration::from_secs(1)) {
            None => {}
            Some(Ok(message)) => {
                take(message.offset(), message.payload().unwrap_or_default()).map_err(Failed::File)?;
                count += 1;
            }
            Some(Err(KafkaError::PartitionEOF(ended))) if ended == partition => return Ok(count),
            Some(Err(error @ KafkaError::MessageConsumptionFatal(_))) => return Err(reading(error)),
            Some(Err(error)) => tracing::debug!(%error, "while reading observations"),
        }
    }
}

/// An observation and where it stands: partition and offset.
pub type Positioned = ((i32, i64), Observation);

/// Reads such a file.
#[derive(Debug)]
pub struct ObservationFile {
    path: PathBuf,
    file: BufReader<File>,
}

impl ObservationFile {
    /// Opens a file that [`dump_observations`] wrote.
    ///
    /// # Errors
    /// When it can't be read, or is another kind of file.
    pub fn open(path: &Path) -> Result<Self, KafkaFault> {
        let failed = |source| KafkaFault::Dump { path: path.to_owned(), source };
        let mut file = BufReader::new(File::open(path).map_err(failed)?);
        let mut magic = [0; MAGIC.len()];
        file.read_exact(&mut magic).map_err(failed)?;
        if &magic != MAGIC {
            return Err(failed(std::io::Error::other("it is not a file of observations")));
        }
        Ok(Self { path: path.to_owned(), file })
    }

    /// The next observation with its partition and offset. What stood in the topic without being one is passed over, as `score` does.
    ///
    /// # Errors
    /// When the file is cut off, or holds what only a newer Picket reads.
    pub fn next_observation(&mut self) -> Result<Option<Positioned>, KafkaFault> {
        loop {
            let Some((partition, offset, value)) = self.next_value()? else { return Ok(None) };
            match decode_observation(&value) {
                Ok(observation) => return Ok(Some(((partition, offset), observation))),
                Err(Unreadable::Corrupt) => {}
                Err(Unreadable::Version(found)) => {
                    return Err(KafkaFault::ObservationVersion {
                        partition,
                        offset,
                        found,
                        known: OBSERVATION_VERSION,
                    });
                }
            }
        }
    }

    fn next_value(&mut self) -> Result<Option<(i32, i64, Vec<u8>)>, KafkaFault> {
        let path = &self.path;
        let failed = |source| KafkaFault::Dump { path: path.clone(), source };
        let mut partition = [0; 4];
        if self.file.read(&mut partition[..1]).map_err(failed)? == 0 {
            return Ok(None);
        }
        self.file.read_exact(&mut partition[1..]).map_err(failed)?;
        let (mut offset, mut length) = ([0; 8], [0; 4]);
        self.file.read_exact(&mut offset).map_err(failed)?;
        self.file.read_exact(&mut length).map_err(failed)?;
        let length = u32::from_le_bytes(length);
        if length > MAX_VALUE {
            return Err(failed(std::io::Error::other("an observation is impossibly long")));
        }
        let mut value = vec![0; length as usize];
        self.file.read_exact(&mut value).map_err(failed)?;
        Ok(Some((i32::from_le_bytes(partition), i64::from_le_bytes(offset), value)))
    }
}
