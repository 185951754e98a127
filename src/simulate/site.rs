//! Where sign-ins come from: sites give places, and change as honest sites do.

use super::random::Random;
use super::region::Region;
use picket_detectors::event::EventTime;
use std::net::IpAddr;

/// Where one session comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) address: IpAddr,
    pub(super) region: &'static Region,
    /// The tenant has named this place and trusts it.
    pub(super) trusted: bool,
}

/// A source of places.
#[derive(Debug, Clone)]
pub(super) enum Site {
    /// A few reserved addresses: a NAT gateway, an office's line, a server.
    Reserved { region: &'static Region, prefix: u16, first: u8, hosts: u8, trusted: bool, v6: bool },
    /// Any of so many networks of a region: hosted runners, serverless.
    Pool { region: &'static Region, salt: u16, prefixes: u16 },
    /// A home's line, with an address that changes every so many days.
    Home { region: &'static Region, salt: u16, days: u16 },
    /// One of the tenant's own egresses, by number: it may move for everybody at once.
    Egress(u16),
}

impl Site {
    /// A reserved site somewhere in a region.
    pub(super) fn reserved(region: &'static Region, hosts: u8, random: &mut Random) -> Self {
        let (prefix, first) = (random.below(1_024) as u16, random.below(200) as u8 + 4);
        Self::Reserved { region, prefix, first, hosts, trusted: false, v6: false }
    }

    /// A pool of a region.
    pub(super) fn pool(region: &'static Region, prefixes: u16, random: &mut Random) -> Self {
        Self::Pool { region, salt: random.next() as u16, prefixes }
    }

    /// Somebody's home.
    pub(super) fn home(region: &'static Region, random: &mut Random) -> Self {
        Self::Home { region, salt: random.next() as u16, days: random.pick(&[3_u16, 14, 45, 400]) }
    }

    /// A place at a moment.
    pub(super) fn place(&self, egresses: &[Egress], at: EventTime, random: &mut Random) -> Option<Place> {
        match self {
            Self::Reserved { region, prefix, first, hosts, trusted, v6 } => {
                let host = first.wrapping_add(random.below(usize::from(*hosts)) as u8);
                let address = if *v6 { region.address_v6(*prefix, host) } else { region.address(*prefix, host) };
                Some(Place { address, region, trusted: *trusted })
            }
            Self::Pool { region, salt, prefixes } => {
                let number = random.below(usize::from(*prefixes)) as u16;
                let prefix = number.wrapping_mul(37).wrapping_add(*salt) & 1_023;
                Some(Place { address: region.address(prefix, random.next() as u8), region, trusted: false })
            }
            Self::Home { region, salt, days } => {
                let lease = u64::from(*salt) << 32 | u64::from(at.day().unsigned_abs() / u32::from(*days));
                let mut of_lease = Random::of(lease, &[u64::from(region.asn)]);
                // A line stays in a handful of the provider's networks.
                let prefix = salt.wrapping_add(of_lease.below(6) as u16 * 11) & 1_023;
                let address = region.address(prefix, of_lease.next() as u8);
                Some(Place { address, region, trusted: false })
            }
            Self::Egress(number) => {
                let egress = egresses.get(usize::from(*number)).or_else(|| egresses.first())?;
                egress.site_at(at).place(&[], at, random)
            }
        }
    }

    /// The region it is in.
    pub(super) fn region(&self, egresses: &[Egress]) -> Option<&'static Region> {
        match self {
            Self::Reserved { region, .. } | Self::Pool { region, .. } | Self::Home { region, .. } => Some(region),
            Self::Egress(number) => egresses.get(usize::from(*number))?.before.region(&[]),
        }
    }

    /// The same site, after it has gone over to IPv6.
    pub(super) fn over_v6(self) -> Self {
        match self {
            Self::Reserved { region, prefix, first, hosts, trusted, .. } => {
                Self::Reserved { region, prefix, first, hosts, trusted, v6: true }
            }
            Self::Pool { .. } | Self::Home { .. } | Self::Egress(_) => self,
        }
    }
}

/// A way out of the tenant's own network, or of a vendor's, that several principals share.
#[derive(Debug, Clone)]
pub(super) struct Egress {
    pub(super) before: Site,
    /// Where it moves, and when.
    pub(super) moved: Option<(EventTime, Site)>,
}

impl Egress {
    fn site_at(&self, at: EventTime) -> &Site {
        match &self.moved {
            Some((when, after)) if at >= *when => after,
            _ => &self.before,
        }
    }
}
