//! Directory entities: what names only an application, its object or a secret's hint reaches the principal, whichever
//! record comes first.

use crate::support::*;
use compact_str::CompactString;
use picket_detectors::engine::Engine;
use picket_detectors::event::*;
use picket_detectors::observation::{Confidence, EntityKey, Observation, Role};
use picket_detectors::risk::{Detection, RiskLevel};
use picket_detectors::state::{EntityState, Section, StateError};
use picket_detectors::tenant::Peers;
use proptest::prelude::*;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

const APP: &str = "b0000000-0000-4000-8000-000000000001";
const OBJECT: &str = "90000000-0000-4000-8000-000000000001";

fn app() -> AppId {
    AppId::parse(APP).expect("an id")
}

fn addressed(entity: EntityKey, id: Id, role: Role, event: &Arc<Event>) -> Observation {
    Observation { entity, id, tenant: event.tenant.clone(), role, ingested: event.time, event: Arc::clone(event) }
}

/// The inventory's application with one secret that begins with `abc`.
fn listed_application() -> Vec<Observation> {
    let credential = Credential { hint: Some("abc".into()), ..secret(KEY) };
    let body = InventoryApplication {
        app: app(),
        object: ObjectId::parse(OBJECT),
        name: Some("nightly-export".into()),
        credentials: vec![credential],
        ownership: Ownership::default(),
    };
    let event = Arc::new(event("inventory application", at(0, 0, 0), Body::InventoryApplication(Box::new(body))));
    let object = ObjectId::parse(OBJECT).expect("an id");
    vec![
        addressed(EntityKey::application_object(&object), object.0.clone(), Role::Subject, &event),
        addressed(EntityKey::own_repository("nightlyexport"), Id::Text("nightlyexport".into()), Role::Subject, &event),
        addressed(EntityKey::secret_hint("abc"), Id::Text("abc".into()), Role::Subject, &event),
        addressed(EntityKey::application(&app()), app().0, Role::Subject, &event),
    ]
}

fn listed_principal() -> Vec<Observation> {
    let principal = PrincipalId::parse(JOB).expect("an id");
    let event = Arc::new(event("inventory principal", at(0, 0, 0), listed_job(Some(app()))));
    vec![
        addressed(EntityKey::application(&app()), app().0, Role::Subject, &event),
        addressed(EntityKey::principal(&tenant(), &principal), principal.0.clone(), Role::Subject, &event),
    ]
}

/// A leak, as the feed tells it: with or without the application's id near it.
fn found(hint: &str, near: bool) -> Vec<Observation> {
    let owned = leak(at(1, 0, 0), Confidence::Low, |leak, _| {
        leak.hint = Some(hint.into());
        leak.apps = if near { vec![app()] } else { Vec::new() };
    });
    let entity = if near { EntityKey::application(&app()) } else { EntityKey::secret_hint(hint) };
    let id = if near { app().0 } else { Id::Text(hint.into()) };
    vec![addressed(entity, id, Role::Subject, &owned.event)]
}

const THUMBPRINT: &str = "A9993E364706816ABA3E25717850C26C9CD0D89D";

/// The inventory's applications with the same certificate.
fn listed_certificate(thumbprint: &str, apps: &[AppId]) -> Vec<Observation> {
    let of_app = |app: &AppId| {
        let credential =
            Credential { kind: CredentialKind::Certificate, thumbprint: Some(thumbprint.into()), ..secret(KEY) };
        let body = InventoryApplication {
            app: app.clone(),
            object: None,
            name: None,
            credentials: vec![credential],
            ownership: Ownership::default(),
        };
        let id = format!("inventory application {}", app.0);
        let event = Arc::new(event(&id, at(0, 0, 0), Body::InventoryApplication(Box::new(body))));
        [
            addressed(EntityKey::secret_hint(thumbprint), Id::Text(thumbprint.into()), Role::Subject, &event),
            addressed(EntityKey::application(app), app.0.clone(), Role::Subject, &event),
        ]
    };
    apps.iter().flat_map(of_app).collect()
}

/// A private key beside its certificate, as the feed tells it; nothing near it names an application.
fn found_key() -> Vec<Observation> {
    let owned = leak(at(1, 0, 0), Confidence::Low, |leak, _| {
        leak.rule = "private-key".into();
        leak.hint = None;
        leak.thumbprint = Some(THUMBPRINT.into());
        leak.apps = Vec::new();
    });
    vec![addressed(EntityKey::secret_hint(THUMBPRINT), Id::Text(THUMBPRINT.into()), Role::Subject, &owned.event)]
}

#[test]
fn a_private_key_is_matched_by_its_certificate_whichever_record_comes_first() {
    let groups = [listed_certificate(THUMBPRINT, &[app()]), listed_principal(), found_key()];
    for order in [[0, 1, 2], [0, 2, 1], [2, 0, 1], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
        let groups: Vec<_> = order.iter().filter_map(|index| groups.get(*index).cloned()).collect();
        let directory = Directory::run(&groups);
        assert_eq!(directory.confidence().as_deref(), Some("matched"), "{order:?}");
        assert_eq!(directory.detections.last().map(|detection| detection.level), Some(RiskLevel::High), "{order:?}");
        let facts = directory.detections.iter().flat_map(|detection| &detection.evidence.facts);
        assert!(facts.into_iter().any(|fact| fact.kind == "thumbprint" && fact.observed == THUMBPRINT), "{order:?}");
    }
}

/// The application's second secret, as the audit log tells of it: without its first characters.
fn added_secret(time: EventTime) -> Vec<Observation> {
    let added = vec![secret("c0000000-0000-4000-8000-000000000002")];
    let change = credential_change(time, actor("admin@example.org"), added, Vec::new(), |_| {});
    vec![addressed(EntityKey::application(&app()), app().0, Role::Target, &change.event)]
}

#[test]
fn a_secret_that_begins_like_none_of_the_applications_is_probably_gone() {
    let unlike = Directory::run(&[listed_application(), listed_principal(), found("xyz", true)]);
    assert_eq!(unlike.confidence().as_deref(), Some("unlike"));
    assert_eq!(unlike.detections.last().map(|detection| detection.level), Some(RiskLevel::Low));
    // One that was added since, of which nobody has told the first characters, may be meant; one added later may not.
    for (added, expected) in [(at(0, 12, 0), "attributed"), (at(1, 12, 0), "unlike")] {
        let directory =
            Directory::run(&[listed_application(), listed_principal(), added_secret(added), found("xyz", true)]);
        assert_eq!(directory.confidence().as_deref(), Some(expected), "{added}");
    }
}

#[test]
fn a_leak_in_a_repository_of_the_applications_name_is_its_own() {
    let leaked_in = |repository: &str, hint: &str| -> Vec<Observation> {
        let owned = leak(at(1, 0, 0), Confidence::Low, |leak, _| {
            leak.apps = Vec::new();
            leak.repository = Some(repository.into());
            leak.hint = Some(hint.into());
        });
        let Body::CodeFinding(found) = &owned.event.body else { panic!("a leak") };
        found.addressees().map(|(entity, id)| addressed(entity, id, Role::Subject, &owned.event)).collect()
    };
    for (repository, hint, expected) in [
        ("contoso/Nightly-Export", "abc", Some("matched")),
        ("contoso/nightly_export", "xyz", Some("unlike")),
        ("contoso/website", "abc", Some("low")),
        ("contoso/website", "xyz", None),
    ] {
        for leak_first in [true, false] {
            let (leak, listed) = (leaked_in(repository, hint), listed_application());
            let order = if leak_first { [leak, listed] } else { [listed, leak] };
            let [first, second] = order;
            let directory = Directory::run(&[first, second, listed_principal()]);
            assert_eq!(directory.surest().as_deref(), expected, "{repository} {hint} {leak_first}");
        }
    }
}

#[test]
fn a_private_key_is_matched_by_the_newer_sum_of_its_certificate_too() {
    let newer = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
    let owned = leak(at(1, 0, 0), Confidence::Low, |leak, _| {
        leak.hint = None;
        leak.thumbprint_sha256 = Some(newer.into());
        leak.apps = Vec::new();
    });
    let Body::CodeFinding(told) = &owned.event.body else { panic!("a leak") };
    let to: Vec<_> = told.addressees().map(|(entity, id)| addressed(entity, id, Role::Subject, &owned.event)).collect();
    let directory = Directory::run(&[listed_certificate(newer, &[app()]), listed_principal(), to]);
    assert_eq!(directory.confidence().as_deref(), Some("matched"));
}

#[test]
fn a_certificate_that_applications_share_accuses_them_all() {
    let other = AppId::parse("b0000000-0000-4000-8000-000000000009").expect("an id");
    let directory = Directory::run(&[listed_certificate(THUMBPRINT, &[other, app()]), listed_principal(), found_key()]);
    assert_eq!(directory.confidence().as_deref(), Some("matched"));
}

#[test]
fn what_was_leaked_in_a_closed_repository_is_leaked_anew_when_it_is_opened() {
    const REPOSITORY: &str = "example/app";
    let to_repository = |event: &Arc<Event>| {
        addressed(EntityKey::repository(REPOSITORY), Id::Text(REPOSITORY.into()), Role::Subject, event)
    };
    let closed = leak(at(1, 0, 0), Confidence::Low, |leak, _| {
        leak.apps = vec![app()];
        leak.exposure = Exposure::Internal;
    });
    let found = vec![
        to_repository(&closed.event),
        addressed(EntityKey::application(&app()), app().0, Role::Subject, &closed.event),
    ];
    let opened = RepositoryOpened { repository: REPOSITORY.into() };
    let opened = Arc::new(event("opened", at(3, 0, 0), Body::RepositoryOpened(opened)));
    let groups = [listed_application(), listed_principal(), found];
    let quiet = Directory::run(&groups);
    let directory = Directory::run(&[&groups[..], &[vec![to_repository(&opened)]]].concat());
    assert_eq!(directory.detections.len(), quiet.detections.len() + 1);
}

/// An act in a repository, at the names that it goes by.
fn act_in(repository: Option<&str>) -> Vec<Observation> {
    let act = RepositoryAct {
        action: "protected_branch.destroy".into(),
        repository: repository.map(Into::into),
        organization: Some("Example".into()),
        workflow: Some("example/app/ci.yml".into()),
        ..RepositoryAct::default()
    };
    let names: Vec<CompactString> = act.repository_names().collect();
    let event = Event { tenant: TenantId::UNKNOWN, ..event("act", at(3, 0, 0), Body::RepositoryAct(Box::new(act))) };
    let event = Arc::new(event);
    let to = |name: CompactString| addressed(EntityKey::own_repository(&name), Id::Text(name), Role::Subject, &event);
    names.into_iter().map(to).collect()
}

/// Applications that trust a repository, as the audit log says.
fn trusting(repository: &str, apps: &[&str]) -> Vec<Observation> {
    let trust = Credential {
        kind: CredentialKind::Federated,
        subject: Some(format!("repo:{repository}:ref:refs/heads/main").into()),
        ..secret(KEY)
    };
    let told = |app: &&str| {
        let change = credential_change(at(1, 0, 0), actor("ops"), vec![trust.clone()], vec![], |change| {
            change.application = AppId::parse(app);
        });
        let Body::DirectoryChange(body) = &change.event.body else { panic!("a change") };
        let names: Vec<CompactString> = body.repository_names().collect();
        let to = |name: CompactString| {
            addressed(EntityKey::own_repository(&name), Id::Text(name), Role::Subject, &change.event)
        };
        names.into_iter().map(to).collect::<Vec<_>>()
    };
    apps.iter().flat_map(told).collect()
}

#[test]
fn an_act_in_a_repository_reaches_all_that_trust_it_and_nobody_else() {
    let other = "b0000000-0000-4000-8000-000000000009";
    let wild = [listed_principal(), trusting("example/*", &[APP]), act_in(Some("Example/Whatever"))];
    assert!(Directory::run(&wild).reached.contains(&"act".to_owned()), "a trust in any of them");
    for (apps, repository, reached) in [
        (&[APP][..], Some("Example/App"), true),
        (&[other, APP], Some("example/app"), true),
        (&[APP], Some("example/other"), false),
        (&[APP], Some("other/app"), false),
        (&[APP], None, true),
        (&[], Some("example/app"), false),
    ] {
        let groups = [listed_principal(), trusting("example/app", apps), act_in(repository)];
        let directory = Directory::run(&groups);
        assert_eq!(directory.reached.contains(&"act".to_owned()), reached, "{apps:?} {repository:?}");
    }
}

#[test]
fn a_trust_that_names_only_its_application_object_is_the_application_s() {
    let object = ObjectId::parse(OBJECT).expect("an id");
    let trust = Credential {
        kind: CredentialKind::Federated,
        subject: Some("repo:example/app:ref:refs/heads/main".into()),
        ..secret(NEW_KEY)
    };
    let change = credential_change(at(1, 0, 0), actor("ops"), vec![trust], vec![], |change| {
        change.application_object = Some(object.clone());
    });
    let trusting = vec![addressed(EntityKey::application_object(&object), object.0, Role::Target, &change.event)];
    for groups in [[listed_application(), trusting.clone()], [trusting, listed_application()]] {
        let all = [&[listed_principal()][..], &groups, &[act_in(Some("Example/App"))]].concat();
        let directory = Directory::run(&all);
        assert!(directory.reached.contains(&"act".to_owned()));
        assert!(directory.learned.contains(&NEW_KEY.to_owned()), "the change reaches the principal as well");
    }
}

/// The application reads mail, in a tenant.
fn mail_read(id: &str, tenant: TenantId) -> Vec<Observation> {
    let act = OfficeAct {
        workload: "Exchange".into(),
        operation: "mailitemsaccessed".into(),
        app: app(),
        principal: None,
        api: None,
        place_of_data: None,
        client: None,
        succeeded: true,
        place: Place::default(),
        agent: Agent::default(),
        token: None,
    };
    let event = Arc::new(Event { tenant, ..event(id, at(3, 0, 0), Body::OfficeAct(Box::new(act))) });
    vec![addressed(EntityKey::application(&app()), app().0, Role::Subject, &event)]
}

fn elsewhere() -> TenantId {
    TenantId::parse("22222222-2222-4222-8222-222222222222").expect("an id")
}

/// What the inventory of another tenant lists.
fn listed_elsewhere() -> Vec<Observation> {
    let move_away = |one: Observation| {
        let event = Arc::new(Event { tenant: elsewhere(), ..Event::clone(&one.event) });
        Observation { tenant: elsewhere(), event, ..one }
    };
    listed_principal().into_iter().filter(|one| one.entity == EntityKey::application(&app())).map(move_away).collect()
}

#[test]
fn an_act_in_exchange_reaches_the_principals_of_its_own_tenant_whichever_record_comes_first() {
    for (tenant, reached) in [(tenant(), 1), (elsewhere(), 0)] {
        for groups in
            [[listed_principal(), mail_read("mail", tenant.clone())], [mail_read("mail", tenant), listed_principal()]]
        {
            let all = [&groups[..], &[listed_principal()]].concat();
            let came = Directory::run(&all).reached.iter().filter(|id| *id == "mail").count();
            assert_eq!(came, reached, "once where it belongs");
        }
    }
    let all = [listed_elsewhere(), mail_read("mail", tenant()), listed_elsewhere(), listed_principal()];
    assert!(Directory::run(&all).reached.contains(&"mail".to_owned()), "it waits for a principal of its tenant");
}

#[test]
fn acts_that_wait_are_bounded_and_drive_no_leak_out() {
    let acts = (0..40).flat_map(|number| mail_read(&format!("mail {number}"), tenant())).collect();
    let directory = Directory::run(&[listed_application(), found("abc", true), acts, listed_principal()]);
    let acts = directory.reached.iter().filter(|id| id.starts_with("mail"));
    assert_eq!(
        acts.collect::<Vec<_>>(),
        (24..40).map(|number| format!("mail {number}")).collect::<Vec<_>>().iter().collect::<Vec<_>>()
    );
    assert!(directory.confidence().is_some(), "{:?}", directory.reached);
}

#[test]
fn a_change_waits_for_a_principal_of_its_own_tenant() {
    let groups = [listed_elsewhere(), listed_application(), object_changed(), listed_elsewhere(), listed_principal()];
    let directory = Directory::run(&groups);
    assert!(directory.learned.contains(&NEW_KEY.to_owned()), "{:?}", directory.learned);
}

/// Somebody changes the application object; the record names nothing else.
fn object_changed() -> Vec<Observation> {
    let by = Actor { kind: ActorKind::Application, ..actor("an application") };
    let change = credential_change(at(1, 0, 0), by, vec![secret(NEW_KEY)], vec![], |change| {
        change.application_object = ObjectId::parse(OBJECT);
    });
    let object = ObjectId::parse(OBJECT).expect("an id");
    vec![addressed(EntityKey::application_object(&object), object.0.clone(), Role::Target, &change.event)]
}

/// Folds observations and whatever they lead to, saving and loading every state in between.
#[derive(Default)]
struct Directory {
    stored: BTreeMap<(EntityKey, Section), Vec<u8>>,
    detections: Vec<Detection>,
    learned: Vec<String>,
    /// The events that came to principals.
    reached: Vec<String>,
}

impl Directory {
    fn run(groups: &[Vec<Observation>]) -> Self {
        let engine = Engine::builtin();
        let mut directory = Self::default();
        let mut queue: VecDeque<Observation> = groups.iter().flatten().cloned().collect();
        while let Some(observation) = queue.pop_front() {
            directory.fold(&engine, &observation, &mut queue);
        }
        directory
    }

    fn fold(&mut self, engine: &Engine, observation: &Observation, queue: &mut VecDeque<Observation>) {
        let key = observation.entity;
        let read = |section| Ok::<_, StateError>(self.stored.get(&(key, section)).cloned());
        let mut state = EntityState::load(key, read).expect("stored state loads");
        let verdict = engine.fold(&mut state, &Peers::default(), observation);
        if let EntityState::Principal(profile) = &state {
            self.reached.push(observation.event.id.to_string());
            self.learned = profile.credentials().iter().map(|known| known.key.to_string()).collect();
        }
        for (section, bytes) in state.take_changes() {
            match bytes {
                Some(bytes) => drop(self.stored.insert((key, section), bytes)),
                None => drop(self.stored.remove(&(key, section))),
            }
        }
        assert!(verdict.derived.iter().all(|derived| derived.entity.kind > key.kind), "sending goes one way");
        for derived in verdict.derived.into_iter().rev() {
            queue.push_front(derived);
        }
        self.detections.extend(verdict.detections);
    }

    /// How sure the detection of the greatest weight is.
    fn surest(&self) -> Option<String> {
        let weight = |detection: &&Detection| detection.evidence.weight;
        let surest = self.detections.iter().max_by(|a, b| weight(a).total_cmp(&weight(b)))?;
        let fact = surest.evidence.facts.iter().find(|fact| fact.kind == "confidence")?;
        fact.observed.split(':').next().map(str::to_owned)
    }

    fn confidence(&self) -> Option<String> {
        let facts = self.detections.iter().flat_map(|detection| &detection.evidence.facts);
        let confidence = facts.into_iter().find(|fact| fact.kind == "confidence")?;
        confidence.observed.split(':').next().map(str::to_owned)
    }
}

#[test]
fn a_leak_near_the_application_is_matched_by_the_hint_or_only_attributed() {
    let confidence =
        |hint: &str, near| Directory::run(&[listed_application(), listed_principal(), found(hint, near)]).confidence();
    assert_eq!(confidence("abc", true).as_deref(), Some("matched"));
    assert_eq!(confidence("xyz", true).as_deref(), Some("unlike"));
    let not_listed = Directory::run(&[listed_principal(), found("xyz", true)]);
    assert_eq!(not_listed.confidence().as_deref(), Some("attributed"));
    assert_eq!(confidence("abc", false).as_deref(), Some("low"));
    assert_eq!(confidence("xyz", false), None);
}

#[test]
fn a_leak_of_a_blueprint_reaches_the_agent_that_signed_in_by_it() {
    let by_blueprint = sign_in(at(0, 5, 0), |one| one.blueprint = Some(app()));
    let told = addressed(EntityKey::application(&app()), app().0, Role::Subject, &by_blueprint.event);
    let directory = Directory::run(&[vec![by_blueprint, told], found("abc", true)]);
    assert_eq!(directory.confidence().as_deref(), Some("attributed"));
}

#[test]
fn a_leak_that_comes_before_the_credential_is_listed_becomes_surer() {
    let directory =
        Directory::run(&[listed_principal(), found("abc", true), listed_application(), listed_application()]);
    let levels: Vec<_> = directory.detections.iter().map(|detection| detection.level).collect();
    assert_eq!(levels, [RiskLevel::Medium, RiskLevel::High], "attributed, then matched, each told once");
}

#[test]
fn a_hint_that_two_applications_share_accuses_neither() {
    let is_hint = |one: &Observation| one.entity == EntityKey::secret_hint("abc");
    let mut other = listed_application().into_iter().find(is_hint).expect("the hint's observation");
    let mut event = (*other.event).clone();
    if let Body::InventoryApplication(entry) = &mut event.body {
        entry.app = AppId::parse("b0000000-0000-4000-8000-000000000002").expect("an id");
    }
    other.event = Arc::new(event);
    let directory = Directory::run(&[listed_application(), vec![other], listed_principal(), found("abc", false)]);
    assert_eq!(directory.confidence(), None);
}

#[test]
fn a_change_of_the_application_object_reaches_its_principal() {
    let directory = Directory::run(&[listed_application(), listed_principal(), object_changed()]);
    assert!(directory.learned.contains(&NEW_KEY.to_owned()), "{:?}", directory.learned);
}

fn named(people: &[&str]) -> Vec<CompactString> {
    people.iter().copied().map(CompactString::from).collect()
}

/// Somebody becomes an owner of the application, or is one no more; the record names the application.
fn owner_changed(minute: i64, operation: Operation, owner: &str) -> Vec<Observation> {
    let changed = credential_change(at(2, 0, minute), actor("ops"), vec![], vec![], |change| {
        change.operation = operation;
        change.application = Some(app());
        change.targets = vec![
            Target { kind: TargetKind::User, id: ObjectId::parse("f1"), name: Some(owner.into()) },
            Target { kind: TargetKind::Application, id: ObjectId::parse(OBJECT), name: None },
        ];
    });
    vec![addressed(EntityKey::application(&app()), app().0, Role::Target, &changed.event)]
}

/// The application as listed with an owner and a sponsor.
fn listed_owners() -> Vec<Observation> {
    let mut listed = listed_application().pop().expect("the application");
    let mut event = (*listed.event).clone();
    if let Body::InventoryApplication(entry) = &mut event.body {
        let (owners, sponsors) = (named(&["ana@example.org"]), named(&["bo@example.org"]));
        entry.ownership = Ownership { owners, sponsors, ..Ownership::default() };
    }
    listed.event = Arc::new(event);
    vec![listed]
}

/// What an alert says of owners and sponsors after all that.
fn whom_to_ask(groups: &[Vec<Observation>]) -> (Vec<CompactString>, Vec<CompactString>) {
    let confirmed = vec![command(at(9, 0, 0), Verdict::ConfirmCompromised)];
    let directory = Directory::run(&[groups, &[confirmed]].concat());
    let situation = directory.detections.last().expect("a detection").situation.clone();
    (situation.owners, situation.sponsors)
}

#[test]
fn an_application_s_owners_reach_its_principals_whichever_record_comes_first() {
    let groups = [listed_owners(), listed_principal(), owner_changed(5, Operation::OwnerAdded, "cy@example.org")];
    for order in [[0, 1, 2], [1, 0, 2], [0, 2, 1]] {
        let groups: Vec<_> = order.iter().filter_map(|index| groups.get(*index).cloned()).collect();
        let expected = (named(&["ana@example.org", "cy@example.org"]), named(&["bo@example.org"]));
        assert_eq!(whom_to_ask(&groups), expected, "{order:?}");
    }
}

#[test]
fn an_owner_that_is_taken_away_is_told_no_more_and_a_repeat_tells_nothing_new() {
    let added = owner_changed(5, Operation::OwnerAdded, "cy@example.org");
    let removed = owner_changed(6, Operation::OwnerRemoved, "CY@example.org");
    let groups = [listed_principal(), listed_owners(), added.clone(), listed_owners(), removed];
    assert_eq!(whom_to_ask(&groups).0, named(&["ana@example.org"]));
    assert_eq!(whom_to_ask(&[listed_principal(), added.clone(), added]).0, named(&["cy@example.org"]));
}

proptest! {
    #[test]
    fn what_comes_too_early_waits(order in Just([0_usize, 1, 2, 3]).prop_shuffle()) {
        let groups = [listed_application(), listed_principal(), found("abc", true), object_changed()];
        let shuffled: Vec<_> = order.iter().map(|at| groups[*at].clone()).collect();
        let directory = Directory::run(&shuffled);
        prop_assert!(directory.learned.contains(&NEW_KEY.to_owned()), "{:?}", directory.learned);
        prop_assert!(directory.confidence().is_some());
    }
}
