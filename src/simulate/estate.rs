//! One tenant: its people, and the ways out of its networks.

use super::random::Random;
use super::region::{AZURE, CLOUDS, HOSTING, LINES, Network, Region, VPNS, in_country};
use super::site::{Egress, Place, Site};
use picket_detectors::event::EventTime;
use uuid::Uuid;

/// Somebody who administers applications, or writes them.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) id: Uuid,
    pub(super) name: String,
    home: Site,
    office: Site,
    vpn: Option<Site>,
}

/// One tenant.
#[derive(Debug)]
pub(super) struct Estate {
    pub(super) id: Uuid,
    pub(super) country: &'static str,
    /// Hours before UTC.
    pub(super) zone: i64,
    pub(super) people: Vec<Person>,
    pub(super) egresses: Vec<Egress>,
    pub(super) subscription: Uuid,
    /// The pipeline by which infrastructure is changed: principal and name.
    pub(super) automation: Option<(Uuid, String)>,
    /// Periods in which the export stood still; what happened in them came when they were over.
    pub(super) stalls: Vec<(EventTime, EventTime)>,
}

const COUNTRIES: [(&str, i64); 6] = [("NL", 1), ("DE", 1), ("GB", 0), ("US", -6), ("FR", 1), ("SE", 1)];

impl Estate {
    /// Tenant number `number` with about so many principals, over so many days.
    pub(super) fn new(seed: u64, number: u64, principals: usize, (start, days): (EventTime, i64)) -> Self {
        let mut random = Random::of(seed, &[1, number]);
        let (country, zone) = random.pick(&COUNTRIES);
        let trusts = random.chance(0.5);
        let count = (principals / 30).clamp(4, 400);
        let mut egresses: Vec<Egress> = (0..count).map(|n| egress(n, country, trusts, &mut random)).collect();
        for egress in &mut egresses {
            if random.chance(0.15 * days as f64 / 60.0) {
                egress.moved = move_of(egress, (start, days), &mut random);
            }
        }
        let id = random.guid();
        let domain = format!("tenant{number}.example");
        let people =
            (0..(principals / 40).clamp(3, 500)).map(|n| person(n, country, count, &domain, &mut random)).collect();
        let stalls = (0..days / 20).map(|_| {
            let from = start.plus((random.fraction() * (days * EventTime::DAY) as f64) as i64);
            (from, from.plus(random.whole(1, 7) * EventTime::HOUR))
        });
        let stalls = stalls.collect();
        Self { id, country, zone, people, egresses, subscription: random.guid(), automation: None, stalls }
    }

    /// Somewhere an honest new deployment lands: mostly where the tenant is already.
    pub(super) fn landing(&self, random: &mut Random) -> Site {
        match random.below(10) {
            0..=5 => Site::Egress(random.below(self.egresses.len()) as u16),
            6 | 7 => Site::reserved(self.cloud(&AZURE, random), 2, random),
            8 => Site::pool(self.cloud(&AZURE, random), 24, random),
            _ if random.chance(0.3) => Site::reserved(self.cloud(&HOSTING, random), 1, random),
            _ => Site::reserved(self.cloud(&CLOUDS, random), 2, random),
        }
    }

    /// A region of a cloud: the nearest, more often than not.
    pub(super) fn cloud(&self, regions: &'static [Region], random: &mut Random) -> &'static Region {
        let near = if random.chance(0.7) { self.country } else { "" };
        in_country(regions, near, random).unwrap_or(&AZURE[0])
    }

    /// Where a person is.
    pub(super) fn desk(&self, person: &Person, at: EventTime, random: &mut Random) -> Option<Place> {
        let site = match random.below(20) {
            0..=10 => &person.office,
            11..=17 => &person.home,
            _ => person.vpn.as_ref().unwrap_or(&person.home),
        };
        site.place(&self.egresses, at, random)
    }
}

fn egress(number: usize, country: &str, trusts: bool, random: &mut Random) -> Egress {
    // Some firms have racks of their own at a hosting company.
    let regions: &[Region] = match number % 5 {
        0 | 1 => &LINES,
        2 | 3 => &AZURE,
        _ if random.chance(0.35) => &HOSTING,
        _ => &CLOUDS,
    };
    let near = if random.chance(0.8) { country } else { "" };
    let region = in_country(regions, near, random).unwrap_or(&AZURE[0]);
    let mut before = Site::reserved(region, random.pick(&[1_u8, 2, 4, 8]), random);
    if let Site::Reserved { trusted, .. } = &mut before {
        *trusted = trusts && number % 5 < 2;
    }
    Egress { before, moved: None }
}

/// A new provider for a line, another region or cloud for a gateway.
fn move_of(egress: &Egress, (start, days): (EventTime, i64), random: &mut Random) -> Option<(EventTime, Site)> {
    let region = egress.before.region(&[])?;
    let at = start.plus((random.between(0.3, 1.0) * (days * EventTime::DAY) as f64) as i64);
    let regions: &[Region] = match region.network {
        Network::Line => &LINES,
        _ if random.chance(0.5) => &AZURE,
        _ => &CLOUDS,
    };
    let to = in_country(regions, region.country, random)?;
    Some((at, Site::reserved(to, 4, random)))
}

fn person(number: usize, country: &str, egresses: usize, domain: &str, random: &mut Random) -> Person {
    let home = in_country(&LINES, country, random).unwrap_or(&LINES[0]);
    let vpn = in_country(&VPNS, if random.chance(0.6) { country } else { "" }, random);
    let vpn = if random.chance(0.3) { vpn.map(|region| Site::pool(region, 6, random)) } else { None };
    Person {
        id: random.guid(),
        name: format!("person{number}@{domain}"),
        home: Site::home(home, random),
        // The first egresses of each five are lines of offices.
        office: Site::Egress((random.below(egresses.div_ceil(5)) * 5 + random.below(2)).min(egresses - 1) as u16),
        vpn,
    }
}
