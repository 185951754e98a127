//! `picket run`: records as they come, detections as they arise.

use super::args::{Common, RunArgs};
use super::engine;
use super::exit::UsageError;
use super::watch::Marks;
use crate::config::{Clock, Config, Layers, Mode, Origin};
use crate::ingest::{FileSource, Inbox, InboxLimits, InboxSource, Source, StdinSource, find_files};
use crate::pipeline::{
    Clocking, Committer, Control, Derived, PipelineError, Scored, Stages, Totals, Watch, file_position, read_batches,
};
use crate::publish::{Echo, NdjsonFiles, publish_until_end};
use crate::serve::{Readiness, Served, Server, Token, WebhookSecret, router};
use crate::store::{Durability, Store, StoreError, StoreOptions};
use crate::telemetry::{Metrics, start_logging};
use anyhow::Context as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The file in the data folder that holds the address served on.
const ADDRESS_FILE: &str = "http.addr";

pub(super) fn run(common: &Common, args: RunArgs) -> anyhow::Result<ExitCode> {
    let once = args.once;
    let layers = layers(common, args)?;
    let mut config = Config::check(&layers)?;
    if once {
        config.serve.inbox = false;
        if *layers.origin("serve.listen") == Origin::Default {
            config.serve.listen = None;
        }
    }
    start_logging(&config.log);
    match config.mode {
        Mode::Embedded => embedded(&config)?,
        Mode::Kafka => super::kafka::run(&config)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn layers(common: &Common, args: RunArgs) -> anyhow::Result<Layers> {
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let list = |paths: Vec<PathBuf>| -> Option<Vec<String>> {
        (!paths.is_empty()).then(|| paths.into_iter().map(text).collect())
    };
    let set = |flag: bool| flag.then_some(true);
    let roles = args.roles.clone();
    let mode = (!roles.is_empty()).then_some("kafka");
    let layers = engine::tuned(engine::layers(common)?, &args.tuning)?
        .flag("--roles", &["run", "mode"], mode)?
        .flag("--roles", &["kafka", "roles"], (!roles.is_empty()).then_some(roles))?
        .flag("FILE", &["input", "files"], list(args.files))?
        .flag("--inventory", &["input", "inventory"], list(args.inventory))?
        .flag("--data", &["store", "dir"], args.data.map(text))?
        .flag("--out", &["publish", "dir"], args.out.map(text))?
        .flag("--listen", &["serve", "listen"], args.listen.map(|address| address.to_string()))?
        .flag("--follow", &["input", "follow"], set(args.follow))?
        .flag("--stdin", &["input", "stdin"], set(args.stdin))?
        .flag("--stdout", &["publish", "stdout"], set(args.stdout))?;
    Ok(layers)
}

fn embedded(config: &Config) -> anyhow::Result<()> {
    let options = StoreOptions { durability: Durability::Synced, cache_bytes: config.store.cache_bytes };
    let store = Arc::new(Store::open(&config.store.dir, options)?);
    let control = Arc::new(Control::default());
    let with_inbox = config.serve.inbox && config.serve.listen.is_some();
    // The inbox's writer ends when nobody can accept any more, which is after the server: it is joined last.
    let mut inbox_stage = Stages::<anyhow::Error>::new(Arc::clone(&control));
    let inbox = with_inbox.then(|| start_inbox(config, &store, &control, &mut inbox_stage)).transpose()?;
    let (inbox, inbox_source) = inbox.unzip();
    let sources = sources(config, &store, &control, inbox_source)?;
    let backlog = inbox.as_ref().map(Inbox::backlog).unwrap_or_default();
    let metrics = Metrics::new(Arc::clone(&backlog))?;
    let server = Server::start(config.serve.listen).with_context(|| {
        format!("cannot listen on {}", config.serve.listen.map(|address| address.to_string()).unwrap_or_default())
    })?;
    announce(config, &server)?;
    let ended = server.ended();
    let marks = Marks::open(config)?;
    let _watcher = marks.watch(&metrics)?;
    let totals = Arc::<Mutex<Totals>>::default();
    let watch = RunWatch { metrics: metrics.clone(), backlog, totals: Arc::clone(&totals) };
    let stages = start_stages(config, &store, &control, sources, &marks, watch)?;
    let readiness = Readiness::default();
    readiness.set(true);
    let token = config.serve.token.as_ref().map(Token::new);
    let scrubber = engine::scrubber(config);
    let routes = router(Served {
        metrics,
        readiness: readiness.clone(),
        inbox,
        token,
        webhook: config.serve.webhook_secret.as_ref().map(WebhookSecret::new),
        scrubber,
        body_bytes: config.serve.body_bytes,
    });
    let serving = std::thread::Builder::new().name("serve".to_owned());
    let serving = serving.spawn(move || server.run(routes, &readiness, &control))?;
    let result = stages.join();
    ended.cancel();
    let ended_well = serving.join().map_err(|_| PipelineError::Panicked { stage: "serve" }.into());
    result.and(ended_well).and(inbox_stage.join())?;
    store.sync()?;
    say_what_was_done(&totals.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(())
}

fn say_what_was_done(totals: &Totals) {
    let tally = &totals.tally;
    tracing::info!(
        records = tally.records,
        ignored = tally.ignored_count(),
        dead_letters = tally.dead_count(),
        detections = totals.detection_count(),
        transitions = totals.transitions.values().sum::<u64>(),
        "ended"
    );
}

fn start_inbox(
    config: &Config,
    store: &Arc<Store>,
    control: &Arc<Control>,
    stage: &mut Stages<anyhow::Error>,
) -> anyhow::Result<(Inbox, InboxSource)> {
    let limits = InboxLimits { backlog_bytes: config.serve.backlog_bytes };
    let (inbox, source, write) = Inbox::new(store, limits, Arc::clone(control.wake()))?;
    stage.spawn("inbox", move || Ok(write()?))?;
    Ok((inbox, source))
}

fn sources(
    config: &Config,
    store: &Arc<Store>,
    control: &Arc<Control>,
    inbox: Option<InboxSource>,
) -> anyhow::Result<Vec<Box<dyn Source>>> {
    let limit = config.limits.value_bytes;
    let mut sources = Vec::<Box<dyn Source>>::new();
    for (paths, follow) in [(&config.input.inventory, false), (&config.input.files, config.input.follow)] {
        let files = find_files(paths)?;
        let follow = follow && !paths.is_empty();
        if follow || !files.is_empty() {
            let store = Arc::clone(store);
            let source = FileSource::new(files, limit, Box::new(move |name: &str| Ok(file_position(&store, name)?)));
            sources.push(Box::new(if follow { source.following(paths.clone()) } else { source }));
        }
    }
    if config.input.stdin {
        sources.push(Box::new(StdinSource::start(limit, Arc::clone(control.wake()))?));
    }
    if let Some(inbox) = inbox {
        sources.push(Box::new(inbox));
    }
    if sources.is_empty() {
        return Err(UsageError::from("nothing to read: name files, or use --stdin or --listen").into());
    }
    Ok(sources)
}

fn start_stages(
    config: &Config,
    store: &Arc<Store>,
    control: &Arc<Control>,
    sources: Vec<Box<dyn Source>>,
    marks: &Marks,
    watch: RunWatch,
) -> anyhow::Result<Stages<anyhow::Error>> {
    let pool = engine::pool(config)?;
    let scorer = engine::scorer(config, store, &pool, Derived::Fold)?;
    let committer = Committer::new(Arc::clone(store), scorer.durable())?;
    let files = NdjsonFiles::resume(&config.publish_dir, store)?;
    let mut stages = Stages::<anyhow::Error>::new(Arc::clone(control));
    let (limits, clocking, reading) = (config.batch, clocking(config), Arc::clone(control));
    let (decoding, prepared) = stages.spawn_decode(marks.decoder(config), pool)?;
    stages.spawn("read", move || Ok(read_batches(sources, limits, clocking, &reading, &decoding)?))?;
    let progress = stages.spawn_score_and_commit(prepared, scorer, committer, watch)?;
    let (store, control) = (Arc::clone(store), Arc::clone(control));
    let echo = if config.stdout { Echo::Detections } else { Echo::Off };
    stages.spawn("publish", move || {
        publish_until_end(files, &store, &progress, &control, echo)?;
        Ok(())
    })?;
    Ok(stages)
}

fn clocking(config: &Config) -> Clocking {
    let comes_live = config.input.follow || (config.serve.inbox && config.serve.listen.is_some());
    match config.clock {
        Clock::Wall => Clocking::Wall,
        Clock::Auto if comes_live => Clocking::Wall,
        Clock::Auto | Clock::Stream => Clocking::Stream,
    }
}

/// Says where it listens, to the log and to a file that scripts and tests can read.
pub(super) fn announce(config: &Config, server: &Server) -> anyhow::Result<()> {
    let path = config.store.dir.join(ADDRESS_FILE);
    let Some(address) = server.address() else {
        tracing::info!("serving nothing over HTTP");
        return Ok(());
    };
    tracing::info!(%address, inbox = config.serve.inbox, "serving");
    std::fs::write(&path, address.to_string()).map_err(|source| StoreError::Folder { path, source })?;
    Ok(())
}

/// Counts, and gives back the room that committed bodies took in the inbox.
struct RunWatch {
    metrics: Metrics,
    backlog: Arc<AtomicU64>,
    /// Of this run alone.
    totals: Arc<Mutex<Totals>>,
}

impl Watch for RunWatch {
    fn committed(&mut self, scored: &Scored, since_ever: &Totals, took: Duration) {
        self.metrics.committed(scored, since_ever, took);
        let mut totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        totals.add(&scored.judgement, &scored.prepared.tally);
        let bytes: usize = scored.prepared.bodies.iter().map(|(_, bytes)| bytes).sum();
        self.backlog.fetch_sub(bytes as u64, Ordering::AcqRel);
        tracing::debug!(
            records = scored.prepared.tally.records,
            outputs = scored.judgement.outputs.len(),
            seconds = took.as_secs_f64(),
            "committed"
        );
    }
}
