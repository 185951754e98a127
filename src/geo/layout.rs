//! Which column of a table means what.

use super::atlas::{Located, asn, city, country};
use super::error::RowFault;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const NETWORK: &[&str] = &["network", "cidr", "prefix"];
const START: &[&str] = &["start", "start_ip", "ip_start", "range_start", "first"];
const END: &[&str] = &["end", "end_ip", "ip_end", "range_end", "last"];
const COUNTRY: &[&str] = &["country_code", "country_iso_code", "country"];
const CITY: &[&str] = &["city", "city_name"];
const ASN: &[&str] = &["asn", "autonomous_system_number", "as_number"];

/// The columns of a table, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Layout {
    network: Option<usize>,
    start: Option<usize>,
    end: Option<usize>,
    country: Option<usize>,
    city: Option<usize>,
    asn: Option<usize>,
}

impl Layout {
    /// Reads a line of names; `None` if it is none.
    pub(super) fn named(cells: &[String]) -> Option<Self> {
        let at = |known: &[&str]| {
            known.iter().find_map(|name| cells.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name)))
        };
        let layout = Self {
            network: at(NETWORK),
            start: at(START),
            end: at(END),
            country: at(COUNTRY),
            city: at(CITY),
            asn: at(ASN),
        };
        layout.is_of_use().then_some(layout)
    }

    /// The columns that free tables have which name none, told by how many there are:
    /// `start,end,country`; `start,end,asn,organisation`; `start,end,asn,country,organisation`;
    /// `start,end,continent,country,region,city,latitude,longitude`;
    /// `start,end,country,region,district,city,postcode,latitude,longitude,zone`.
    pub(super) fn usual(cells: &[String]) -> Option<Self> {
        let range = Self { start: Some(0), end: Some(1), ..Self::default() };
        let layout = match cells.len() {
            3 => Self { country: Some(2), ..range },
            4 => Self { asn: Some(2), ..range },
            5 => Self { asn: Some(2), country: Some(3), ..range },
            8 => Self { country: Some(3), city: Some(5), ..range },
            10 => Self { country: Some(2), city: Some(5), ..range },
            _ => return None,
        };
        layout.range(cells).is_ok().then_some(layout)
    }

    fn is_of_use(&self) -> bool {
        let has_range = self.network.is_some() || (self.start.is_some() && self.end.is_some());
        has_range && (self.country.is_some() || self.city.is_some() || self.asn.is_some())
    }

    /// The first and the last address of a row.
    pub(super) fn range(&self, cells: &[String]) -> Result<(IpAddr, IpAddr), RowFault> {
        let cell = |at: Option<usize>| cells.get(at?).map(|cell| cell.trim());
        let net = cell(self.network).and_then(|text| text.parse::<IpNet>().ok());
        let ends = || Some((address(cell(self.start)?)?, address(cell(self.end)?)?));
        net.map(|net| (net.network(), net.broadcast())).or_else(ends).ok_or(RowFault::NoRange)
    }

    /// What a row says of its addresses.
    pub(super) fn located(&self, cells: &[String]) -> Located {
        let cell = |at: Option<usize>| cells.get(at?).map(String::as_str);
        Located {
            asn: cell(self.asn).and_then(asn),
            country: cell(self.country).and_then(country),
            city: cell(self.city).and_then(city),
        }
    }
}

/// An address, also as a number.
fn address(text: &str) -> Option<IpAddr> {
    let as_number = || {
        let number: u128 = text.parse().ok()?;
        let v4 = u32::try_from(number).ok().map(|bits| Ipv4Addr::from_bits(bits).into());
        Some(v4.unwrap_or_else(|| Ipv6Addr::from_bits(number).into()))
    };
    text.parse().ok().or_else(as_number)
}
