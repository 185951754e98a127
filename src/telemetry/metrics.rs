//! Metrics, counted once a batch. Labels are bounded: names that input chooses are cut to a fixed number of them.

use crate::pipeline::{Scored, Totals, Watch};
use prometheus::{Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Why metrics can't be made or printed.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep metrics: {0}")]
pub struct MetricsError(#[from] prometheus::Error);

/// All metrics of the program.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    decoded: IntCounterVec,
    ignored: IntCounterVec,
    dead: IntCounterVec,
    observations: IntCounterVec,
    derived: IntCounter,
    detections: IntCounterVec,
    shadowed: IntCounterVec,
    expected: IntCounterVec,
    transitions: IntCounterVec,
    incidents: IntCounterVec,
    batch_seconds: Histogram,
    batch_records: Histogram,
    loads: IntCounter,
    cache_bytes: IntGauge,
    cache_states: IntGauge,
    stream_time: IntGauge,
    backlog: IntGauge,
    requests: IntCounterVec,
    reloads: IntCounterVec,
    inbox_backlog: Arc<AtomicU64>,
}

/// What became of files that changed while the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reload {
    /// They are in use.
    Taken,
    /// What was in use before stays.
    Refused,
}

/// Different ignore rules that get a label of their own.
const IGNORED_LABELS: usize = 64;

impl Metrics {
    /// All metrics at 0. `inbox_backlog` are the bytes that wait in the inbox.
    ///
    /// # Errors
    /// When a metric's name is taken.
    pub fn new(inbox_backlog: Arc<AtomicU64>) -> Result<Self, MetricsError> {
        let registry = Registry::new();
        let r = &registry;
        let process = prometheus::process_collector::ProcessCollector::for_self();
        registry.register(Box::new(process))?;
        Ok(Self {
            decoded: vec(r, "picket_records_decoded_total", "Records that became events.", "category")?,
            ignored: vec(r, "picket_records_ignored_total", "Records passed over, by rule.", "rule")?,
            dead: vec(r, "picket_records_dead_total", "Records that became dead letters, by reason.", "code")?,
            observations: vec(r, "picket_observations_total", "Observations, by what became of them.", "fate")?,
            derived: counter(r, "picket_observations_derived_total", "Observations passed on by directory entities.")?,
            detections: vec(r, "picket_detections_total", "Risk detections, by type.", "type")?,
            shadowed: vec(r, "picket_detections_shadowed_total", "What detectors in shadow found, by type.", "type")?,
            expected: vec(r, "picket_detections_expected_total", "Detections that an expected change holds.", "type")?,
            transitions: vec(r, "picket_transitions_total", "Changes of risk, by the level after.", "level")?,
            incidents: vec(r, "picket_incidents_total", "Changes of incidents, by the level after.", "level")?,
            batch_seconds: histogram(r, "picket_batch_seconds", "Time to score and commit a batch.", SECONDS)?,
            batch_records: histogram(r, "picket_batch_records", "Records of a batch.", RECORDS)?,
            loads: counter(r, "picket_state_loads_total", "States read from the store.")?,
            cache_bytes: gauge(r, "picket_state_cache_bytes", "Memory held by cached states.")?,
            cache_states: gauge(r, "picket_state_cache_entries", "States in the cache.")?,
            stream_time: gauge(r, "picket_stream_time_seconds", "The stream clock, in seconds since the epoch.")?,
            backlog: gauge(r, "picket_inbox_backlog_bytes", "Accepted bytes that wait to be judged.")?,
            requests: vec(r, "picket_inbox_requests_total", "Requests to the inbox, by status.", "status")?,
            reloads: {
                let help = "Changed files of the operator, by what they are and whether they were taken up.";
                labelled(r, "picket_reloads_total", help, &["of", "outcome"])?
            },
            inbox_backlog,
            registry,
        })
    }

    /// Where all metrics are registered.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Counts a request to the inbox.
    pub fn request(&self, status: u16) {
        self.requests.with_label_values(&[status.to_string().as_str()]).inc();
    }

    /// Counts what became of changed files.
    pub fn reloaded(&self, of: &'static str, outcome: Reload) {
        let outcome = match outcome {
            Reload::Taken => "taken",
            Reload::Refused => "refused",
        };
        self.reloads.with_label_values(&[of, outcome]).inc();
    }

    /// The metrics page.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn page(&self) -> Result<Vec<u8>, MetricsError> {
        self.backlog.set(self.inbox_backlog.load(Ordering::Acquire).cast_signed());
        let mut page = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut page)?;
        Ok(page)
    }

    fn count_records(&self, scored: &Scored, totals: &Totals) {
        let tally = &scored.prepared.tally;
        for (category, count) in &tally.events {
            self.decoded.with_label_values(&[category.as_str()]).inc_by(*count);
        }
        for (rule, count) in &tally.ignored {
            let known = totals.tally.ignored.keys().take(IGNORED_LABELS).any(|name| name == rule);
            self.ignored.with_label_values(&[if known { rule.as_str() } else { "other" }]).inc_by(*count);
        }
        for (code, count) in &tally.dead {
            self.dead.with_label_values(&[code.as_str()]).inc_by(*count);
        }
        self.batch_records.observe(tally.records as f64);
    }
}

impl Watch for Metrics {
    fn committed(&mut self, scored: &Scored, totals: &Totals, took: Duration) {
        use crate::store::OutputKind;
        self.count_records(scored, totals);
        let counts = scored.judgement.counts;
        for (fate, count) in [
            ("folded", counts.folded),
            ("duplicate", counts.duplicates),
            ("late", counts.late),
            ("skipped", counts.skipped),
        ] {
            self.observations.with_label_values(&[fate]).inc_by(count);
        }
        self.derived.inc_by(counts.derived);
        self.loads.inc_by(counts.loads);
        for output in &scored.judgement.outputs {
            match output.kind {
                OutputKind::Detection => self.detections.with_label_values(&[output.label]).inc(),
                OutputKind::Transition => self.transitions.with_label_values(&[output.label]).inc(),
                OutputKind::Incident => self.incidents.with_label_values(&[output.label]).inc(),
                OutputKind::RiskState | OutputKind::DeadLetter => {}
            }
        }
        for name in &scored.judgement.shadowed {
            self.shadowed.with_label_values(&[name]).inc();
        }
        for name in &scored.judgement.expected {
            self.expected.with_label_values(&[name]).inc();
        }
        self.batch_seconds.observe(took.as_secs_f64());
        self.cache_bytes.set(i64::try_from(scored.cached_bytes).unwrap_or(i64::MAX));
        self.cache_states.set(i64::try_from(scored.cached_states).unwrap_or(i64::MAX));
        if let Some(now) = scored.clock.now() {
            self.stream_time.set(now.micros() / picket_detectors::event::EventTime::SECOND);
        }
    }
}

const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
const RECORDS: &[f64] = &[1.0, 10.0, 100.0, 1_000.0, 4_000.0, 16_000.0, 64_000.0];

fn counter(registry: &Registry, name: &str, help: &str) -> Result<IntCounter, MetricsError> {
    let metric = IntCounter::new(name, help)?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

fn gauge(registry: &Registry, name: &str, help: &str) -> Result<IntGauge, MetricsError> {
    let metric = IntGauge::new(name, help)?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

fn vec(registry: &Registry, name: &str, help: &str, label: &str) -> Result<IntCounterVec, MetricsError> {
    labelled(registry, name, help, &[label])
}

fn labelled(registry: &Registry, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, MetricsError> {
    let metric = IntCounterVec::new(Opts::new(name, help), labels)?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

fn histogram(registry: &Registry, name: &str, help: &str, buckets: &[f64]) -> Result<Histogram, MetricsError> {
    let metric = Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}
