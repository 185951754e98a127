//! Acting: what workloads, people and thieves do becomes records.

use super::client::Client;
use super::estate::{Estate, Person};
use super::plane::use_token;
use super::resource::{Call, Resource};
use super::sink::{Sink, Stream};
use super::site::Place;
use super::wire::{Actor, Audit, GraphCall, Property, SignIn, federated_description, key_description};
use super::workload::{Key, KeyKind, Token, Workload};
use picket_detectors::event::EventTime;
use uuid::Uuid;

/// What a campaign has done so far, for its label.
#[derive(Debug, Clone, Default)]
pub(super) struct Mark {
    pub(super) first: Option<EventTime>,
    pub(super) last: Option<EventTime>,
    pub(super) events: Vec<String>,
}

/// Labels name no more events than this.
const MOST_EVENTS: usize = 500;

impl Mark {
    fn add(&mut self, at: EventTime, event: String) {
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
        if self.events.len() < MOST_EVENTS {
            self.events.push(event);
        }
    }
}

/// From where and with what somebody acts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stand {
    pub(super) place: Option<Place>,
    pub(super) client: Client,
}

/// One tenant's log, and the label of who writes it if that is a thief.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) estate: &'a Estate,
    pub(super) sink: &'a mut Sink,
    pub(super) mark: Option<&'a mut Mark>,
}

impl Stage<'_> {
    /// Writes down what happened, under its id.
    pub(super) fn happened(&mut self, stream: Stream, at: EventTime, (id, body): (String, String)) {
        if let Some(mark) = &mut self.mark {
            mark.add(at, id);
        }
        self.sink.happened(stream, at, &self.estate.stalls, body);
    }

    /// Signs in; gives the token.
    pub(super) fn sign_in(
        &mut self,
        workload: &mut Workload,
        at: EventTime,
        stand: Stand,
        resource: &Resource,
        (key, error): (Option<&Key>, u32),
    ) -> Token {
        let id = workload.random.guid();
        let Stand { place, client } = stand;
        let key = key.filter(|_| error == 0);
        let sign_in = SignIn { id, at, estate: self.estate, workload, place, client, resource, key, error };
        let stream = if workload.kind.is_managed() { Stream::ManagedIdentities } else { Stream::ServicePrincipals };
        self.happened(stream, at, (id.to_string(), sign_in.record()));
        Token { id, issued: at }
    }

    /// Calls Microsoft Graph.
    pub(super) fn call(
        &mut self,
        workload: &mut Workload,
        at: EventTime,
        stand: Stand,
        call: Call,
        token: Option<&Token>,
    ) {
        let random = &mut workload.random;
        let (id, object) = (random.guid(), random.guid());
        // Permission is not everything: objects are gone, mailboxes have policies of their own, services are busy.
        let status = match random.below(1_000) {
            _ if !workload.roles.contains(&call.role) => 403,
            0..10 => 404,
            10..20 => 403,
            20..30 => 429,
            30..35 => 503,
            _ => 200,
        };
        let bytes = if status == 200 { random.whole(400, 90_000) as u32 } else { 320 };
        let Stand { place, client } = stand;
        let token = token.map(|token| (token.id, token.issued));
        let call =
            GraphCall { id, at, estate: self.estate, workload, place, client, call, object, status, bytes, token };
        self.happened(Stream::GraphActivity, at, (id.to_string(), call.record()));
    }

    /// Changes the directory; gives the id of what was logged.
    fn audit(&mut self, audit: &Audit<'_>) {
        self.happened(Stream::Audit, audit.at, (audit.event_id(), audit.record()));
    }

    /// Adds a credential, and says so as Entra does.
    pub(super) fn add_key(&mut self, workload: &mut Workload, at: EventTime, actor: Actor<'_>, key: Key) {
        let before = workload.keys.clone();
        workload.keys.push(key);
        self.keys_changed(workload, at, actor, &before);
    }

    /// Removes a credential.
    pub(super) fn remove_key(&mut self, workload: &mut Workload, at: EventTime, actor: Actor<'_>, key: Uuid) {
        let before = workload.keys.clone();
        workload.keys.retain(|known| known.id != key);
        if before.len() != workload.keys.len() {
            self.keys_changed(workload, at, actor, &before);
        }
    }

    fn keys_changed(&mut self, workload: &mut Workload, at: EventTime, actor: Actor<'_>, before: &[Key]) {
        let id = workload.random.guid();
        let differs = |key: &&Key| {
            let others: &[Key] = if before.len() > workload.keys.len() { &workload.keys } else { before };
            !others.iter().any(|other| other.id == key.id)
        };
        let longer: &[Key] = if before.len() > workload.keys.len() { before } else { &workload.keys };
        let Some(changed) = longer.iter().find(differs) else { return };
        let object = (workload.object, workload.name.clone(), "Application");
        let principal = (workload.principal, workload.name.clone(), "ServicePrincipal");
        let of = |on: bool| move |key: &&Key| key.on_principal == on;
        let keys = |keys: &[Key], on: bool| Some(key_description(keys.iter().filter(of(on))));
        let federated = changed.kind == KeyKind::Federated;
        let (activity, target, property): (_, _, Property) = match (federated, changed.on_principal) {
            (true, _) => {
                let list = |keys: &[Key]| Some(federated_description(keys.iter()));
                let property = ("FederatedIdentityCredentials", list(before), list(&workload.keys));
                ("Update application", object, property)
            }
            (false, false) => {
                let property = ("KeyDescription", keys(before, false), keys(&workload.keys, false));
                ("Update application – Certificates and secrets management ", object, property)
            }
            (false, true) => {
                let added = before.len() < workload.keys.len();
                let activity =
                    if added { "Add service principal credentials" } else { "Remove service principal credentials" };
                (activity, principal, ("KeyDescription", keys(before, true), keys(&workload.keys, true)))
            }
        };
        let included = Some(format!("\"{}\"", property.0));
        self.audit(&Audit {
            id,
            at,
            estate: self.estate,
            activity,
            kind: "Update",
            actor,
            targets: vec![target],
            properties: vec![property, ("Included Updated Properties", None, included)],
            app: workload.app,
        });
    }

    /// Grants an application permission of Microsoft Graph.
    pub(super) fn grant(&mut self, workload: &mut Workload, at: EventTime, actor: Actor<'_>, role: &'static str) {
        if !workload.roles.contains(&role) {
            workload.roles.push(role);
        }
        let json = |text: String| Some(format!("\"{text}\""));
        let graph = Uuid::from_u128(self.estate.id.as_u128() ^ 3);
        let resource = (graph, "Microsoft Graph".to_owned(), "ServicePrincipal");
        let grantee = (workload.principal, workload.app.to_string(), "ServicePrincipal");
        self.audit(&Audit {
            id: workload.random.guid(),
            at,
            estate: self.estate,
            activity: "Add app role assignment to service principal",
            kind: "Assign",
            actor,
            targets: vec![resource, grantee],
            properties: vec![
                ("AppRole.Id", None, json(Uuid::from_u128(role.len() as u128).to_string())),
                ("AppRole.Value", None, json(role.to_owned())),
                ("AppRole.DisplayName", None, json(role.to_owned())),
                ("ServicePrincipal.ObjectID", None, json(workload.principal.to_string())),
                ("ServicePrincipal.DisplayName", None, json(workload.name.clone())),
                ("ServicePrincipal.AppId", None, json(workload.app.to_string())),
                ("ServicePrincipal.Name", None, json(workload.app.to_string())),
            ],
            app: super::resource::GRAPH.app,
        });
    }

    /// Gives a directory role.
    pub(super) fn give_role(
        &mut self,
        workload: &mut Workload,
        at: EventTime,
        actor: Actor<'_>,
        (role, template): (&'static str, &'static str),
    ) {
        let json = |text: &str| Some(format!("\"{text}\""));
        let member = (workload.principal, workload.name.clone(), "ServicePrincipal");
        let object = (Uuid::from_u128(self.estate.id.as_u128() ^ role.len() as u128), role.to_owned(), "Role");
        self.audit(&Audit {
            id: workload.random.guid(),
            at,
            estate: self.estate,
            activity: "Add member to role",
            kind: "Assign",
            actor,
            targets: vec![member, object],
            properties: vec![("Role.DisplayName", None, json(role)), ("Role.TemplateId", None, json(template))],
            app: workload.app,
        });
    }

    /// Makes somebody an owner of the application.
    pub(super) fn add_owner(&mut self, workload: &mut Workload, at: EventTime, actor: Actor<'_>, owner: &Person) {
        let json = |text: String| Some(format!("\"{text}\""));
        self.audit(&Audit {
            id: workload.random.guid(),
            at,
            estate: self.estate,
            activity: "Add owner to application",
            kind: "Assign",
            actor,
            targets: vec![
                (owner.id, owner.name.clone(), "User"),
                (workload.object, workload.name.clone(), "Application"),
            ],
            properties: vec![
                ("Application.ObjectID", None, json(workload.object.to_string())),
                ("Application.DisplayName", None, json(workload.name.clone())),
                ("Application.AppId", None, json(workload.app.to_string())),
            ],
            app: workload.app,
        });
    }

    /// A line of a code feed.
    pub(super) fn leak(&mut self, at: EventTime, id: String, line: String) {
        // GitHub's times end at seconds.
        let at = EventTime::from_micros(at.micros() / EventTime::SECOND * EventTime::SECOND);
        if let Some(mark) = &mut self.mark {
            mark.add(at, id);
        }
        self.sink.at_once(Stream::Code, at.plus(20 * EventTime::SECOND), line);
    }
}

/// One honest session of a workload.
pub(super) fn session(stage: &mut Stage<'_>, workload: &mut Workload, at: EventTime) {
    if workload.last_active != at.day() {
        workload.last_active = at.day();
        workload.active_days += 1;
    }
    let place = workload.place(stage.estate, at);
    let client = workload.client();
    let stand = Stand { place, client };
    let key = workload.key().cloned();
    if workload.failing.is_some_and(|(_, until)| at >= until) {
        workload.failing = None;
    }
    let error = workload.failing.map_or(0, |(error, _)| error);
    let resources = workload.resources.clone();
    let mut time = at;
    for (n, resource) in resources.iter().enumerate() {
        if n > 0 && !workload.random.chance(0.6) {
            continue;
        }
        let token = stage.sign_in(workload, time, stand, resource, (key.as_ref(), error));
        if *resource == super::resource::GRAPH && error == 0 {
            calls(stage, workload, time, stand, &token);
            workload.last_token = Some(token.clone());
        }
        if error != 0 {
            break;
        }
        use_token(stage, workload, time, stand, (resource, &token));
        time = time.plus(workload.random.whole(1, 9_000) * 1_000);
    }
}

/// The calls of one honest session. Some leave by another of the workload's ways out: several gateways, regions that
/// share their tokens.
fn calls(stage: &mut Stage<'_>, workload: &mut Workload, at: EventTime, stand: Stand, token: &Token) {
    if workload.calls.is_empty() {
        return;
    }
    let mut time = at;
    for _ in 0..workload.calls_per_session {
        time = time.plus(workload.random.whole(300, 40_000) * 1_000);
        let Some(call) = workload.random.choose(&workload.calls.clone()).copied() else { return };
        let elsewhere = workload.random.chance(0.04);
        let place = if elsewhere { workload.place(stage.estate, time) } else { stand.place };
        stage.call(workload, time, Stand { place, ..stand }, call, Some(token));
    }
}
