//! A small world: events in few words, and a run that folds them as the pipeline does.

use picket_detectors::engine::{Engine, Fate};
use picket_detectors::event::*;
use picket_detectors::observation::{Attribution, Confidence, EntityKey, Observation, Role};
use picket_detectors::risk::{Detection, RiskLevel, RiskState, Transition};
use picket_detectors::state::{EntityState, Section, StateError};
use picket_detectors::tenant::Peers;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) const TENANT: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const JOB: &str = "d0000000-0000-4000-8000-000000000001";
pub(crate) const KEY: &str = "e0000000-0000-4000-8000-000000000001";
pub(crate) const NEW_KEY: &str = "e0000000-0000-4000-8000-000000000002";
pub(crate) const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
pub(crate) const STORAGE: &str = "e406a681-f3d4-42a8-90b6-c2b029497af1";

/// Day `day` of the story (day 0 is 2026-03-01) at an hour and minute.
pub(crate) fn at(day: i64, hour: i64, minute: i64) -> EventTime {
    let start = EventTime::from_civil(2026, 3, 1, 0, 0, 0, 0).expect("a date");
    start.plus(day * EventTime::DAY + hour * EventTime::HOUR + minute * EventTime::MINUTE)
}

pub(crate) fn tenant() -> TenantId {
    TenantId::parse(TENANT).expect("an id")
}

pub(crate) fn place(address: &str, asn: u32, country: [u8; 2], city: &str) -> Place {
    Place {
        address: address.parse().ok(),
        asn: Some(asn),
        country: Some(country),
        city: Some(city.into()),
        ..Place::default()
    }
}

pub(crate) fn home() -> Place {
    place("198.51.100.7", 64_496, *b"DE", "Frankfurt am Main")
}

/// A hosting provider in another country.
pub(crate) fn hideout() -> Place {
    place("203.0.113.66", 24_940, *b"FI", "Helsinki")
}

pub(crate) fn event(id: &str, time: EventTime, body: Body) -> Event {
    Event { id: EventId::parse(id).expect("an id"), tenant: tenant(), time, body, signals: Vec::new() }
}

/// The job's usual sign-in; change what is not usual.
pub(crate) fn sign_in(time: EventTime, change: impl FnOnce(&mut SignIn)) -> Observation {
    let mut sign_in = SignIn {
        principal: PrincipalId::parse(JOB).expect("an id"),
        kind: PrincipalKind::Application,
        app: AppId::parse("b0000000-0000-4000-8000-000000000001"),
        name: Some("nightly-export".into()),
        place: home(),
        agent: Agent::new("azsdk-net-Identity/1.10"),
        resource: Id::parse(STORAGE),
        resource_name: Some("Azure Storage".into()),
        credential_type: CredentialType::ClientSecret,
        key: KeyId::parse(KEY),
        thumbprint: None,
        error: 0,
        token: None,
        correlation: None,
        agent_kind: None,
        blueprint: None,
        user: None,
        managed_identity: None,
        blocked_by_policy: false,
        risk: RiskLevel::None,
        cross_tenant: None,
    };
    change(&mut sign_in);
    let id = format!("sign-in {time} {:?} {:?}", sign_in.place.address, sign_in.key);
    to_principal(event(&id, time, Body::SignIn(Box::new(sign_in))), Role::Subject)
}

pub(crate) fn to_principal(event: Event, role: Role) -> Observation {
    let principal = PrincipalId::parse(JOB).expect("an id");
    Observation {
        entity: EntityKey::principal(&event.tenant, &principal),
        id: principal.0,
        tenant: event.tenant.clone(),
        role,
        ingested: event.time,
        event: Arc::new(event),
    }
}

/// The job reads from Microsoft Graph; change what is not usual.
pub(crate) fn api_call(time: EventTime, endpoint: &str, change: impl FnOnce(&mut ApiActivity)) -> Observation {
    let mut call = ApiActivity {
        service: Service::Graph,
        principal: PrincipalId::parse(JOB).expect("an id"),
        app: None,
        method: "GET".into(),
        endpoint: endpoint.into(),
        object: None,
        scope: None,
        status: 200,
        response_bytes: 0,
        roles: Vec::new(),
        place: home(),
        agent: Agent::new("azsdk-net-Identity/1.10"),
        token: None,
    };
    change(&mut call);
    to_principal(event(&format!("call {time} {endpoint}"), time, Body::ApiActivity(Box::new(call))), Role::Subject)
}

/// A month of sign-ins at two and fourteen o'clock.
pub(crate) fn a_quiet_month() -> Vec<Observation> {
    (0..30).flat_map(|day| [sign_in(at(day, 2, 0), |_| {}), sign_in(at(day, 14, 1), |_| {})]).collect()
}

pub(crate) fn actor(name: &str) -> Actor {
    Actor { kind: ActorKind::User, id: Id::parse(name), name: Some(name.into()), ..Actor::default() }
}

/// Somebody changes the job's credentials.
pub(crate) fn credential_change(
    time: EventTime,
    actor: Actor,
    added: Vec<Credential>,
    removed: Vec<Credential>,
    change: impl FnOnce(&mut DirectoryChange),
) -> Observation {
    let mut body = DirectoryChange {
        operation: Operation::Credentials,
        activity: "update application - certificates and secrets management".into(),
        correlation: Id::parse(&format!("act at {time}")),
        succeeded: true,
        actor,
        targets: Vec::new(),
        principal: None,
        application_object: None,
        application: None,
        name: Some("nightly-export".into()),
        credentials: CredentialChange { added, removed, before: None },
        grants: Vec::new(),
        enabled: None,
        properties: Vec::new(),
    };
    change(&mut body);
    let role = if body.principal.is_some() { Role::Target } else { Role::OfApplication };
    to_principal(event(&format!("audit {time}"), time, Body::DirectoryChange(Box::new(body))), role)
}

pub(crate) fn secret(key: &str) -> Credential {
    Credential {
        key: KeyId::parse(key).expect("an id"),
        kind: CredentialKind::Secret,
        verifies: true,
        name: None,
        hint: None,
        thumbprint: None,
        start: None,
        end: None,
        issuer: None,
        subject: None,
    }
}

pub(crate) fn leak(
    time: EventTime,
    confidence: Confidence,
    change: impl FnOnce(&mut CodeFinding, &mut Attribution),
) -> Observation {
    let mut finding = CodeFinding {
        rule: "entra-client-secret".into(),
        feed: "github.push".into(),
        state: AlertState::Open,
        fingerprint: Some("00112233445566778899aabbccddeeff".into()),
        hint: Some("abc".into()),
        thumbprint: None,
        thumbprint_sha256: None,
        preview: Some("abc...".into()),
        proven: true,
        valid: None,
        bypassed: false,
        exposure: Exposure::Public,
        apps: Vec::new(),
        tenants: Vec::new(),
        owner: None,
        key: None,
        repository: Some("example/app".into()),
        commit: Some("0123abcd".into()),
        path: Some("settings.json".into()),
        line: Some(12),
        url: None,
        exposed_at: Some(time),
    };
    let mut owner = Attribution {
        confidence,
        app: AppId::parse("b0000000-0000-4000-8000-000000000001").expect("an id"),
        key: KeyId::parse(KEY),
        expires: None,
        removed: None,
    };
    change(&mut finding, &mut owner);
    to_principal(
        event(&format!("leak {time}"), time, Body::CodeFinding(Box::new(finding))),
        Role::Owner(Box::new(owner)),
    )
}

/// What an inventory says of the job, whose application may be known.
pub(crate) fn listed_job(app: Option<AppId>) -> Body {
    let entry = InventoryServicePrincipal {
        principal: PrincipalId::parse(JOB).expect("an id"),
        app,
        blueprint: None,
        name: Some("nightly-export".into()),
        managed_identity: false,
        resource: None,
        enabled: Some(true),
        credentials: Vec::new(),
        grants: Vec::new(),
        ownership: Ownership::default(),
    };
    Body::InventoryServicePrincipal(Box::new(entry))
}

pub(crate) fn command(time: EventTime, verdict: Verdict) -> Observation {
    let body = Command {
        principal: PrincipalId::parse(JOB).expect("an id"),
        verdict,
        initiated_by: Some("analyst@example.org".into()),
        reason: None,
    };
    to_principal(event(&format!("command {time}"), time, Body::Command(Box::new(body))), Role::Subject)
}

pub(crate) fn tick(time: EventTime) -> Observation {
    to_principal(event(&format!("tick {time}"), time, Body::Tick), Role::Subject)
}

/// What a run led to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) detections: Vec<Detection>,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) last: Option<RiskState>,
    pub(crate) duplicates: usize,
}

impl Outcome {
    pub(crate) fn level(&self) -> RiskLevel {
        self.last.as_ref().map_or(RiskLevel::None, |state| state.level)
    }

    pub(crate) fn types(&self) -> Vec<&'static str> {
        self.detections.iter().map(|detection| detection.risk_event_type).collect()
    }

    pub(crate) fn fact(&self, kind: &str) -> Option<String> {
        let facts = self.detections.iter().flat_map(|detection| &detection.evidence.facts);
        facts.into_iter().find(|fact| fact.kind == kind).map(|fact| fact.observed.to_string())
    }
}

/// A run over one principal that can be saved and loaded in mid-stream.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) state: EntityState,
    pub(crate) outcome: Outcome,
    pub(crate) shadowed: Vec<&'static str>,
    stored: BTreeMap<Section, Vec<u8>>,
}

/// What a detection tells of its evidence makes the sum that it tells.
fn adds_up(detection: &Detection) {
    let Some(total) = detection.evidence.total_bits else { return };
    let sum: f32 = detection.evidence.facts.iter().map(|fact| fact.bits).sum();
    assert!((sum - total).abs() < 0.05, "{sum} is not {total}: {detection:#?}");
}

impl World {
    pub(crate) fn new() -> Self {
        let key = EntityKey::principal(&tenant(), &PrincipalId::parse(JOB).expect("an id"));
        Self {
            engine: Engine::builtin(),
            state: EntityState::new(key),
            outcome: Outcome::default(),
            shadowed: Vec::new(),
            stored: BTreeMap::new(),
        }
    }

    pub(crate) fn run(observations: &[Observation]) -> Outcome {
        let mut world = Self::new();
        world.fold_all(observations);
        world.outcome
    }

    pub(crate) fn fold_all(&mut self, observations: &[Observation]) {
        for observation in observations {
            let verdict = self.engine.fold(&mut self.state, &Peers::default(), observation);
            verdict.detections.iter().for_each(adds_up);
            self.outcome.detections.extend(verdict.detections);
            self.outcome.transitions.extend(verdict.transitions);
            self.outcome.last = verdict.risk_state.or(self.outcome.last.take());
            self.shadowed.extend(verdict.shadowed);
            self.outcome.duplicates += usize::from(verdict.fate == Fate::Duplicate);
        }
    }

    /// Saves what changed and starts over from what is stored.
    pub(crate) fn restart(&mut self) {
        for (section, bytes) in self.state.take_changes() {
            match bytes {
                Some(bytes) => drop(self.stored.insert(section, bytes)),
                None => drop(self.stored.remove(&section)),
            }
        }
        let key = EntityKey::principal(&tenant(), &PrincipalId::parse(JOB).expect("an id"));
        self.state = EntityState::load(key, |section| Ok::<_, StateError>(self.stored.get(&section).cloned()))
            .expect("stored state loads");
    }

    pub(crate) fn stored_bytes(&self) -> usize {
        self.stored.iter().map(|(section, bytes)| EntityKey::LEN + section.to_bytes().len() + bytes.len()).sum()
    }
}
