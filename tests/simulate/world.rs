//! A small world with its labels, made once.

use picket::simulate::{CampaignKind, Delivered, Options, Simulation, Stream};
use picket_detectors::event::EventTime;
use serde_json::Value;
use std::sync::LazyLock;

/// 2026-03-02, a Monday.
pub(crate) const START: EventTime = EventTime::from_micros(1_772_409_600 * EventTime::SECOND);

/// What every test of the records looks at.
pub(crate) static WORLD: LazyLock<World> = LazyLock::new(|| World::new(&options(11)));

pub(crate) fn options(seed: u64) -> Options {
    let campaigns = CampaignKind::THEFTS.to_vec();
    Options { seed, principals: 220, days: 24, start: START, campaigns, scanner: false }
}

/// Records and truth.
pub(crate) struct World {
    pub(crate) records: Vec<Delivered>,
    pub(crate) labels: Vec<Value>,
}

impl World {
    pub(crate) fn new(options: &Options) -> Self {
        let (labels, records): (Vec<Delivered>, Vec<Delivered>) =
            Simulation::new(options).partition(|delivered| delivered.stream == Stream::Labels);
        let labels = labels.iter().map(|label| serde_json::from_str(&label.line).expect("JSON")).collect();
        Self { records, labels }
    }

    pub(crate) fn of(&self, stream: Stream) -> impl Iterator<Item = &Delivered> {
        self.records.iter().filter(move |delivered| delivered.stream == stream)
    }

    pub(crate) fn labels(&self, kind: &'static str) -> impl Iterator<Item = &Value> {
        self.labels.iter().filter(move |label| label["label"] == kind)
    }
}

/// The strings of a list.
pub(crate) fn texts(list: &Value) -> Vec<&str> {
    list.as_array().map(|list| list.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}
