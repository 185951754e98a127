//! The simulation: everybody's next moment in one heap, and what came of it, in the order of arrival.

use super::campaign::{Campaign, CampaignKind, plan};
use super::estate::Estate;
use super::kind::WorkloadKind;
use super::label::Label;
use super::leak::inventory;
use super::random::Random;
use super::rhythm::Rhythm;
use super::sink::{Delivered, Sink, Stream};
use super::site::Site;
use super::stage::Stage;
use super::workload::Workload;
use picket_detectors::event::EventTime;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What to simulate.
#[derive(Debug, Clone)]
pub struct Options {
    /// Another seed, another world.
    pub seed: u64,
    /// Principals, in tenants of a thousand.
    pub principals: usize,
    /// Days.
    pub days: u32,
    /// When it begins.
    pub start: EventTime,
    /// Which campaigns take place.
    pub campaigns: Vec<CampaignKind>,
    /// The first principal makes nearly all sign-ins.
    pub scanner: bool,
}

/// Principals of one tenant.
const TENANT: usize = 1_000;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Workload(usize),
    Campaign(usize),
}

/// Gives records in the order of their arrival.
#[derive(Debug)]
pub struct Simulation {
    estates: Vec<Estate>,
    workloads: Vec<Workload>,
    campaigns: Vec<Campaign>,
    agenda: BinaryHeap<Reverse<(EventTime, Who)>>,
    sink: Sink,
    end: EventTime,
}

impl Simulation {
    /// A world at its beginning.
    pub fn new(options: &Options) -> Self {
        let (seed, period) = (options.seed, (options.start, i64::from(options.days)));
        let tenants = options.principals.div_ceil(TENANT).max(1);
        let mut estates: Vec<Estate> =
            (0..tenants as u64).map(|number| Estate::new(seed, number, options.principals / tenants, period)).collect();
        let mut workloads: Vec<Workload> = (0..options.principals)
            .filter_map(|number| {
                let tenant = number % tenants;
                let kind = (options.scanner && number == 0).then_some(WorkloadKind::Scanner);
                Some(Workload::new(seed, number as u64, kind, (tenant, estates.get(tenant)?), period))
            })
            .collect();
        if let Some(scanner) = workloads.first_mut().filter(|_| options.scanner) {
            // The others make some twelve sign-ins a day each.
            scanner.rhythm = Rhythm::Always { mean_hours: 24.0 / (24.0 * 12.0 * options.principals as f64) };
        }
        for (number, estate) in estates.iter_mut().enumerate() {
            let builds = |workload: &&Workload| workload.estate == number && workload.kind.is_pipeline();
            let automation = workloads.iter().find(|workload| builds(workload) && workload.born == options.start);
            estate.automation = automation.map(|workload| (workload.principal, workload.name.clone()));
        }
        let mut kinds = options.campaigns.clone();
        if !kinds.is_empty() {
            kinds.extend(CampaignKind::LOOK_ALIKES);
        }
        let campaigns = plan(seed, &kinds, &workloads, period);
        let mut agenda: BinaryHeap<_> =
            workloads.iter().enumerate().map(|(at, workload)| Reverse((workload.next(), Who::Workload(at)))).collect();
        let due = |(at, campaign): (usize, &Campaign)| Some(Reverse((campaign.next()?, Who::Campaign(at))));
        agenda.extend(campaigns.iter().enumerate().filter_map(due));
        let end = options.start.plus(period.1 * EventTime::DAY);
        let mut simulation = Self { estates, workloads, campaigns, agenda, sink: Sink::new(seed), end };
        simulation.introduce(options.start, &mut Random::of(seed, &[7]));
        simulation
    }

    /// What is known at the start: the inventory, and the labels of what is planned.
    fn introduce(&mut self, start: EventTime, random: &mut Random) {
        for workload in &self.workloads {
            let Some(estate) = self.estates.get(workload.estate) else { continue };
            let Workload { kind, principal, app, object, born, .. } = *workload;
            let label = Label::Principal { kind, principal, app, object, tenant: estate.id, born };
            self.sink.at_once(Stream::Labels, start, label.line());
            // No inventory is complete.
            if let Some(owner) = estate.people.get(workload.owner).filter(|_| !random.chance(0.1)) {
                for line in inventory(workload, start, (owner.id, &owner.name), estate.id) {
                    self.sink.at_once(Stream::Inventory, start, line);
                }
            }
        }
        for (number, estate) in self.estates.iter().enumerate() {
            for (at, egress) in estate.egresses.iter().enumerate() {
                let Some((moved, _)) = &egress.moved else { continue };
                let uses = |workload: &&Workload| {
                    let by_it =
                        |(site, _): &(Site, u32)| matches!(site, Site::Egress(used) if usize::from(*used) == at);
                    workload.estate == number && workload.sites.iter().any(by_it)
                };
                let principals = self.workloads.iter().filter(uses).map(|workload| workload.principal).collect();
                let label = Label::Egress { tenant: estate.id, at: *moved, principals };
                self.sink.at_once(Stream::Labels, start, label.line());
            }
        }
    }

    fn act(&mut self, now: EventTime, who: Who) {
        match who {
            Who::Workload(at) => {
                let Some(workload) = self.workloads.get_mut(at) else { return };
                let Some(estate) = self.estates.get(workload.estate) else { return };
                workload.step(&mut Stage { estate, sink: &mut self.sink, mark: None }, now);
                self.agenda.push(Reverse((workload.next(), who)));
            }
            Who::Campaign(at) => {
                let Some(campaign) = self.campaigns.get_mut(at) else { return };
                campaign.step(&mut self.workloads, &self.estates, &mut self.sink);
                self.agenda.extend(campaign.next().map(|next| Reverse((next, who))));
            }
        }
    }
}

impl Iterator for Simulation {
    type Item = Delivered;

    fn next(&mut self) -> Option<Delivered> {
        loop {
            let now = self.agenda.peek().map(|Reverse((now, _))| *now).filter(|now| *now < self.end);
            if let Some(delivered) = self.sink.next_until(now) {
                return Some(delivered);
            }
            now?;
            let Reverse((now, who)) = self.agenda.pop()?;
            self.act(now, who);
        }
    }
}
