//! What every command that judges needs: configuration, threads, the engine.

use super::args::{Common, Tuning};
use crate::config::{Config, Layers};
use crate::decode::Context;
use crate::pipeline::{Derived, DueIndex, Judge, Scorer, stream_clock};
use crate::store::Store;
use anyhow::Context as _;
use picket_detectors::engine::Engine;
use picket_detectors::secrets::{FingerprintKey, Scrubber};
use std::sync::Arc;

/// Defaults, file, environment and the flags of every command.
pub(super) fn layers(common: &Common) -> anyhow::Result<Layers> {
    let mut layers = Layers::defaults()?;
    if let Some(path) = &common.config {
        layers = layers.file(path)?;
    }
    layers = layers.environment(std::env::vars_os().filter_map(|(name, value)| {
        // What is not text names no setting.
        Some((name.into_string().ok()?, value.into_string().ok()?))
    }))?;
    layers = layers.flag("--log-level", &["log", "level"], common.log_level.clone())?;
    Ok(layers.flag("--log-format", &["log", "format"], common.log_format.clone())?)
}

/// The flags of the commands that judge.
pub(super) fn tuned(layers: Layers, tuning: &Tuning) -> anyhow::Result<Layers> {
    let layers = layers.flag("--threads", &["run", "threads"], tuning.threads.map(i64::from))?;
    let layers = layers.flag("--batch-records", &["batch", "records"], tuning.batch_records.map(i64::from))?;
    Ok(layers.flag("--tenant", &["input", "tenant"], tuning.tenant.clone())?)
}

/// The threads that decode and judge.
pub(super) fn pool(config: &Config) -> anyhow::Result<Arc<rayon::ThreadPool>> {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(config.threads);
    let pool = builder.thread_name(|number| format!("judge-{number}")).build();
    Ok(Arc::new(pool.context("cannot start the threads that judge")?))
}

/// What decoding needs to know.
pub(super) fn decode_context(config: &Config) -> Context {
    Context { default_tenant: config.input.tenant.clone(), limits: config.limits, scrubber: scrubber(config) }
}

/// Takes secrets out of what is kept, with the deployment's key.
pub(super) fn scrubber(config: &Config) -> Arc<Scrubber> {
    use secrecy::ExposeSecret;
    Arc::new(
        config
            .fingerprint_key
            .as_ref()
            .map_or_else(Scrubber::default, |text| Scrubber::new(&derived_key(text.expose_secret()))),
    )
}

/// The deployment's key of fingerprints; the same that marks and findings of code feeds are made with.
pub(super) fn fingerprint_key(config: &Config) -> FingerprintKey {
    use secrecy::ExposeSecret;
    config
        .fingerprint_key
        .as_ref()
        .map_or_else(FingerprintKey::default, |text| FingerprintKey::new(&derived_key(text.expose_secret())))
}

fn derived_key(text: &str) -> [u8; 32] {
    blake3::derive_key("picket 2026-01 key of secret fingerprints", text.as_bytes())
}

/// The detectors with their numbers and lists.
pub(super) fn detectors(config: &Config) -> Arc<Engine> {
    Arc::new(Engine {
        modes: config.modes.clone(),
        expected: config.expected.clone(),
        alerts_per_1000_principals_day: config.alerts_per_1000_principals_day,
        ..Engine::builtin()
    })
}

/// A scorer over the store.
pub(super) fn scorer(
    config: &Config,
    store: &Arc<Store>,
    pool: &Arc<rayon::ThreadPool>,
    derived: Derived,
) -> anyhow::Result<Scorer> {
    let reader = Arc::clone(store);
    let judge = Judge::new(detectors(config), reader, Arc::clone(pool), derived, config.store.state_bytes);
    let due = DueIndex::new(Arc::clone(store), judge.durable());
    Ok(Scorer::new(judge, due, stream_clock(store)?))
}
