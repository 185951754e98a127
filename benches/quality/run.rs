//! One world: simulated, judged by Picket's own pipeline, and by the rivals.

use crate::arguments::Arguments;
use crate::judged::Judged;
use crate::rivals::{PeersRules, SetMembership};
use crate::truth::Truth;
use bytes::Bytes;
use picket::clock::Stopwatch;
use picket::config::{Config, Layers};
use picket::decode::{Context, Decoder};
use picket::ingest::Batch;
use picket::pipeline::{Committer, Derived, DueIndex, Judge, Scorer, StreamClock, prepare};
use picket::record::{Origin, Value};
use picket::sigma::Rules;
use picket::simulate::{Delivered, Options, Simulation, Stream};
use picket::store::{Durability, Store, StoreOptions};
use picket_detectors::engine::Engine;
use picket_detectors::event::{EventTime, TenantId};
use std::error::Error;
use std::sync::Arc;

/// Records that are judged together.
const BATCH: usize = 4_096;
/// Memory for states: all of them.
const STATES: usize = 4 << 30;

/// One world and what everybody said of it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) truth: Truth,
    pub(crate) picket: Judged,
    /// Set membership, by how many properties must be new at once.
    pub(crate) membership: Vec<Judged>,
    pub(crate) peers: Judged,
    pub(crate) start: EventTime,
    pub(crate) days: u32,
    pub(crate) cost: String,
}

/// The first Monday of March 2026.
fn start() -> EventTime {
    EventTime::from_civil(2026, 3, 2, 0, 0, 0, 0).unwrap_or_default()
}

struct Bench {
    scorer: Scorer,
    committer: Committer,
    decoder: Decoder,
    values: Vec<Value>,
    judged: Judged,
    membership: SetMembership,
    peers: PeersRules,
    dead: usize,
}

/// Simulates and judges.
pub(crate) fn run(seed: u64, arguments: &Arguments) -> Result<World, Box<dyn Error>> {
    let watch = Stopwatch::start();
    let options = Options {
        seed,
        principals: arguments.principals,
        days: arguments.days,
        start: start(),
        campaigns: arguments.campaigns.clone(),
        scanner: false,
    };
    let folder = tempfile::tempdir()?;
    let mut bench = Bench::new(folder.path(), arguments.threads)?;
    let mut truth = Truth::default();
    let mut records = 0_u64;
    for Delivered { arrived, stream, line } in Simulation::new(&options) {
        if stream == Stream::Labels {
            truth.take(&line)?;
            continue;
        }
        records += 1;
        let origin = Origin { source: "simulation".into(), position: records };
        bench.values.push(Value { bytes: Bytes::from(line), origin, ingested: arrived });
        if bench.values.len() >= BATCH {
            bench.judge(&truth)?;
        }
    }
    bench.judge(&truth)?;
    let seconds = watch.elapsed().as_secs_f64();
    let cost = format!(
        "{records} records, {} dead letters, {seconds:.1} s, {:.0} a second",
        bench.dead,
        records as f64 / seconds
    );
    let Bench { judged, membership, peers, .. } = bench;
    Ok(World {
        truth,
        picket: judged,
        membership: membership.finish(),
        peers: peers.finish(),
        start: start(),
        days: arguments.days,
        cost,
    })
}

impl Bench {
    fn new(folder: &std::path::Path, threads: usize) -> Result<Self, Box<dyn Error>> {
        let options = StoreOptions { durability: Durability::Temporary, ..StoreOptions::default() };
        let store = Arc::new(Store::open(folder, options)?);
        let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(threads).build()?);
        let engine = Arc::new(Engine::builtin());
        let reader = Arc::clone(&store);
        let judge = Judge::new(engine, reader, Arc::clone(&pool), Derived::Fold, STATES);
        let due = DueIndex::new(Arc::clone(&store), judge.durable());
        let scorer = Scorer::new(judge, due, StreamClock::default());
        let committer = Committer::new(store, scorer.durable())?;
        let config = Config::check(&Layers::defaults()?)?;
        let context = Context { default_tenant: TenantId::UNKNOWN, limits: config.limits, scrubber: Arc::default() };
        Ok(Self {
            scorer,
            committer,
            decoder: Decoder { context, marks: vec![Arc::new(Rules::open(config.rules)?)] },
            values: Vec::new(),
            judged: Judged::default(),
            membership: SetMembership::default(),
            peers: PeersRules::default(),
            dead: 0,
        })
    }

    fn judge(&mut self, truth: &Truth) -> Result<(), Box<dyn Error>> {
        let batch = Batch { values: std::mem::take(&mut self.values), ..Batch::default() };
        let prepared = prepare(batch, &self.decoder);
        self.dead += prepared.dead.len();
        for event in prepared.events.iter().flatten() {
            let Some(observation) = event.observations.first() else { continue };
            self.membership.observe(&observation.event);
            self.peers.observe(&observation.event, truth);
        }
        let scored = self.scorer.score(prepared)?;
        self.judged.take(&scored.judgement)?;
        self.committer.commit(&scored)?;
        Ok(())
    }
}
