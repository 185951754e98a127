//! Honest change: what happens to workloads whose owners mean well.

use super::client::Client;
use super::estate::Person;
use super::kind::WorkloadKind;
use super::label::Label;
use super::random::Random;
use super::region::{LINES, VPNS};
use super::resource::{RECON_CALLS, Resource, SERVICE_CALLS};
use super::site::Site;
use super::stage::{Stage, Stand, session};
use super::wire::Actor;
use super::workload::{Key, KeyKind, Workload, key_name, secret, trust};
use picket_detectors::event::EventTime;
use serde::Serialize;
use uuid::Uuid;

/// A kind of honest change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Change {
    Upgrade,
    OtherLibrary,
    NewResource,
    NewSite,
    Move,
    Rotation,
    Federation,
    Expiry,
    Mistyped,
    ByHand,
    Standby,
    Ipv6,
    Pause,
    Storm,
    OtherCalls,
    Permission,
    Owner,
    Role,
    Journey,
}

/// Of 10,000 days of a workload, so many bring this change. Own estimates: credentials are rotated two or three times
/// a year, deployments change clients a few times a year, and a workload moves once in some years.
const RATES: [(Change, u32); 19] = [
    (Change::Upgrade, 160),
    (Change::OtherLibrary, 20),
    (Change::NewResource, 60),
    (Change::NewSite, 25),
    (Change::Move, 10),
    (Change::Rotation, 80),
    (Change::Federation, 10),
    (Change::Expiry, 20),
    (Change::Mistyped, 35),
    (Change::ByHand, 25),
    (Change::Standby, 20),
    (Change::Ipv6, 12),
    (Change::Pause, 50),
    (Change::Storm, 50),
    (Change::OtherCalls, 80),
    (Change::Permission, 25),
    (Change::Owner, 15),
    (Change::Role, 4),
    (Change::Journey, 60),
];

/// Permissions that owners ask for; the first ones more often.
const PERMISSIONS: [&str; 12] = [
    "User.Read.All",
    "User.Read.All",
    "User.Read.All",
    "Group.Read.All",
    "Group.Read.All",
    "Sites.Read.All",
    "Sites.Read.All",
    "Mail.Send",
    "Files.Read.All",
    "Directory.Read.All",
    "Mail.Read",
    "full_access_as_app",
];

/// Directory roles that owners give to applications.
const ROLES: [((&str, &str), u32); 4] = [
    (("Directory Readers", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"), 12),
    (("User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1"), 5),
    (("Groups Administrator", "fdd7a751-b60b-444a-984c-02652fe8fa1c"), 5),
    (("Global Administrator", "62e90394-69f5-4237-9190-012177145e10"), 1),
];

/// What follows from a change, later.
#[derive(Debug, Clone, Copy)]
pub(super) enum FollowUp {
    /// The workload goes over to a credential.
    Use(Uuid),
    /// A credential is removed.
    Remove(Uuid),
    /// An expired or mistyped secret is replaced.
    Renew,
    /// A session out of turn.
    Session,
}

impl Workload {
    /// How long until the next change.
    pub(super) fn until_change(&mut self) -> i64 {
        let a_day = f64::from(RATES.iter().map(|(_, rate)| rate).sum::<u32>()) / 10_000.0;
        (self.random.wait(1.0 / a_day) * EventTime::DAY as f64) as i64 + EventTime::HOUR
    }

    /// The next moment at which it does something.
    pub(super) fn next(&self) -> EventTime {
        let follow_ups = self.follow_ups.iter().map(|(at, _)| *at);
        follow_ups.chain([self.next_session, self.next_change]).min().unwrap_or(self.next_session)
    }

    /// Does what is due.
    pub(super) fn step(&mut self, stage: &mut Stage<'_>, now: EventTime) {
        while let Some(at) = self.follow_ups.iter().position(|(due, _)| *due <= now) {
            let (due, follow_up) = self.follow_ups.swap_remove(at);
            self.follow(stage, due, follow_up);
        }
        if self.next_change <= now {
            self.next_change = now.plus(self.until_change());
            let change = self.random.share(&RATES, Change::Upgrade);
            if self.change(stage, now, change) {
                let label = Label::Change { kind: change, principal: self.principal, tenant: stage.estate.id, at: now };
                stage.sink.at_once(super::sink::Stream::Labels, now, label.line());
            }
        }
        if self.next_session <= now {
            session(stage, self, now);
            self.next_session = self.rhythm.next(now, &mut self.random);
        }
    }

    fn follow(&mut self, stage: &mut Stage<'_>, at: EventTime, follow_up: FollowUp) {
        match follow_up {
            FollowUp::Use(key) => self.using = Some(key),
            FollowUp::Remove(key) => self.by_person(stage, at, |stage, workload, actor| {
                if workload.using != Some(key) {
                    stage.remove_key(workload, at, actor, key);
                }
            }),
            FollowUp::Renew => {
                let key = secret(key_name(&mut self.random), &mut self.random);
                let id = key.id;
                self.by_person(stage, at, |stage, workload, actor| stage.add_key(workload, at, actor, key));
                self.using = Some(id);
            }
            FollowUp::Session => session(stage, self, at),
        }
    }

    /// Lets the owner, or now and then a colleague, do something in the directory.
    fn by_person(
        &mut self,
        stage: &mut Stage<'_>,
        at: EventTime,
        act: impl FnOnce(&mut Stage<'_>, &mut Self, Actor<'_>),
    ) {
        let estate = stage.estate;
        // Tenants that change things by pipeline do most of it so; which teams do is settled by their applications.
        if let Some((principal, name)) = estate.automation.as_ref().filter(|_| self.app.as_u128() % 6 == 0) {
            return act(stage, self, Actor::Application(*principal, name));
        }
        let other = self.random.below(estate.people.len());
        let number = if self.random.chance(0.8) { self.owner } else { other };
        let Some(person) = estate.people.get(number) else { return };
        let place = estate.desk(person, at, &mut self.random);
        act(stage, self, Actor::Person(person, place));
    }

    /// Says whether the change befits the workload, and makes it if so.
    fn change(&mut self, stage: &mut Stage<'_>, at: EventTime, change: Change) -> bool {
        let estate = stage.estate;
        let managed = self.kind.is_managed();
        match change {
            Change::Upgrade | Change::OtherLibrary => self.other_software(change),
            Change::NewResource => self.resources.push(Resource::any(&mut self.random)),
            Change::NewSite | Change::Move | Change::Ipv6 if !managed => self.other_place(estate, change),
            Change::Rotation if self.has_secret() || self.key().is_some_and(|key| key.kind == KeyKind::Certificate) => {
                self.rotate(stage, at);
            }
            Change::Federation if matches!(self.kind, WorkloadKind::Pipeline | WorkloadKind::Service) => {
                self.federate(stage, at)
            }
            Change::Expiry | Change::Mistyped if self.has_secret() => self.fail(at, change),
            Change::ByHand if self.has_secret() => self.by_hand(stage, at),
            Change::Standby if !managed => {
                let until = at.plus(self.random.whole(3, 60) * EventTime::HOUR);
                self.away = Some((estate.landing(&mut self.random), until));
            }
            Change::Journey if self.kind == WorkloadKind::Person => {
                let region = self.random.choose(&LINES).unwrap_or(&LINES[0]);
                self.away = Some((Site::home(region, &mut self.random), at.plus(3 * EventTime::DAY)));
            }
            Change::Pause => self.next_session = at.plus(self.random.whole(2, 20) * EventTime::DAY),
            Change::Storm => {
                let restarts = self.random.whole(5, 40);
                for n in 0..restarts {
                    let due = at.plus(n * self.random.whole(5, 90) * EventTime::SECOND);
                    self.follow_ups.push((due, FollowUp::Session));
                }
            }
            Change::OtherCalls if !self.calls.is_empty() => {
                let call = if self.random.chance(0.9) {
                    self.random.pick(&SERVICE_CALLS)
                } else {
                    self.random.pick(&RECON_CALLS)
                };
                // Some try before they are allowed to.
                if !self.roles.contains(&call.role) && self.random.chance(0.7) {
                    self.by_person(stage, at, |stage, workload, actor| stage.grant(workload, at, actor, call.role));
                }
                self.calls.push(call);
            }
            Change::Permission => {
                let role = self.random.pick(&PERMISSIONS);
                self.by_person(stage, at, |stage, workload, actor| stage.grant(workload, at, actor, role));
            }
            Change::Role => {
                let role = self.random.share(&ROLES, ROLES[0].0);
                self.by_person(stage, at, |stage, workload, actor| stage.give_role(workload, at, actor, role));
            }
            Change::Owner if !managed => {
                let owner: Option<&Person> = self.random.choose(&estate.people);
                let Some(owner) = owner else { return false };
                self.by_person(stage, at, |stage, workload, actor| stage.add_owner(workload, at, actor, owner));
            }
            _ => return false,
        }
        true
    }

    fn other_software(&mut self, change: Change) {
        let pipeline = self.kind.is_pipeline();
        let random = &mut self.random;
        if let Some(client) = self.clients.first_mut() {
            *client = match change {
                Change::Upgrade => client.newer(random),
                _ if pipeline => Client::pipeline(random),
                _ => Client::service(random),
            };
        }
    }

    fn other_place(&mut self, estate: &super::estate::Estate, change: Change) {
        match change {
            Change::NewSite => self.sites.push((estate.landing(&mut self.random), 2)),
            Change::Ipv6 => self.sites.iter_mut().for_each(|(site, _)| *site = site.clone().over_v6()),
            _ => self.sites = vec![(estate.landing(&mut self.random), 1)],
        }
    }

    fn rotate(&mut self, stage: &mut Stage<'_>, at: EventTime) {
        let Some(old) = self.key().cloned() else { return };
        let mut key = Key { id: self.random.guid(), ..old.clone() };
        // Some scripts put credentials on the service principal, and not on the application.
        key.on_principal = self.app.as_u128() % 8 == 1;
        if self.random.chance(0.7) {
            key.name = key_name(&mut self.random);
        }
        let used = at.plus(self.random.whole(2, 2_000) * EventTime::MINUTE);
        self.follow_ups.push((used, FollowUp::Use(key.id)));
        if self.random.chance(0.7) {
            self.follow_ups.push((used.plus(self.random.whole(1, 9) * EventTime::DAY), FollowUp::Remove(old.id)));
        }
        self.by_person(stage, at, |stage, workload, actor| stage.add_key(workload, at, actor, key));
    }

    fn federate(&mut self, stage: &mut Stage<'_>, at: EventTime) {
        let mut key = secret("github".to_owned(), &mut self.random);
        key.kind = KeyKind::Federated;
        (key.issuer, key.subject) = trust(0.1, 0.1, &self.name, &mut self.random);
        self.follow_ups.push((at.plus(self.random.whole(5, 600) * EventTime::MINUTE), FollowUp::Use(key.id)));
        self.by_person(stage, at, |stage, workload, actor| stage.add_key(workload, at, actor, key));
    }

    fn fail(&mut self, at: EventTime, change: Change) {
        let (error, minutes) = match change {
            Change::Expiry => (7_000_222, self.random.whole(30, 1_500)),
            _ => (7_000_215, self.random.whole(4, 120)),
        };
        let until = at.plus(minutes * EventTime::MINUTE);
        self.failing = Some((error, until));
        // Somebody tries a few times.
        for n in 1..self.random.whole(2, 6) {
            self.follow_ups.push((at.plus(n * 50 * EventTime::SECOND), FollowUp::Session));
        }
        self.follow_ups.push((until.plus(-EventTime::MINUTE), FollowUp::Renew));
        self.follow_ups.push((until.plus(EventTime::MINUTE), FollowUp::Session));
    }

    /// A person tries something with the application's secret: from the office, from home, behind a VPN.
    fn by_hand(&mut self, stage: &mut Stage<'_>, at: EventTime) {
        let estate = stage.estate;
        let Some(person) = estate.people.get(self.owner) else { return };
        let place = if self.random.chance(0.04) {
            let exit = self.random.choose(&VPNS).map(|exit| Site::reserved(exit, 1, &mut self.random));
            exit.and_then(|site| site.place(&[], at, &mut self.random))
        } else {
            estate.desk(person, at, &mut self.random)
        };
        let stand = Stand { place, client: Client::tool(&mut self.random) };
        let key = self.key().cloned();
        let resource = self.resources.first().cloned().unwrap_or(super::resource::GRAPH);
        for n in 0..self.random.whole(1, 5) {
            let time = at.plus(n * self.random.whole(20, 900) * EventTime::SECOND);
            let wrong = n == 0 && self.random.chance(0.2);
            stage.sign_in(self, time, stand, &resource, (key.as_ref(), if wrong { 7_000_215 } else { 0 }));
        }
    }
}

/// How far a random moment lies in a period.
pub(super) fn within(start: EventTime, length: i64, random: &mut Random) -> EventTime {
    start.plus((random.fraction() * length as f64) as i64)
}
