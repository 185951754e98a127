//! Observations to score, and what an embedded replay makes of them.

use crate::world::Stored;
use picket::pipeline::{Addressed, Derived, Judge};
use picket::store::{Durability, OutputKind, Store, StoreOptions};
use picket_detectors::engine::Engine;
use picket_detectors::event::{Body, Event, EventId, EventTime, Id, MicrosoftRisk, PrincipalId, TenantId};
use picket_detectors::observation::{EntityKey, Observation, Role};
use picket_detectors::profile::Property;
use picket_detectors::tenant::{Adopted, Snapshot, Summary};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// The engine of these tests.
pub(crate) fn engine() -> Engine {
    Engine::builtin()
}

const START: EventTime = EventTime::from_micros(1_780_000_000 * EventTime::SECOND);

/// The `number`-th observation: each is the only one of its principal on its day, so each is worth a detection.
pub(crate) fn observation(number: u64, principals: u64) -> Observation {
    let principal = PrincipalId(Id::Guid(Uuid::from_u128(0xb000 + u128::from(number % principals))));
    let tenant = TenantId(Id::Guid(Uuid::from_u128(0xa000)));
    let seconds = i64::try_from(number).expect("a number") * EventTime::SECOND;
    let day = i64::try_from(number / principals).expect("a number");
    let time = START.plus(day * EventTime::DAY + seconds);
    let risk = MicrosoftRisk {
        principal: principal.clone(),
        app: None,
        name: Some("a test".into()),
        agent: false,
        risk_event_type: Some(format!("risk{number}").into()),
        risk_level: "low".into(),
        risk_state: "atRisk".into(),
    };
    let event = Event {
        id: EventId(Id::Guid(Uuid::from_u128(0xc000_0000 + u128::from(number)))),
        tenant: tenant.clone(),
        time,
        body: Body::MicrosoftRisk(Box::new(risk)),
        signals: Vec::new(),
    };
    Observation {
        entity: EntityKey::principal(&tenant, &principal),
        id: principal.0,
        tenant,
        role: Role::Subject,
        ingested: time,
        event: Arc::new(event),
    }
}

/// What the `number`-th principal tells its tenant, once and for all: where it comes from.
pub(crate) fn summary(number: u64) -> Observation {
    let tenant = TenantId(Id::Guid(Uuid::from_u128(0xa000)));
    let adopted = Adopted { property: Property::Prefix, value: 7, day: START.day() };
    let event = Event {
        id: EventId(Id::Guid(Uuid::from_u128(0xd000_0000 + u128::from(number)))),
        tenant: tenant.clone(),
        time: START,
        body: Body::Summary(Box::new(Summary { newcomer: true, adopted: vec![adopted], doubts: Vec::new() })),
        signals: Vec::new(),
    };
    Observation {
        entity: EntityKey::tenant(&tenant),
        id: tenant.0.clone(),
        tenant,
        role: Role::Subject,
        ingested: START,
        event: Arc::new(event),
    }
}

/// The snapshot that an observation of the topic holds, with the partition that it is for.
pub(crate) fn snapshot(record: &Stored) -> Option<(i32, Snapshot)> {
    let (_, bytes) = record.value.as_deref()?.split_first()?;
    let observation: Observation = postcard::from_bytes(bytes).ok()?;
    match &observation.event.body {
        Body::Snapshot(snapshot) => Some((observation.entity.snapshot_partition()?, (**snapshot).clone())),
        _ => None,
    }
}

/// Key and value of an observation, as they stand in the topic.
pub(crate) fn record(observation: &Observation) -> (Vec<u8>, Vec<u8>) {
    (observation.entity.to_bytes().to_vec(), postcard::to_extend(observation, vec![1]).expect("bytes"))
}

/// Key and value of many.
pub(crate) fn records(numbers: std::ops::Range<u64>, principals: u64) -> Vec<(Vec<u8>, Vec<u8>)> {
    numbers.map(|number| record(&observation(number, principals))).collect()
}

/// What was written of one principal: its detections and transitions in order, and its last risk state; or of what
/// several fall to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Story {
    pub(crate) detections: Vec<String>,
    pub(crate) transitions: Vec<String>,
    pub(crate) risk: Option<String>,
    pub(crate) incidents: Vec<String>,
}

/// By `tenant/principal`.
pub(crate) type Stories = BTreeMap<String, Story>;

/// Folds a dumped observations topic with the embedded judge.
pub(crate) fn replay(observations: &[Stored]) -> Stories {
    let folder = tempfile::tempdir().expect("a folder");
    let options = StoreOptions { durability: Durability::Temporary, ..StoreOptions::default() };
    let store = Arc::new(Store::open(folder.path(), options).expect("a store"));
    let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread"));
    // What was derived stands in the log already.
    let mut judge = Judge::new(Arc::new(engine()), store, pool, Derived::Return, 1 << 30);
    let addressed = observations.iter().zip(0..).filter_map(|(record, sequence)| {
        let (version, bytes) = record.value.as_deref()?.split_first()?;
        assert_eq!(*version, 1);
        let position = Some((record.partition, record.offset));
        Some(Addressed { position, ..Addressed::new(sequence, postcard::from_bytes(bytes).ok()?) })
    });
    let judgement = judge.judge(addressed.collect()).expect("judged");
    let mut stories = Stories::new();
    for output in judgement.outputs {
        let key = format!("{}/{}", output.entity.tenant, output.entity.id);
        tell(&mut stories, key, output.kind, output.line);
    }
    stories
}

/// Adds one output to the stories.
pub(crate) fn tell(stories: &mut Stories, key: String, kind: OutputKind, line: Vec<u8>) {
    let (story, line) = (stories.entry(key).or_default(), String::from_utf8(line).expect("JSON"));
    match kind {
        OutputKind::Detection => story.detections.push(line),
        OutputKind::Transition => story.transitions.push(line),
        OutputKind::RiskState => story.risk = Some(line),
        OutputKind::Incident => story.incidents.push(line),
        OutputKind::DeadLetter => {}
    }
}
