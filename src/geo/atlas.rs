//! All files together, and how they are held against events.

use super::mmdb::Database;
use super::ranges::Ranges;
use crate::decode::Mark;
use compact_str::CompactString;
use picket_detectors::event::{Body, Event, Place};
use std::net::IpAddr;

/// What is known of an address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Located {
    /// Number of the autonomous system.
    pub asn: Option<u32>,
    /// ISO 3166 two-letter country, upper case.
    pub country: Option<[u8; 2]>,
    /// City.
    pub city: Option<CompactString>,
}

impl Located {
    /// Whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// One file.
#[derive(Debug)]
pub(super) enum Map {
    /// A database (`.mmdb`).
    Database(Database),
    /// A table.
    Ranges(Ranges),
}

/// The files in use, in their order.
#[derive(Debug, Default)]
pub struct Atlas {
    maps: Vec<Map>,
}

impl Atlas {
    pub(super) fn new(maps: Vec<Map>) -> Self {
        Self { maps }
    }

    /// What the files know of an address: of each the first that does. A city belongs to its country, so both are taken
    /// from one file.
    pub fn locate(&self, address: IpAddr) -> Located {
        let address = address.to_canonical();
        let mut located = Located::default();
        for map in &self.maps {
            let found = match map {
                Map::Database(database) => database.locate(address),
                Map::Ranges(ranges) => ranges.locate(address).cloned().unwrap_or_default(),
            };
            located.asn = located.asn.or(found.asn);
            if located.country.is_none() && located.city.is_none() {
                (located.country, located.city) = (found.country, found.city);
            }
        }
        located
    }

    fn fill(&self, place: &mut Place) {
        let Some(address) = place.address else { return };
        let is_placed = place.country.is_some() || place.city.is_some();
        if is_placed && place.asn.is_some() {
            return;
        }
        let found = self.locate(address);
        place.asn = place.asn.or(found.asn);
        // Half a place from the log and half from here could be two.
        if !is_placed {
            (place.country, place.city) = (found.country, found.city);
        }
    }
}

impl Mark for Atlas {
    fn mark(&self, _record: &[u8], event: &mut Event) {
        match &mut event.body {
            Body::SignIn(sign_in) => self.fill(&mut sign_in.place),
            Body::ApiActivity(call) => self.fill(&mut call.place),
            Body::DirectoryChange(change) => self.fill(&mut change.actor.place),
            Body::RepositoryAct(act) => self.fill(&mut act.place),
            Body::OfficeAct(act) => self.fill(&mut act.place),
            // Named, so that a new kind of event is thought about: these have no address.
            Body::CodeFinding(_)
            | Body::RepositoryOpened(_)
            | Body::MicrosoftRisk(_)
            | Body::UserRisk(_)
            | Body::InventoryApplication(_)
            | Body::InventoryServicePrincipal(_)
            | Body::Command(_)
            | Body::ExpectedChange(_)
            | Body::Tick
            | Body::Summary(_)
            | Body::Snapshot(_)
            | Body::Ownership(_)
            | Body::Fall(_)
            | Body::Spray(_) => {}
        }
    }
}

/// A country by its two letters; what stands for none (`ZZ`, `None`, `-`) is none.
pub(super) fn country(text: &str) -> Option<[u8; 2]> {
    let code: [u8; 2] = text.trim().as_bytes().try_into().ok()?;
    (code.iter().all(u8::is_ascii_alphabetic) && !code.eq_ignore_ascii_case(b"zz"))
        .then(|| code.map(|c| c.to_ascii_uppercase()))
}

/// A city's name; blank ones are none.
pub(super) fn city(text: &str) -> Option<CompactString> {
    let text = text.trim();
    (!text.is_empty() && text != "-").then(|| text.chars().take(64).collect())
}

/// An AS number, with or without letters before it; 0 is none.
pub(super) fn asn(text: &str) -> Option<u32> {
    let text = text.trim();
    let digits = text.strip_prefix("AS").or_else(|| text.strip_prefix("as")).unwrap_or(text);
    digits.parse().ok().filter(|number| *number != 0)
}
