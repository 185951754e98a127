//! `picket run` on Kafka, and `picket observations`.

use super::args::{Common, ObservationsCommand};
use super::exit::UsageError;
use super::watch::Marks;
use super::{engine, print, run};
use crate::config::{Config, kafka::Role};
use crate::kafka::{KafkaStatus, RouteSetup, ScoreSetup, Shared, dump_observations, instance_name};
use crate::pipeline::{Control, PipelineError};
use crate::serve::{Readiness, Served, Server, router};
use crate::store::{Durability, Store, StoreOptions};
use crate::telemetry::{Metrics, start_logging};
use anyhow::Context as _;
use std::process::ExitCode;
use std::sync::Arc;

/// Runs the configured roles until a signal ends them.
pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    if config.kafka.roles.is_empty() {
        return Err(UsageError::from("kafka.roles names no role: use route, score or both").into());
    }
    std::fs::create_dir_all(&config.store.dir)
        .with_context(|| format!("the data folder {} can't be used", config.store.dir.display()))?;
    let metrics = Metrics::new(Arc::default())?;
    let readiness = Readiness::default();
    let status = KafkaStatus::new(metrics.registry(), &config.kafka.roles, readiness.clone())?;
    let control = Arc::new(Control::default());
    let server = Server::start(config.serve.listen).context("cannot listen on serve.listen")?;
    run::announce(config, &server)?;
    let ended = server.ended();
    let pool = engine::pool(config)?;
    let shared = Shared {
        kafka: config.kafka.clone(),
        data: config.store.dir.clone(),
        instance: instance_name(config.kafka.instance.as_deref(), &config.store.dir)?,
        batch: config.batch,
        pool,
        status: Arc::new(status),
        control: Arc::clone(&control),
        partitions: 0,
    };
    let has = |role| config.kafka.roles.contains(&role);
    let marks = has(Role::Route).then(|| Marks::open(config)).transpose()?;
    let _watcher = marks.as_ref().map(|marks| marks.watch(&metrics)).transpose()?;
    let route = marks.map(|marks| RouteSetup { decoder: marks.decoder(config) });
    let score = has(Role::Score).then(|| score_setup(config)).transpose()?;
    let routes = router(Served {
        metrics,
        readiness: readiness.clone(),
        inbox: None,
        token: None,
        webhook: None,
        body_bytes: config.serve.body_bytes,
        scrubber: engine::scrubber(config),
    });
    let serving = std::thread::Builder::new().name("serve".to_owned());
    let serving = serving.spawn(move || server.run(routes, &readiness, &control))?;
    let result = crate::kafka::run(shared, route.as_ref(), score.as_ref());
    ended.cancel();
    serving.join().map_err(|_| PipelineError::Panicked { stage: "serve" })?;
    Ok(result?)
}

/// The store is a cache of the state topic: what a power failure takes from it is read again.
fn score_setup(config: &Config) -> anyhow::Result<ScoreSetup> {
    let options = StoreOptions { durability: Durability::Temporary, cache_bytes: config.store.cache_bytes };
    let store = Arc::new(Store::open(&config.store.dir.join("kafka"), options)?);
    Ok(ScoreSetup { engine: engine::detectors(config), store, cache_bytes: config.store.state_bytes })
}

pub(super) fn observations(common: &Common, command: &ObservationsCommand) -> anyhow::Result<ExitCode> {
    let config = Config::check(&engine::layers(common)?)?;
    start_logging(&config.log);
    match command {
        ObservationsCommand::Dump { out } => {
            let count = dump_observations(&config.kafka, out)?;
            print::out(format!("{count} observations are in {}\n", out.display()).as_bytes())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
