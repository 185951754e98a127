//! The thief: from where, and with what.

use super::super::client::Client;
use super::super::estate::Estate;
use super::super::random::Random;
use super::super::region::{AZURE, CLOUDS, HOSTING, LINES, Region, VPNS, in_country};
use super::super::site::{Place, Site};
use super::super::stage::Stand;
use super::super::workload::Workload;
use super::{CampaignKind, Variant};
use picket_detectors::event::EventTime;

/// A thief.
#[derive(Debug)]
pub(super) struct Attacker {
    site: Site,
    tool: Client,
    copies: bool,
}

impl Attacker {
    /// A thief for a campaign against such a victim.
    pub(super) fn new(
        (kind, variant): (CampaignKind, Variant),
        victim: &Workload,
        estate: &Estate,
        random: &mut Random,
    ) -> Self {
        let site = match (kind, variant) {
            (CampaignKind::SameCloudMimic, _) => beside(victim, estate, random),
            (_, Variant::Loud) => abroad(random),
            (_, Variant::Stealthy) => near(estate.country, random),
        };
        let copies =
            kind == CampaignKind::SameCloudMimic || random.chance(if variant == Variant::Loud { 0.25 } else { 0.85 });
        Self { site, tool: Client::tool(random), copies }
    }

    /// Where the thief is.
    pub(super) fn place(&self, at: EventTime, random: &mut Random) -> Option<Place> {
        self.site.place(&[], at, random)
    }

    /// From where and with what the thief acts as a workload.
    pub(super) fn stand(&self, victim: &Workload, at: EventTime, random: &mut Random) -> Stand {
        let copied = victim.clients.first().copied().filter(|_| self.copies);
        Stand { place: self.place(at, random), client: copied.unwrap_or(self.tool) }
    }
}

fn site(regions: &'static [Region], country: &str, random: &mut Random) -> Site {
    let region = in_country(regions, country, random).unwrap_or(&HOSTING[0]);
    // A server has one address; a VPN gives one of a few each time.
    if random.chance(0.5) { Site::reserved(region, 1, random) } else { Site::pool(region, 3, random) }
}

fn abroad(random: &mut Random) -> Site {
    if random.chance(0.6) { site(&HOSTING, "", random) } else { site(&VPNS, "", random) }
}

/// Home lines of other people, a rented server or a cloud, all in the victim's country.
fn near(country: &str, random: &mut Random) -> Site {
    match random.below(20) {
        0..=6 => match in_country(&LINES, country, random) {
            Some(line) => Site::home(line, random),
            None => abroad(random),
        },
        7..=10 => site(&AZURE, country, random),
        11 | 12 => site(&CLOUDS, country, random),
        13..=16 => site(&HOSTING, country, random),
        _ => site(&VPNS, country, random),
    }
}

/// In the very region where the victim runs, if it runs in a cloud.
fn beside(victim: &Workload, estate: &Estate, random: &mut Random) -> Site {
    match victim.sites.first().and_then(|(site, _)| site.region(&estate.egresses)) {
        Some(region) => Site::reserved(region, 1, random),
        None => near(estate.country, random),
    }
}
