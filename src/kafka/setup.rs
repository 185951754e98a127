//! What the workers of a process share.

use super::client::Cluster;
use super::error::KafkaFault;
use super::status::{KafkaStatus, Role};
use super::writer::{BatchWriter, Guarantee};
use crate::config::kafka::{Kafka, Transactions};
use crate::decode;
use crate::ingest::BatchLimits;
use crate::pipeline::Control;
use crate::store::Store;
use picket_detectors::engine::Engine;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// What all roles need.
#[derive(Debug)]
pub struct Shared {
    /// The configuration.
    pub kafka: Kafka,
    /// The folder for what must survive a restart.
    pub data: PathBuf,
    /// The name of this instance: stable over restarts, and no other living instance has it.
    pub instance: String,
    /// How large a batch may get.
    pub batch: BatchLimits,
    /// Threads for decoding and folding.
    pub pool: Arc<rayon::ThreadPool>,
    /// Readiness and metrics.
    pub status: Arc<KafkaStatus>,
    /// Ends all workers, orderly.
    pub control: Arc<Control>,
    /// How many partitions the observations topic has; known once the topics were prepared.
    pub partitions: usize,
}

/// What `route` needs besides.
#[derive(Debug)]
pub struct RouteSetup {
    /// How records are decoded.
    pub decoder: decode::Decoder,
}

/// What `score` needs besides.
#[derive(Debug)]
pub struct ScoreSetup {
    /// The detectors and their numbers.
    pub engine: Arc<Engine>,
    /// The local store, a cache of the state topic.
    pub store: Arc<Store>,
    /// The bound of states in memory.
    pub cache_bytes: usize,
}

/// The file that says that this instance has written transactions to its cluster.
const PROVEN: &str = "kafka-transactions";
/// The file with the instance's name.
const INSTANCE: &str = "instance";

impl Shared {
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_millis(u64::from(self.kafka.request_timeout_ms))
    }

    /// Opens the writer of a role. Once transactions have worked they are insisted on: a coordinator that is away for a
    /// moment must not cost exactness.
    pub(crate) fn writer(&self, cluster: &Cluster, role: Role) -> Result<BatchWriter, KafkaFault> {
        let proven = self.data.join(PROVEN);
        let transactions = match self.kafka.transactions {
            Transactions::Auto if proven.exists() => Transactions::On,
            configured => configured,
        };
        let id = format!("{}-{}-{}", self.kafka.group, role.as_str(), self.instance);
        let writer = BatchWriter::open(&self.kafka, cluster, &id, transactions)?;
        if writer.guarantee() == Guarantee::Transactions && !proven.exists() {
            std::fs::write(&proven, b"").map_err(|source| KafkaFault::Data { path: proven, source })?;
        }
        Ok(writer)
    }
}

/// The name of this instance: as configured, or made up once and kept in the data folder.
pub fn instance_name(configured: Option<&str>, data: &Path) -> Result<String, KafkaFault> {
    if let Some(name) = configured {
        return Ok(name.to_owned());
    }
    let path = data.join(INSTANCE);
    let failed = |source| KafkaFault::Data { path: path.clone(), source };
    match std::fs::read_to_string(&path) {
        Ok(name) if !name.trim().is_empty() => return Ok(name.trim().to_owned()),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        Ok(_) | Err(_) => {}
    }
    std::fs::create_dir_all(data).map_err(failed)?;
    let name = random_name().map_err(failed)?;
    std::fs::write(&path, &name).map_err(failed)?;
    Ok(name)
}

/// Sixteen bytes of the system's randomness.
fn random_name() -> std::io::Result<String> {
    use std::io::Read;
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(Uuid::from_bytes(bytes).simple().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_keeps_the_name_it_made_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let other = tempfile::tempdir().expect("a folder");
        let first = instance_name(None, folder.path()).expect("a name");
        assert_eq!(first, instance_name(None, folder.path()).expect("a name"));
        assert_ne!(first, instance_name(None, other.path()).expect("a name"));
        assert_eq!(instance_name(Some("blue"), folder.path()).expect("a name"), "blue");
    }
}
