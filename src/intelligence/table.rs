//! Indicators indexed for look-up: what a record shows is found in a few probes, however many there are.

use super::indicator::{Indicator, Subject};
use compact_str::CompactString;
use foldhash::fast::RandomState;
use ipnet::IpNet;
use picket_detectors::event::{AppId, EventTime};
use std::collections::HashMap;
use std::net::IpAddr;
use uuid::Uuid;

type Map<K> = HashMap<K, Vec<u32>, RandomState>;

/// Indicators by what they indicate.
#[derive(Debug, Default)]
pub struct Table {
    all: Vec<Indicator>,
    /// Networks by length and first bits, for each length that occurs, longest first.
    v4: Vec<(u8, Map<u32>)>,
    v6: Vec<(u8, Map<u128>)>,
    asns: Map<u32>,
    apps: Map<Uuid>,
    domains: Map<CompactString>,
}

impl Table {
    /// Indexes indicators.
    pub fn new(all: Vec<Indicator>) -> Self {
        let mut table = Self::default();
        for (at, indicator) in (0..).zip(&all) {
            match &indicator.subject {
                Subject::Network(IpNet::V4(net)) => {
                    insert(&mut table.v4, net.prefix_len(), u32::from(net.network()), at);
                }
                Subject::Network(IpNet::V6(net)) => {
                    insert(&mut table.v6, net.prefix_len(), u128::from(net.network()), at);
                }
                Subject::Asn(number) => table.asns.entry(*number).or_default().push(at),
                Subject::App(app) => table.apps.entry(*app).or_default().push(at),
                Subject::Domain(name) => table.domains.entry(name.clone()).or_default().push(at),
            }
        }
        table.v4.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
        table.v6.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
        table.all = all;
        table
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The indicator of the narrowest network around an address that is good at a time.
    pub fn address(&self, address: IpAddr, time: EventTime) -> Option<&Indicator> {
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                let bits = u32::from(v4);
                let mut networks = self.v4.iter();
                networks.find_map(|(length, map)| {
                    let mask = u32::MAX.checked_shl(32 - u32::from(*length)).unwrap_or(0);
                    self.best(map.get(&(bits & mask)), time)
                })
            }
            IpAddr::V6(v6) => {
                let bits = u128::from(v6);
                let mut networks = self.v6.iter();
                networks.find_map(|(length, map)| {
                    let mask = u128::MAX.checked_shl(128 - u32::from(*length)).unwrap_or(0);
                    self.best(map.get(&(bits & mask)), time)
                })
            }
        }
    }

    /// The indicator of an autonomous system.
    pub fn asn(&self, asn: u32, time: EventTime) -> Option<&Indicator> {
        self.best(self.asns.get(&asn), time)
    }

    /// The indicator of an application.
    pub fn app(&self, app: &AppId, time: EventTime) -> Option<&Indicator> {
        if self.apps.is_empty() { None } else { self.best(self.apps.get(&app.key()), time) }
    }

    /// The indicator of a host's domain or of one above it.
    pub fn host(&self, host: &str, time: EventTime) -> Option<&Indicator> {
        if self.domains.is_empty() {
            return None;
        }
        let host = host.trim_matches('.').to_ascii_lowercase();
        let mut rest = Some(host.as_str());
        while let Some(name) = rest {
            if let Some(found) = self.best(self.domains.get(name), time) {
                return Some(found);
            }
            rest = name.split_once('.').map(|(_, above)| above);
        }
        None
    }

    /// Of several the surest, of those the first read.
    fn best(&self, places: Option<&Vec<u32>>, time: EventTime) -> Option<&Indicator> {
        let found = places?.iter().filter_map(|at| self.all.get(*at as usize));
        let good = found.filter(|indicator| indicator.is_good_at(time));
        good.reduce(|best, one| if one.confidence > best.confidence { one } else { best })
    }
}

fn insert<K: std::hash::Hash + Eq>(maps: &mut Vec<(u8, Map<K>)>, length: u8, bits: K, at: u32) {
    let place = maps.iter().position(|(known, _)| *known == length).unwrap_or_else(|| {
        maps.push((length, Map::default()));
        maps.len() - 1
    });
    if let Some((_, map)) = maps.get_mut(place) {
        map.entry(bits).or_default().push(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn indicator(subject: Subject, confidence: u8) -> Indicator {
        Indicator { subject, source: "ours".into(), confidence, label: None, from: None, until: None }
    }

    fn table(texts: &[&str]) -> Table {
        let subjects = texts.iter().map(|text| Subject::parse(text).expect("an indicator"));
        Table::new(subjects.map(|subject| indicator(subject, 50)).collect())
    }

    const NOW: EventTime = EventTime::from_micros(1_000_000);

    #[test]
    fn the_narrowest_network_counts() {
        let table = table(&["203.0.113.0/24", "203.0.113.7", "2001:db8::/32"]);
        let found = |text: &str| {
            let address = text.parse().expect("an address");
            table.address(address, NOW).map(|one| one.subject.to_string())
        };
        assert_eq!(found("203.0.113.7").as_deref(), Some("203.0.113.7"));
        assert_eq!(found("::ffff:203.0.113.8").as_deref(), Some("203.0.113.0/24"));
        assert_eq!(found("2001:db8::1").as_deref(), Some("2001:db8::/32"));
        assert_eq!(found("203.0.114.7"), None);
    }

    #[test]
    fn a_host_is_found_by_the_domain_above_it_and_by_no_other() {
        let table = table(&["evil.example"]);
        assert!(table.host("login.Evil.example.", NOW).is_some());
        assert!(table.host("notevil.example", NOW).is_none());
        assert!(table.host("example", NOW).is_none());
    }

    #[test]
    fn what_has_ended_or_not_begun_is_no_indicator() {
        let of = |from, until| {
            let subject = Subject::Asn(1);
            Table::new(vec![Indicator { from, until, ..indicator(subject, 50) }]).asn(1, NOW).is_some()
        };
        assert!(of(Some(NOW), Some(NOW.plus(1))));
        assert!(!of(None, Some(NOW)));
        assert!(!of(Some(NOW.plus(1)), None));
    }

    proptest! {
        #[test]
        fn look_up_finds_what_a_search_finds(nets in prop::collection::vec((any::<u32>(), 8_u8..=32, 0_u8..=100), 0..40), address in any::<u32>()) {
            let nets: Vec<Indicator> = nets.into_iter().filter_map(|(bits, length, confidence)| {
                // Narrow the space so that something is found.
                let net = ipnet::Ipv4Net::new((bits & 0x0f00_0303 | 0x6000_0000).into(), length).ok()?;
                Some(indicator(Subject::Network(IpNet::V4(net.trunc())), confidence))
            }).collect();
            let address = IpAddr::V4((address & 0x0f00_0303 | 0x6000_0000).into());
            let around = nets.iter().filter(|one| matches!(&one.subject, Subject::Network(net) if net.contains(&address)));
            let length = |one: &Indicator| match &one.subject { Subject::Network(net) => net.prefix_len(), _ => 0 };
            let expected = around.map(|one| (length(one), one.confidence)).max();
            let found = Table::new(nets.clone()).address(address, NOW).map(|one| (length(one), one.confidence));
            prop_assert_eq!(found, expected);
        }
    }
}
