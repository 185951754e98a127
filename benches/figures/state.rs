//! Bytes of changelog an observation, and of stored state a principal, from the judge's own output:
//! `cargo bench --bench state`.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

#[expect(
    dead_code,
    clippy::indexing_slicing,
    clippy::match_same_arms,
    reason = "thieves and files are for the other benches; a bench may fail"
)]
mod corpus;

use corpus::{Corpus, Keys};
use picket::clock;
use picket::decode::{Context, Decoder, Limits};
use picket::ingest::Batch;
use picket::pipeline::{Addressed, Derived, Judge, prepare};
use picket::record::{Origin, Value};
use picket::store::{Durability, Store, StoreOptions};
use picket_detectors::engine::Engine;
use picket_detectors::observation::EntityKey;
use picket_detectors::state::Section;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Error};
use std::sync::Arc;

const DAYS: u64 = 10;

fn main() -> io::Result<()> {
    const RECORDS: u64 = 300_000;
    for keys in [Keys::Zipf(10_000), Keys::Uniform(10_000), Keys::Hot(10_000)] {
        for batch in [500, 4_000, 16_384] {
            let mut run = Run::new()?;
            run.judge_all(Corpus::new(keys, RECORDS, DAYS), batch)?;
            run.print(&format!("{}, batches of {batch}", keys.name()));
        }
    }
    Ok(())
}

/// A judge, and what it wrote.
struct Run {
    judge: Judge,
    decoder: Decoder,
    /// Changelog bytes of an observation: its principal's changed sections in the batch, shared by its observations there.
    costs: Vec<f64>,
    bytes: u64,
    by_section: BTreeMap<&'static str, u64>,
    stored: HashMap<EntityKey, HashMap<Section, usize>>,
    _folder: tempfile::TempDir,
}

impl Run {
    fn new() -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let options = StoreOptions { durability: Durability::Temporary, ..StoreOptions::default() };
        let store = Arc::new(Store::open(folder.path(), options).map_err(Error::other)?);
        let engine = Arc::new(Engine::builtin());
        let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().map_err(Error::other)?);
        let judge = Judge::new(engine, store, pool, Derived::Return, usize::MAX);
        let context = Context {
            default_tenant: picket_detectors::event::TenantId::UNKNOWN,
            limits: Limits::default(),
            scrubber: std::sync::Arc::default(),
        };
        Ok(Self {
            judge,
            decoder: context.into(),
            costs: Vec::new(),
            bytes: 0,
            by_section: BTreeMap::new(),
            stored: HashMap::new(),
            _folder: folder,
        })
    }

    fn judge_all(&mut self, mut corpus: Corpus, size: usize) -> io::Result<()> {
        loop {
            let values: Vec<Value> = std::iter::from_fn(|| corpus.next_line()).take(size).map(value).collect();
            if values.is_empty() {
                return Ok(());
            }
            let batch = Batch { values, ..Batch::default() };
            let prepared = prepare(batch, &self.decoder);
            let events = prepared.events.into_iter().flatten().flat_map(|event| event.observations);
            let observations: Vec<Addressed> =
                events.zip(0..).map(|(observation, at)| Addressed::new(at, observation)).collect();
            self.judge_batch(observations)?;
        }
    }

    fn judge_batch(&mut self, observations: Vec<Addressed>) -> io::Result<()> {
        let mut counts = HashMap::<EntityKey, usize>::new();
        for addressed in &observations {
            *counts.entry(addressed.observation.entity).or_default() += 1;
        }
        for change in self.judge.judge(observations).map_err(Error::other)?.changes {
            let stored = self.stored.entry(change.entity).or_default();
            let mut written = 0;
            for (section, value) in change.sections {
                let key = change.entity.to_bytes().len() + section.to_bytes().len();
                let bytes = key + value.as_ref().map_or(0, Vec::len);
                written += bytes;
                *self.by_section.entry(name(section)).or_default() += bytes as u64;
                match value {
                    Some(_) => stored.insert(section, bytes),
                    None => stored.remove(&section),
                };
            }
            self.bytes += written as u64;
            let count = counts.remove(&change.entity).unwrap_or(1);
            self.costs.extend(std::iter::repeat_n(written as f64 / count as f64, count));
        }
        // What changed nothing wrote nothing.
        self.costs.extend(std::iter::repeat_n(0.0, counts.values().sum()));
        Ok(())
    }

    fn print(mut self, what: &str) {
        self.costs.sort_by(f64::total_cmp);
        let mut sizes: Vec<usize> = self.stored.values().map(|sections| sections.values().sum()).collect();
        sizes.sort_unstable();
        let mean = self.bytes as f64 / self.costs.len().max(1) as f64;
        let costs = [0.5, 0.9, 0.99].map(|part| at(&self.costs, part).round());
        let stored = [0.5, 0.9, 0.99].map(|part| at(&sizes, part));
        println!("{what}: changelog bytes an observation: median, p90, p99 {costs:?}, mean {mean:.0}");
        println!("  stored bytes a principal: median, p90, p99 {stored:?}; changelog by section {:?}", self.by_section);
    }
}

fn at<T: Copy + Default>(sorted: &[T], part: f64) -> T {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * part) as usize).copied().unwrap_or_default()
}

fn value(line: Vec<u8>) -> Value {
    let origin = Origin { source: "bench".into(), position: 0 };
    Value { bytes: line.into(), origin, ingested: clock::now() }
}

fn name(section: Section) -> &'static str {
    match section {
        Section::Head => "head",
        Section::Habits => "habits",
        Section::Credentials => "credentials",
        Section::Findings => "findings",
        Section::Dedup(_) => "dedup",
    }
}
