//! A campaign under way.

use super::super::estate::Estate;
use super::super::label::Label;
use super::super::leak::{alert, push};
use super::super::plane::{abuse_token, use_token};
use super::super::random::Random;
use super::super::resource::{COMMON_CALLS, Call, GRAPH, MAIL_CALLS, RECON_CALLS, Resource};
use super::super::sink::{Sink, Stream};
use super::super::stage::{Mark, Stage, Stand};
use super::super::wire::Actor;
use super::super::workload::{Key, KeyKind, Token, Workload, key_name, secret, trust};
use super::attacker::Attacker;
use super::script::{Aim, By, Script, Step};
use super::{CampaignKind, Variant};
use picket_detectors::event::EventTime;
use uuid::Uuid;

/// One campaign.
#[derive(Debug)]
pub(in crate::simulate) struct Campaign {
    pub(super) number: usize,
    pub(super) kind: CampaignKind,
    pub(super) variant: Variant,
    pub(super) victims: Vec<usize>,
    pub(super) start: EventTime,
    /// Steps to come, the last first.
    pub(super) script: Script,
    pub(super) random: Random,
    /// How often a step may yet be put off.
    pub(super) patience: u32,
    /// Made when it begins: what was stolen is what the victims had then.
    pub(super) under_way: Option<UnderWay>,
}

/// What a thief has once the campaign has begun.
#[derive(Debug)]
pub(super) struct UnderWay {
    attacker: Attacker,
    /// The credential of each victim that the thief uses.
    stolen: Vec<Option<Key>>,
    /// The fallen person.
    person: usize,
    /// What of the directory the thief looks at.
    repertoire: Vec<Call>,
    cold_start: bool,
    mark: Mark,
}

/// With fewer days of activity than this, a principal has no habits to speak of.
const COLD_DAYS: u32 = 5;

impl Campaign {
    /// When the next step is due.
    pub(in crate::simulate) fn next(&self) -> Option<EventTime> {
        self.script.last().map(|(offset, _)| self.start.plus(*offset))
    }

    /// Does the next step.
    pub(in crate::simulate) fn step(&mut self, workloads: &mut [Workload], estates: &[Estate], sink: &mut Sink) {
        let Some((offset, step)) = self.script.pop() else { return };
        let at = self.start.plus(offset);
        let first = self.victims.first().and_then(|victim| workloads.get(*victim));
        let Some(estate) = first.and_then(|victim| estates.get(victim.estate)) else { return };
        if self.under_way.is_none() {
            self.under_way = self.begin(workloads, estate);
        }
        let Some(under_way) = &mut self.under_way else { return };
        let mut mark = std::mem::take(&mut under_way.mark);
        let stage = Stage { estate, sink, mark: Some(&mut mark) };
        let mut scene =
            Scene { stage, victims: &self.victims, workloads, under_way, random: &mut self.random, waits: false };
        scene.act(at, step);
        let waits = scene.waits;
        under_way.mark = mark;
        if waits && self.patience > 0 {
            self.patience -= 1;
            self.script.push((offset, step));
            // What is to come waits as well.
            self.start = self.start.plus(20 * EventTime::MINUTE);
            return;
        }
        if self.script.is_empty() {
            self.finish(workloads, estate, at, sink);
        }
    }

    fn begin(&mut self, workloads: &[Workload], estate: &Estate) -> Option<UnderWay> {
        // The thief comes for the one whose credential is used in the end.
        let victim = workloads.get(*self.victims.last()?)?;
        let attacker = Attacker::new((self.kind, self.variant), victim, estate, &mut self.random);
        let stolen = self.victims.iter().map(|at| workloads.get(*at).and_then(Workload::key).cloned()).collect();
        let cold_start = self.victims.iter().all(|at| workloads.get(*at).is_none_or(|w| w.active_days < COLD_DAYS));
        let person = self.random.below(estate.people.len());
        let more = |random: &mut Random| {
            if random.chance(0.7) { random.pick(&RECON_CALLS) } else { random.pick(&COMMON_CALLS) }
        };
        let repertoire = (0..self.random.whole(3, 6)).map(|_| more(&mut self.random)).collect();
        Some(UnderWay { attacker, stolen, person, repertoire, cold_start, mark: Mark::default() })
    }

    fn finish(&self, workloads: &[Workload], estate: &Estate, at: EventTime, sink: &mut Sink) {
        let Some(under_way) = &self.under_way else { return };
        let victims = || self.victims.iter().filter_map(|victim| workloads.get(*victim));
        let blueprint = victims().find_map(|victim| victim.blueprint);
        let shares = |workload: &&Workload| blueprint.is_some() && workload.blueprint == blueprint;
        let label = Label::Campaign {
            number: self.number,
            kind: self.kind,
            variant: self.variant,
            tenant: estate.id,
            at_risk: workloads.iter().filter(shares).map(|workload| workload.principal).collect(),
            principals: victims().map(|victim| (victim.principal, victim.kind)).collect(),
            cold_start: under_way.cold_start,
            mark: &under_way.mark,
        };
        sink.at_once(Stream::Labels, at, label.line());
    }
}

/// One step of a campaign.
struct Scene<'a, 's> {
    stage: Stage<'s>,
    victims: &'a [usize],
    workloads: &'a mut [Workload],
    under_way: &'a mut UnderWay,
    random: &'a mut Random,
    /// The step can't be done yet.
    waits: bool,
}

impl<'s> Scene<'_, 's> {
    fn victim(&mut self, number: usize) -> Option<(&mut Stage<'s>, &mut Workload)> {
        let workload = self.workloads.get_mut(*self.victims.get(number)?)?;
        Some((&mut self.stage, workload))
    }

    /// From where and with what the thief acts as this victim.
    fn stand(&mut self, number: usize, at: EventTime) -> Option<Stand> {
        let victim = self.workloads.get(*self.victims.get(number)?)?;
        Some(self.under_way.attacker.stand(victim, at, self.random))
    }

    fn act(&mut self, at: EventTime, step: Step) -> Option<()> {
        match step {
            Step::Use(victim, aim) => {
                let (stand, key) = (self.stand(victim, at)?, self.under_way.stolen.get(victim)?.clone());
                self.sign_in(at, victim, stand, key.as_ref(), aim)
            }
            Step::UseInPlace(number, aim) => {
                let (stage, victim) = self.victim(number)?;
                let (place, client, key) = (victim.place(stage.estate, at), victim.client(), victim.key().cloned());
                self.sign_in(at, number, Stand { place, client }, key.as_ref(), aim)
            }
            Step::Fail(number, error) => {
                let stand = self.stand(number, at)?;
                let (stage, victim) = self.victim(number)?;
                let resource = victim.resources.first().cloned().unwrap_or(GRAPH);
                stage.sign_in(victim, at, stand, &resource, (None, error));
                Some(())
            }
            Step::AddKey(victim, kind, by) => self.add_key(at, victim, kind, by),
            Step::Grant(victim, role, by) => {
                self.change(at, victim, by, |stage, victim, actor| stage.grant(victim, at, actor, role))
            }
            Step::Role(victim, by) => {
                let role = ("Global Administrator", "62e90394-69f5-4237-9190-012177145e10");
                self.change(at, victim, by, |stage, victim, actor| stage.give_role(victim, at, actor, role))
            }
            Step::Owner(victim) => {
                let owner = self.stage.estate.people.get(self.under_way.person)?;
                self.change(at, victim, By::Person, |stage, victim, actor| stage.add_owner(victim, at, actor, owner))
            }
            Step::Leak(victim) => self.leak(at, victim, true),
            Step::DeadLeak(victim) => self.leak(at, victim, false),
            Step::Replay(victim, aim) => self.replay(at, victim, aim),
        }
    }

    fn sign_in(&mut self, at: EventTime, number: usize, stand: Stand, key: Option<&Key>, aim: Aim) -> Option<()> {
        let resource = match aim {
            Aim::Same => self.victim(number)?.1.resources.first().cloned().unwrap_or(GRAPH),
            Aim::Sought => Resource::sought(self.random),
            Aim::Recon(_) | Aim::Mail(_) => GRAPH,
        };
        let (stage, victim) = self.victim(number)?;
        let token = stage.sign_in(victim, at, stand, &resource, (key, 0));
        if resource == GRAPH {
            return self.calls(at, number, stand, &token, aim);
        }
        let (stage, victim) = self.victim(number)?;
        let act = if aim == Aim::Same { use_token } else { abuse_token };
        act(stage, victim, at, stand, (&resource, &token));
        Some(())
    }

    fn calls(&mut self, at: EventTime, number: usize, stand: Stand, token: &Token, aim: Aim) -> Option<()> {
        let repertoire = self.under_way.repertoire.clone();
        let habitual = self.victim(number)?.1.calls.clone();
        let (list, count): (&[Call], u16) = match aim {
            Aim::Same => (&habitual, 3),
            Aim::Sought => (&repertoire, 3),
            Aim::Recon(count) => (&repertoire, count),
            Aim::Mail(count) => (&MAIL_CALLS, count),
        };
        let mut time = at;
        for _ in 0..count {
            time = time.plus(self.random.whole(400, 20_000) * 1_000);
            let Some(call) = self.random.choose(list).copied() else { break };
            let (stage, victim) = self.victim(number)?;
            stage.call(victim, time, stand, call, Some(token));
        }
        Some(())
    }

    /// A token that has run out is of no use: the thief waits for one that the workload has just been given.
    fn replay(&mut self, at: EventTime, number: usize, aim: Aim) -> Option<()> {
        let stand = self.stand(number, at)?;
        let (_, victim) = self.victim(number)?;
        let token = victim.last_token.clone()?;
        if at.since(token.issued) > 70 * EventTime::MINUTE {
            self.waits = true;
            return Some(());
        }
        let at = at.plus(self.random.whole(60, 900) * EventTime::SECOND);
        self.calls(at, number, stand, &token, aim)
    }

    fn change(
        &mut self,
        at: EventTime,
        number: usize,
        by: By,
        act: impl FnOnce(&mut Stage<'s>, &mut Workload, Actor<'_>),
    ) -> Option<()> {
        match by {
            By::Person => {
                let person = self.stage.estate.people.get(self.under_way.person)?;
                // The address of who changes the directory is often missing.
                let place = self.under_way.attacker.place(at, self.random).filter(|_| !self.random.chance(0.1));
                let (stage, victim) = self.victim(number)?;
                act(stage, victim, Actor::Person(person, place));
            }
            By::Victim(actor) => {
                let actor = self.workloads.get(*self.victims.get(actor)?)?;
                let (principal, name) = (actor.principal, actor.name.clone());
                let (stage, victim) = self.victim(number)?;
                act(stage, victim, Actor::Application(principal, &name));
            }
        }
        Some(())
    }

    fn add_key(&mut self, at: EventTime, number: usize, kind: KeyKind, by: By) -> Option<()> {
        let mut key = Key { kind, ..secret(key_name(self.random), self.random) };
        key.on_principal = kind != KeyKind::Federated && self.random.chance(0.4);
        if kind == KeyKind::Federated {
            // Any account of the usual CI service will do; a server of one's own too.
            (key.issuer, key.subject) = trust(0.4, 1.0, "sync", self.random);
        }
        if let Some(stolen) = self.under_way.stolen.get_mut(number) {
            *stolen = Some(key.clone());
        }
        self.change(at, number, by, |stage, victim, actor| stage.add_key(victim, at, actor, key))
    }

    /// A leak of the credential in use, or of one that is long gone.
    fn leak(&mut self, at: EventTime, number: usize, lives: bool) -> Option<()> {
        let as_alert = self.random.chance(0.25);
        let (stage, victim) = self.victim(number)?;
        let mut key = victim.secret()?.clone();
        if !lives {
            key.id = Uuid::from_u128(key.id.as_u128() ^ 0xdead << 64);
        }
        let id = Uuid::from_u128(key.id.as_u128() ^ 0xa1);
        let line = if as_alert { alert(victim, &key, at) } else { push(victim, &key, at) };
        stage.leak(at, id.to_string(), line);
        Some(())
    }
}
