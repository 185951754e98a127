//! What the Kafka roles tell of themselves: readiness and metrics.

pub use crate::config::kafka::Role;
use crate::telemetry::Readiness;
use prometheus::{IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Readiness and metrics of the roles of this process.
#[derive(Debug)]
pub struct KafkaStatus {
    ready: Mutex<BTreeMap<Role, bool>>,
    readiness: Readiness,
    /// Records read and committed, by role.
    pub(crate) records: IntCounterVec,
    /// Records written in committed batches, by topic's part (`observations`, `state`, `outputs`, `dead_letters`).
    pub(crate) written: IntCounterVec,
    /// Records by what became of them: `events`, `ignored` or `dead`.
    pub(crate) decoded: IntCounterVec,
    /// Bytes of state written.
    pub(crate) state_bytes: IntCounterVec,
    /// What detectors in shadow found, by type.
    pub(crate) shadowed: IntCounterVec,
    /// Detections that an expected change holds, by type.
    pub(crate) expected: IntCounterVec,
    /// Batches committed, by role.
    pub(crate) commits: IntCounterVec,
    /// Batches taken back, by role.
    pub(crate) aborts: IntCounterVec,
    /// How often a worker began anew, by role.
    pub(crate) restarts: IntCounterVec,
    /// Records behind the end of the inputs, by role.
    pub(crate) lag: IntGaugeVec,
    /// Partitions of the observations topic by what they are doing.
    pub(crate) partitions: IntGaugeVec,
    /// Offsets of the state topic still to be read.
    pub(crate) restoring: IntGauge,
}

impl KafkaStatus {
    /// Makes the metrics and registers them. The roles named must all be ready before the process is.
    ///
    /// # Errors
    /// When a metric of the same name is registered already.
    pub fn new(registry: &Registry, roles: &[Role], readiness: Readiness) -> Result<Self, prometheus::Error> {
        let counter = |name: &str, help: &str, label: &str| -> Result<IntCounterVec, prometheus::Error> {
            let metric = IntCounterVec::new(Opts::new(name, help), &[label])?;
            registry.register(Box::new(metric.clone()))?;
            Ok(metric)
        };
        let gauge = |name: &str, help: &str, label: &str| -> Result<IntGaugeVec, prometheus::Error> {
            let metric = IntGaugeVec::new(Opts::new(name, help), &[label])?;
            registry.register(Box::new(metric.clone()))?;
            Ok(metric)
        };
        let restoring = IntGauge::new("picket_kafka_restore_offsets", "Offsets of the state topic still to be read")?;
        registry.register(Box::new(restoring.clone()))?;
        Ok(Self {
            readiness,
            ready: Mutex::new(roles.iter().map(|&role| (role, false)).collect()),
            records: counter("picket_kafka_records_total", "Records read and committed", "role")?,
            written: counter("picket_kafka_written_records_total", "Records written and committed", "kind")?,
            decoded: counter("picket_kafka_decoded_records_total", "Records by what became of them", "outcome")?,
            state_bytes: counter("picket_kafka_state_bytes_total", "Bytes of state written and committed", "role")?,
            expected: counter("picket_kafka_expected_detections_total", "Detections that are expected", "type")?,
            shadowed: counter("picket_kafka_shadowed_detections_total", "What detectors in shadow found", "type")?,
            commits: counter("picket_kafka_commits_total", "Batches committed", "role")?,
            aborts: counter("picket_kafka_aborts_total", "Batches taken back", "role")?,
            restarts: counter("picket_kafka_restarts_total", "Workers begun anew", "role")?,
            lag: gauge("picket_kafka_lag_records", "Records behind the end of the inputs", "role")?,
            partitions: gauge("picket_kafka_partitions", "Observation partitions by what they are doing", "phase")?,
            restoring,
        })
    }

    /// The process is ready when all its roles are connected, assigned and restored.
    pub(crate) fn set_ready(&self, role: Role, ready: bool) {
        let mut roles = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if roles.insert(role, ready) != Some(ready) {
            let all = roles.values().all(|&ready| ready);
            tracing::info!(role = role.as_str(), ready, all, "readiness");
            self.readiness.set(all);
        }
    }
}
