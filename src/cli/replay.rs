//! `picket replay`: history to detections, the same every time.

use super::args::{Common, FailOn, ReplayArgs};
use super::progress::Progress;
use super::tenants::Tenants;
use super::watch::Marks;
use super::{engine, exit, print, summary};
use crate::config::Config;
use crate::decode::Decoder;
use crate::ingest::find_files;
use crate::kafka::ObservationFile;
use crate::pipeline::{
    Committer, Control, Derived, Merge, PipelineError, Prepared, PreparedEvent, Scored, Stages, Tally, Totals, Watch,
};
use crate::publish::{Echo, NdjsonFiles, RiskStates, publish_until_end};
use crate::store::{Durability, OutputKind, Store, StoreOptions};
use crate::telemetry::start_logging;
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Standard input as a file.
const STDIN: &str = "/dev/stdin";

/// The folder of the store, inside the output folder, while a replay runs.
const TEMPORARY: &str = ".picket-replay";

pub(super) fn replay(common: &Common, args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    let mut config = Config::check(&engine::tuned(engine::layers(common)?, &args.tuning)?)?;
    start_logging(&config.log);
    let inventory = find_files(&args.inventory)?;
    let stdin = args.stdin.then(|| PathBuf::from(STDIN));
    let files: Vec<PathBuf> = find_files(&args.files)?.into_iter().chain(stdin).collect();
    let tenants = Tenants::of(&config, &files)?;
    let adopted = tenants.adopted().cloned();
    config.input.tenant = adopted.clone().unwrap_or(config.input.tenant);
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("the output folder {} can't be used", args.out.display()))?;
    let (_removed_last, store) = open_store(args, &config)?;
    let everything: Vec<PathBuf> = inventory.iter().chain(&files).cloned().collect();
    let read = Arc::default();
    let progress = Progress::new(&everything, Arc::clone(&read));
    let watch = ReplayWatch { progress: Arc::new(progress), totals: Arc::default() };
    let has_inventory = !inventory.is_empty();
    let input = match &args.observations {
        Some(file) => Input::Observations(file.clone()),
        None => Input::Logs(vec![inventory, files], tenants),
    };
    judge(&config, &store, &args.out, input, &read, watch.clone())?;
    let totals = watch.totals.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if totals.tally.records == 0 {
        tracing::warn!(
            "no record was found: are these the right files, and do folders hold .json, .jsonl, .ndjson or .log files?"
        );
    }
    let seconds = watch.progress.seconds();
    drop(watch);
    if args.json {
        print::out(&summary::json(&totals, seconds, adopted.as_ref())?)?;
    } else {
        print::out(summary::table(&totals, seconds, &args.out, adopted.as_ref()).as_bytes())?;
    }
    say_what_was_understood(&totals.tally, has_inventory, &args.out)?;
    Ok(if args.fail_on.is_some_and(|level| came_to(&totals, level)) {
        ExitCode::from(exit::FINDINGS)
    } else {
        ExitCode::SUCCESS
    })
}

/// Says so where nothing came of any record; an error, where none could be read.
fn say_what_was_understood(tally: &Tally, has_inventory: bool, out: &Path) -> anyhow::Result<()> {
    const INVENTORY: &str = "Inventory";
    let letters = out.join(OutputKind::DeadLetter.file_name());
    anyhow::ensure!(
        tally.records == 0 || tally.dead_count() < tally.records,
        "none of {} records could be understood: {} says why of each",
        tally.records,
        letters.display()
    );
    if has_inventory && !tally.events.contains_key(INVENTORY) {
        print::warning(
            "the inventory names no application and no service principal: it is read as Graph gives them, one by one, \
             as a list or in pages (`value`)",
        );
    }
    if tally.records > 0 && tally.event_count() == 0 {
        print::warning("no record was of a kind that Picket judges: `picket replay --help` says which logs it reads");
    }
    Ok(())
}

/// What is replayed.
enum Input {
    /// Groups of files of logs, one group after the other, and what is known of whose they are.
    Logs(Vec<Vec<PathBuf>>, Tenants),
    /// A dump of the observations topic.
    Observations(PathBuf),
}

/// Runs the stages until every group of files is judged, one group after the other.
fn judge(
    config: &Config,
    store: &Arc<Store>,
    out: &Path,
    input: Input,
    read: &Arc<std::sync::atomic::AtomicU64>,
    watch: ReplayWatch,
) -> anyhow::Result<()> {
    let pool = engine::pool(config)?;
    let control = Arc::new(Control::default());
    let mut stages = Stages::<anyhow::Error>::new(Arc::clone(&control));
    // What was derived stands among the observations already.
    let derived = if matches!(input, Input::Observations(_)) { Derived::Return } else { Derived::Fold };
    let scorer = engine::scorer(config, store, &pool, derived)?;
    let committer = Committer::new(Arc::clone(store), scorer.durable())?;
    let files = NdjsonFiles::start_anew(out, store, RiskStates::AtTheEnd)?;
    let (send, prepared) = sync_channel(1);
    let (decoder, records, read) = (Marks::open(config)?.decoder(config), config.batch.records, Arc::clone(read));
    stages.spawn("merge", move || match input {
        Input::Logs(groups, mut tenants) => {
            let mut merge = |files| merge(files, &decoder, records, &pool, &read, &send, &mut tenants);
            groups.into_iter().try_for_each(&mut merge)?;
            tenants.warn();
            Ok(())
        }
        Input::Observations(file) => read_observations(&file, records, &send),
    })?;
    let progress = stages.spawn_score_and_commit(prepared, scorer, committer, watch)?;
    let publishing = Arc::clone(store);
    stages.spawn("publish", move || {
        let files = publish_until_end(files, &publishing, &progress, &control, Echo::Off)?;
        Ok(files.write_risk_states(&publishing)?)
    })?;
    stages.join()
}

fn merge(
    files: Vec<PathBuf>,
    decoder: &Decoder,
    records: usize,
    pool: &Arc<rayon::ThreadPool>,
    read: &Arc<std::sync::atomic::AtomicU64>,
    send: &SyncSender<Prepared>,
    tenants: &mut Tenants,
) -> anyhow::Result<()> {
    let mut merge = Merge::new(files, decoder.clone(), Arc::clone(pool), read).map_err(PipelineError::from)?;
    while let Some(batch) = merge.next_batch(records).map_err(PipelineError::from)? {
        tenants.note(&batch);
        if send.send(batch).is_err() {
            break;
        }
    }
    Ok(())
}

/// Ticks are among the observations: nothing here moves the stream clock.
fn read_observations(file: &Path, records: usize, send: &SyncSender<Prepared>) -> anyhow::Result<()> {
    let mut file = ObservationFile::open(file)?;
    loop {
        let mut batch = Prepared::default();
        let mut events = Vec::new();
        while events.len() < records {
            let Some((position, observation)) = file.next_observation()? else { break };
            batch.tally.event(observation.event.body.category());
            events.push(PreparedEvent {
                time: observation.event.time,
                ingested: observation.ingested,
                dated: false,
                position: Some(position),
                observations: smallvec::smallvec![observation],
            });
        }
        if events.is_empty() {
            return Ok(());
        }
        batch.events.push(events);
        if send.send(batch).is_err() {
            return Ok(());
        }
    }
}

/// Opens the store to keep, or one that is removed when its guard is dropped.
fn open_store(args: &ReplayArgs, config: &Config) -> anyhow::Result<(Option<Removed>, Arc<Store>)> {
    let cache_bytes = config.store.cache_bytes;
    if let Some(state) = &args.state {
        let options = StoreOptions { durability: Durability::Synced, cache_bytes };
        return Ok((None, Arc::new(Store::open(state, options)?)));
    }
    let path = args.out.join(TEMPORARY);
    // What a killed replay left behind.
    if path.exists() {
        std::fs::remove_dir_all(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    let guard = Removed(path.clone());
    let options = StoreOptions { durability: Durability::Temporary, cache_bytes };
    Ok((Some(guard), Arc::new(Store::open(&path, options)?)))
}

/// Removes a folder when dropped.
#[derive(Debug)]
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "cannot remove the temporary store");
        }
    }
}

fn came_to(totals: &Totals, level: FailOn) -> bool {
    let levels: &[&str] = match level {
        FailOn::Low => &["low", "medium", "high"],
        FailOn::Medium => &["medium", "high"],
        FailOn::High => &["high"],
    };
    levels.iter().any(|level| totals.transitions.contains_key(*level))
}

/// Counts this replay alone: a kept store may hold earlier ones.
#[derive(Debug, Clone)]
struct ReplayWatch {
    progress: Arc<Progress>,
    totals: Arc<Mutex<Totals>>,
}

impl Watch for ReplayWatch {
    fn committed(&mut self, scored: &Scored, _since_ever: &Totals, _took: Duration) {
        let mut totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        totals.add(&scored.judgement, &scored.prepared.tally);
        self.progress.show(totals.tally.records);
    }
}
