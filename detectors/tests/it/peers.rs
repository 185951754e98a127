//! What a tenant's principals share, as evidence on one of them: a tenant of several principals, day by day.

use crate::support::*;
use picket_detectors::engine::Engine;
use picket_detectors::event::{
    Actor, ActorKind, AppId, Body, Credential, CredentialKind, EventTime, Id, InventoryApplication, KeyId, Operation,
    Ownership, Place, PrincipalId,
};
use picket_detectors::observation::{EntityKey, EntityKind, Observation, Role};
use picket_detectors::state::EntityState;
use std::collections::{BTreeMap, VecDeque};

const OTHERS: u128 = 20;

/// Another of the tenant's exits: not rented, in the country of the job.
fn other_exit() -> Place {
    place("192.0.2.8", 64_999, *b"DE", "Berlin")
}

/// All entities of a tenant, each with its state.
pub(crate) struct Tenant {
    engine: Engine,
    states: BTreeMap<EntityKey, EntityState>,
    pub(crate) outcome: Outcome,
}

impl Tenant {
    pub(crate) fn new() -> Self {
        let engine = Engine::builtin();
        Self { engine, states: BTreeMap::new(), outcome: Outcome::default() }
    }

    pub(crate) fn fold(&mut self, observation: Observation) {
        let mut queue = VecDeque::from([observation]);
        while let Some(observation) = queue.pop_front() {
            let copy = EntityKey::snapshot(observation.entity.tenant, 0);
            let peers = self.states.get(&copy).and_then(EntityState::peers).cloned().unwrap_or_default();
            let state = self.states.entry(observation.entity).or_insert_with(|| EntityState::new(observation.entity));
            let verdict = self.engine.fold(state, &peers, &observation);
            self.outcome.detections.extend(verdict.detections);
            queue.extend(verdict.derived);
        }
    }

    /// Another principal signs in.
    pub(crate) fn sign_in_as(&mut self, other: u128, time: EventTime, from: Place) {
        let principal = PrincipalId(Id::Guid(uuid::Uuid::from_u128(1_000 + other)));
        let signed_in = sign_in(time, |one| {
            one.place = from;
            one.principal = principal.clone();
        });
        let entity = EntityKey::principal(&signed_in.tenant, &principal);
        self.fold(Observation { entity, id: principal.0, ..signed_in });
    }

    /// Another principal calls an API.
    pub(crate) fn call_as(&mut self, other: u128, time: EventTime, endpoint: &str) {
        let principal = PrincipalId(Id::Guid(uuid::Uuid::from_u128(1_000 + other)));
        let called = api_call(time, endpoint, |call| call.principal = principal.clone());
        let entity = EntityKey::principal(&called.tenant, &principal);
        self.fold(Observation { entity, id: principal.0, ..called });
    }

    /// Another principal gets a secret.
    fn change_as(&mut self, other: u128, time: EventTime, by: Actor) {
        let principal = PrincipalId(Id::Guid(uuid::Uuid::from_u128(1_000 + other)));
        let key = KeyId(Id::Guid(uuid::Uuid::from_u128(3_000 + other)));
        let added = vec![Credential { key, ..secret(KEY) }];
        let changed = credential_change(time, by, added, vec![], |change| change.principal = Some(principal.clone()));
        let entity = EntityKey::principal(&changed.tenant, &principal);
        self.fold(Observation { entity, id: principal.0, ..changed });
    }

    /// The inventory lists another application.
    fn list(&mut self, other: u128, credential: Credential) {
        let app = AppId(Id::Guid(uuid::Uuid::from_u128(2_000 + other)));
        let body = InventoryApplication {
            app: app.clone(),
            object: None,
            name: None,
            credentials: vec![credential],
            ownership: Ownership::default(),
        };
        let listed = event(&format!("application {other}"), at(0, 0, 0), Body::InventoryApplication(Box::new(body)));
        let entity = EntityKey::application(&app);
        self.fold(Observation { entity, id: app.0, ..to_principal(listed, Role::Subject) });
    }

    /// The ticks that are due until then.
    pub(crate) fn pass(&mut self, time: EventTime) {
        let due: Vec<EntityKey> = self
            .states
            .iter()
            .filter(|(_, state)| state.due().is_some_and(|due| due <= time))
            .map(|(key, _)| *key)
            .collect();
        for entity in due.into_iter().filter(|entity| entity.kind == EntityKind::Tenant) {
            let tick = Observation { entity, ..to_principal(event("tick", time, Body::Tick), Role::Subject) };
            self.fold(tick);
        }
    }
}

/// The job's month, beside `others` that sign in from the other exit all the while; then the job comes from `place`.
fn visit(others: u128, place: Place) -> Outcome {
    let mut tenant = Tenant::new();
    for day in 0..30 {
        tenant.pass(at(day, 1, 0));
        for other in 0..others {
            tenant.sign_in_as(other, at(day, 2, 0), other_exit());
        }
        tenant.fold(sign_in(at(day, 2, 0), |_| {}));
    }
    tenant.pass(at(30, 1, 0));
    tenant.outcome = Outcome::default();
    tenant.fold(sign_in(at(30, 4, 0), |one| {
        one.place = place;
        one.resource = Id::parse(GRAPH);
    }));
    tenant.outcome
}

fn bits(outcome: &Outcome) -> Option<f32> {
    outcome.detections.iter().find(|one| one.risk_event_type == "suspiciousSignins")?.evidence.total_bits
}

#[test]
fn another_exit_of_the_tenant_is_no_stranger_s_place() {
    assert!(bits(&visit(0, other_exit())).is_some(), "with nobody beside it the place is a stranger's");
    assert_eq!(bits(&visit(OTHERS, other_exit())), None);
}

#[test]
fn a_place_of_nobody_s_speaks_for_theft_the_more_principals_are_known() {
    let told = |others| bits(&visit(others, hideout())).expect("a detection");
    assert!(told(0) < told(3));
    assert!(told(3) < told(OTHERS));
}

/// Twenty principals' month, in which one of them after the other moves once to a rented server; then the job does.
fn among_movers(movers: u128) -> Outcome {
    let mut tenant = Tenant::new();
    for day in 0..30 {
        tenant.pass(at(day, 1, 0));
        for other in 0..20_u128 {
            let leaves_home = u128::try_from(day).is_ok_and(|day| day == 12 + other) && other < movers;
            let rented = || place(&format!("192.{day}.{other}.9"), 24_940, *b"NL", "Amsterdam");
            tenant.sign_in_as(other, at(day, 2, 0), if leaves_home { rented() } else { home() });
        }
        tenant.fold(sign_in(at(day, 2, 0), |_| {}));
    }
    tenant.pass(at(30, 1, 0));
    tenant.outcome = Outcome::default();
    tenant.fold(sign_in(at(30, 4, 0), |one| one.place = hideout()));
    tenant.outcome
}

#[test]
fn where_doubtful_findings_are_common_the_same_evidence_is_worth_less() {
    let (quiet, restless) = (among_movers(0), among_movers(17));
    assert!(bits(&restless) < bits(&quiet), "{:?} {:?}", bits(&restless), bits(&quiet));
    let less = bits(&quiet).zip(bits(&restless)).map(|(quiet, restless)| quiet - restless);
    assert!(less.is_some_and(|bits| bits <= 2.05), "never by more than two bits: {less:?}");
    assert!(restless.fact("commonHere").is_some(), "{:?}", restless.detections);
}

/// The job asks for tokens for Microsoft Graph for a month, and no call of it is logged, while `others` call; then it calls.
fn begins_to_call_beside(others: u128) -> Outcome {
    let mut tenant = Tenant::new();
    for day in 0..30 {
        tenant.pass(at(day, 1, 0));
        for other in 0..others {
            tenant.sign_in_as(other, at(day, 2, 0), home());
            tenant.call_as(other, at(day, 2, 1), "/organization");
        }
        tenant.fold(sign_in(at(day, 2, 0), |one| one.resource = Id::parse(GRAPH)));
    }
    tenant.pass(at(30, 1, 0));
    tenant.outcome = Outcome::default();
    for (endpoint, minute) in ["/users", "/groups", "/applications"].into_iter().zip(5..) {
        tenant.fold(api_call(at(30, 2, minute), endpoint, |_| {}));
    }
    tenant.outcome
}

#[test]
fn a_first_call_is_new_where_the_log_has_told_of_others_for_long() {
    assert_eq!(begins_to_call_beside(0).types(), [""; 0], "perhaps it is the log that begins");
    assert!(begins_to_call_beside(OTHERS).types().contains(&"suspiciousAPITraffic"));
}

/// The job's month of calls, beside twenty others; then it calls an endpoint that `others` call.
fn calls_what_others_call(others: &'static str) -> f32 {
    let mut tenant = Tenant::new();
    for day in 0..30 {
        tenant.pass(at(day, 1, 0));
        for other in 0..OTHERS {
            tenant.sign_in_as(other, at(day, 2, 0), home());
            tenant.call_as(other, at(day, 2, 1), others);
        }
        tenant.fold(sign_in(at(day, 2, 0), |_| {}));
        tenant.fold(api_call(at(day, 2, 1), "/organization", |_| {}));
    }
    tenant.pass(at(30, 1, 0));
    tenant.outcome = Outcome::default();
    tenant.fold(api_call(at(30, 2, 5), "/applications", |_| {}));
    let told = tenant.outcome.detections.iter().find(|one| one.risk_event_type == "suspiciousAPITraffic");
    told.and_then(|one| one.evidence.total_bits).unwrap_or_default()
}

#[test]
fn an_endpoint_that_nobody_else_calls_is_stranger_than_one_that_others_call() {
    let (shared, own) = (calls_what_others_call("/applications"), calls_what_others_call("/organization"));
    assert!(shared < own, "{shared} against {own}");
}

#[test]
fn an_application_that_grants_to_what_is_new_is_stranger_where_the_tenant_is_known() {
    let told = |others: u128, kind| {
        let mut tenant = Tenant::new();
        for day in 0..30 {
            tenant.pass(at(day, 1, 0));
            for other in 0..others {
                tenant.sign_in_as(other, at(day, 2, 0), home());
            }
        }
        tenant.pass(at(30, 1, 0));
        let by = Actor { kind, ..actor("f0000000-0000-4000-8000-00000000000f") };
        tenant.fold(credential_change(at(30, 3, 0), by, vec![], vec![], |change| {
            change.operation = Operation::AppRoleGranted;
            change.principal = PrincipalId::parse(JOB);
            change.grants = vec!["RoleManagement.ReadWrite.Directory".into()];
        }));
        let granted = tenant.outcome.detections.iter().find(|one| one.risk_event_type == "suspiciousPrivilegeGrant");
        granted.and_then(|one| one.evidence.total_bits)
    };
    let (application, person) = (ActorKind::Application, ActorKind::User);
    assert_eq!(told(0, application), told(0, person), "who is alone deploys as it likes");
    assert!(told(OTHERS, person) < told(OTHERS, application));
}

/// A trust in a repository of GitHub.
fn trust_in(repository: &str) -> Credential {
    Credential {
        kind: CredentialKind::Federated,
        issuer: Some("https://token.actions.githubusercontent.com".into()),
        subject: Some(format!("repo:{repository}:ref:refs/heads/main").into()),
        ..secret(KEY)
    }
}

#[test]
fn a_trust_in_an_organisation_of_the_tenant_is_no_stranger_s() {
    let told_of = |listed: u128, organisation: fn(u128) -> String, repository| {
        let mut tenant = Tenant::new();
        for other in 0..listed {
            tenant.list(other, trust_in(&format!("{}/service-{other}", organisation(other))));
        }
        for day in 0..30 {
            tenant.pass(at(day, 1, 0));
            for other in 0..OTHERS {
                tenant.sign_in_as(other, at(day, 2, 0), home());
            }
            tenant.fold(sign_in(at(day, 2, 0), |_| {}));
        }
        tenant.pass(at(30, 1, 0));
        let by = actor("f0000000-0000-4000-8000-00000000000f");
        tenant.fold(credential_change(at(30, 3, 0), by, vec![trust_in(repository)], vec![], |_| {}));
        let added = tenant.outcome.detections.iter().find(|one| one.risk_event_type == "suspiciousCredentialAddition");
        added.and_then(|one| one.evidence.total_bits).unwrap_or_default()
    };
    let told = |listed, repository| told_of(listed, |_| "example".into(), repository);
    let (own, foreign) = ("example/another", "someone/else");
    assert!((told(0, own) - told(0, foreign)).abs() < 1e-3, "nobody else trusts anybody");
    assert!(told(OTHERS, own) < told(OTHERS, foreign));
    assert!(told(0, foreign) < told(OTHERS, foreign), "the more are known, the stranger");
    let each_its_own = told_of(OTHERS, |other| format!("team-{other}"), foreign);
    assert!(each_its_own < told(OTHERS, foreign) - 1.0, "where everybody trusts somebody else, one more is no news");
}

#[test]
fn whoever_rotates_the_secrets_of_others_for_weeks_is_no_stranger() {
    let told = |rotated: u128| {
        let mut tenant = Tenant::new();
        let rotator = || Actor { kind: ActorKind::Application, ..actor("f0000000-0000-4000-8000-00000000000f") };
        for day in 0..30 {
            tenant.pass(at(day, 1, 0));
            for other in 0..OTHERS {
                tenant.sign_in_as(other, at(day, 2, 0), home());
                if other < rotated && u128::try_from(day).is_ok_and(|day| day == 10 + other / 3) {
                    tenant.change_as(other, at(day, 3, 0), rotator());
                }
            }
            tenant.fold(sign_in(at(day, 2, 0), |_| {}));
            if day % 10 == 5 {
                tenant.fold(credential_change(
                    at(day, 10, 0),
                    actor("ops@example.org"),
                    vec![secret(KEY)],
                    vec![],
                    |_| {},
                ));
            }
        }
        tenant.pass(at(30, 1, 0));
        tenant.outcome = Outcome::default();
        let added =
            Credential { key: KeyId::parse("e0000000-0000-4000-8000-0000000000ff").expect("an id"), ..secret(KEY) };
        tenant.fold(credential_change(at(30, 3, 0), rotator(), vec![added], vec![], |_| {}));
        let added = tenant.outcome.detections.iter().find(|one| one.risk_event_type == "suspiciousCredentialAddition");
        added.and_then(|one| one.evidence.total_bits).unwrap_or_default()
    };
    assert!(told(0) > 4.0, "{}", told(0));
    assert!(told(OTHERS) < told(0) - 2.0, "{} against {}", told(OTHERS), told(0));
    assert!((told(2) - told(0)).abs() < 0.5, "two may be one workload with two names");
}
