//! Where in the network things are: autonomous systems, the places they serve, and addresses in them.

use super::random::Random;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of network it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    /// A public cloud.
    Cloud,
    /// Rented servers.
    Hosting,
    /// Exits of VPN services.
    Vpn,
    /// Lines of homes and offices.
    Line,
}

/// One place of one network.
#[derive(Debug, PartialEq)]
pub(super) struct Region {
    pub(super) network: Network,
    pub(super) asn: u32,
    pub(super) country: &'static str,
    pub(super) city: &'static str,
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    /// The first of its four blocks of 65,536 addresses.
    block: (u8, u8),
}

const fn region(network: Network, asn: u32, place: (&'static str, &'static str, f64, f64), block: (u8, u8)) -> Region {
    let (country, city, latitude, longitude) = place;
    Region { network, asn, country, city, latitude, longitude, block }
}

const AMSTERDAM: (&str, &str, f64, f64) = ("NL", "Amsterdam", 52.37, 4.89);
const DUBLIN: (&str, &str, f64, f64) = ("IE", "Dublin", 53.34, -6.26);
const FRANKFURT: (&str, &str, f64, f64) = ("DE", "Frankfurt am Main", 50.11, 8.68);
const LONDON: (&str, &str, f64, f64) = ("GB", "London", 51.51, -0.13);
const PARIS: (&str, &str, f64, f64) = ("FR", "Paris", 48.86, 2.35);
const TOKYO: (&str, &str, f64, f64) = ("JP", "Tokyo", 35.69, 139.69);
const SYDNEY: (&str, &str, f64, f64) = ("AU", "Sydney", -33.87, 151.21);
const SINGAPORE: (&str, &str, f64, f64) = ("SG", "Singapore", 1.29, 103.85);

/// Microsoft Azure.
pub(super) const AZURE: [Region; 13] = [
    region(Network::Cloud, 8075, AMSTERDAM, (20, 50)),
    region(Network::Cloud, 8075, DUBLIN, (20, 67)),
    region(Network::Cloud, 8075, ("US", "Boydton", 36.67, -78.39), (20, 120)),
    region(Network::Cloud, 8075, ("US", "Des Moines", 41.6, -93.61), (13, 84)),
    region(Network::Cloud, 8075, ("US", "San Antonio", 29.42, -98.49), (40, 124)),
    region(Network::Cloud, 8075, ("US", "Quincy", 47.23, -119.85), (20, 80)),
    region(Network::Cloud, 8075, FRANKFURT, (20, 218)),
    region(Network::Cloud, 8075, LONDON, (20, 90)),
    region(Network::Cloud, 8075, PARIS, (20, 40)),
    region(Network::Cloud, 8075, ("SE", "Gävle", 60.67, 17.14), (20, 240)),
    region(Network::Cloud, 8075, TOKYO, (20, 188)),
    region(Network::Cloud, 8075, SYDNEY, (20, 211)),
    region(Network::Cloud, 8075, SINGAPORE, (20, 195)),
];

/// Other clouds.
pub(super) const CLOUDS: [Region; 12] = [
    region(Network::Cloud, 16509, DUBLIN, (34, 240)),
    region(Network::Cloud, 16509, FRANKFURT, (18, 184)),
    region(Network::Cloud, 14618, ("US", "Ashburn", 39.04, -77.49), (54, 160)),
    region(Network::Cloud, 16509, ("US", "Boardman", 45.84, -119.7), (52, 32)),
    region(Network::Cloud, 16509, LONDON, (18, 130)),
    region(Network::Cloud, 16509, SYDNEY, (13, 210)),
    region(Network::Cloud, 16509, ("IN", "Mumbai", 19.07, 72.88), (13, 232)),
    region(Network::Cloud, 396_982, ("NL", "Groningen", 53.22, 6.57), (34, 90)),
    region(Network::Cloud, 396_982, ("US", "Council Bluffs", 41.26, -95.86), (34, 66)),
    region(Network::Cloud, 396_982, ("BE", "Brussels", 50.85, 4.35), (35, 187)),
    region(Network::Cloud, 396_982, TOKYO, (35, 221)),
    region(Network::Cloud, 31898, ("US", "Phoenix", 33.45, -112.07), (129, 146)),
];

/// Rented servers.
pub(super) const HOSTING: [Region; 14] = [
    region(Network::Hosting, 14061, ("US", "North Bergen", 40.8, -74.01), (159, 65)),
    region(Network::Hosting, 14061, FRANKFURT, (165, 22)),
    region(Network::Hosting, 14061, AMSTERDAM, (188, 166)),
    region(Network::Hosting, 14061, SINGAPORE, (128, 199)),
    region(Network::Hosting, 14061, LONDON, (178, 62)),
    region(Network::Hosting, 24940, ("DE", "Falkenstein", 50.48, 12.37), (88, 198)),
    region(Network::Hosting, 24940, ("FI", "Helsinki", 60.17, 24.94), (95, 216)),
    region(Network::Hosting, 16276, ("FR", "Roubaix", 50.69, 3.17), (51, 75)),
    region(Network::Hosting, 16276, ("CA", "Beauharnois", 45.31, -73.88), (51, 222)),
    region(Network::Hosting, 20473, ("US", "Piscataway", 40.55, -74.46), (45, 76)),
    region(Network::Hosting, 20473, TOKYO, (108, 160)),
    region(Network::Hosting, 63949, ("US", "Fremont", 37.55, -121.99), (45, 33)),
    region(Network::Hosting, 51167, ("DE", "Nuremberg", 49.45, 11.08), (161, 97)),
    region(Network::Hosting, 53667, ("LU", "Luxembourg", 49.61, 6.13), (104, 244)),
];

/// Exits of VPN services.
pub(super) const VPNS: [Region; 9] = [
    region(Network::Vpn, 9009, LONDON, (185, 200)),
    region(Network::Vpn, 9009, ("US", "New York", 40.71, -74.01), (193, 36)),
    region(Network::Vpn, 9009, ("RO", "Bucharest", 44.43, 26.11), (185, 128)),
    region(Network::Vpn, 9009, FRANKFURT, (37, 120)),
    region(Network::Vpn, 60068, AMSTERDAM, (185, 156)),
    region(Network::Vpn, 212_238, ("US", "Chicago", 41.88, -87.63), (89, 187)),
    region(Network::Vpn, 39351, ("SE", "Malmö", 55.6, 13.0), (193, 138)),
    region(Network::Vpn, 62240, LONDON, (31, 14)),
    region(Network::Vpn, 60068, PARIS, (138, 199)),
];

/// Lines of homes and offices.
pub(super) const LINES: [Region; 26] = [
    region(Network::Line, 1136, AMSTERDAM, (77, 160)),
    region(Network::Line, 33915, ("NL", "Utrecht", 52.09, 5.12), (84, 24)),
    region(Network::Line, 1136, ("NL", "Rotterdam", 51.92, 4.48), (86, 80)),
    region(Network::Line, 3320, ("DE", "Berlin", 52.52, 13.41), (79, 192)),
    region(Network::Line, 3209, ("DE", "Cologne", 50.94, 6.96), (88, 64)),
    region(Network::Line, 3320, ("DE", "Munich", 48.14, 11.58), (93, 192)),
    region(Network::Line, 2856, LONDON, (81, 128)),
    region(Network::Line, 5089, ("GB", "Manchester", 53.48, -2.24), (82, 0)),
    region(Network::Line, 2856, ("GB", "Birmingham", 52.48, -1.9), (86, 128)),
    region(Network::Line, 7922, ("US", "Philadelphia", 39.95, -75.17), (73, 80)),
    region(Network::Line, 7018, ("US", "Dallas", 32.78, -96.8), (99, 40)),
    region(Network::Line, 701, ("US", "New York", 40.71, -74.01), (72, 80)),
    region(Network::Line, 7922, ("US", "Seattle", 47.61, -122.33), (67, 160)),
    region(Network::Line, 3215, PARIS, (90, 16)),
    region(Network::Line, 12322, ("FR", "Lyon", 45.76, 4.84), (82, 64)),
    region(Network::Line, 3301, ("SE", "Stockholm", 59.33, 18.07), (90, 224)),
    region(Network::Line, 5466, DUBLIN, (86, 40)),
    region(Network::Line, 3352, ("ES", "Madrid", 40.42, -3.7), (80, 24)),
    region(Network::Line, 24560, ("IN", "Bengaluru", 12.97, 77.59), (122, 160)),
    region(Network::Line, 27699, ("BR", "São Paulo", -23.55, -46.63), (177, 32)),
    region(Network::Line, 5617, ("PL", "Warsaw", 52.23, 21.01), (83, 4)),
    region(Network::Line, 8708, ("RO", "Cluj-Napoca", 46.77, 23.59), (79, 112)),
    region(Network::Line, 9299, ("PH", "Manila", 14.6, 120.98), (112, 200)),
    region(Network::Line, 29465, ("NG", "Lagos", 6.46, 3.39), (102, 88)),
    region(Network::Line, 1221, SYDNEY, (101, 160)),
    region(Network::Line, 4713, TOKYO, (118, 0)),
];

impl Region {
    /// An address: `prefix` chooses one of its 1,024 networks of 256 addresses.
    pub(super) fn address(&self, prefix: u16, host: u8) -> IpAddr {
        let (first, second) = self.block;
        let block = second.wrapping_add((prefix >> 8 & 3) as u8);
        IpAddr::V4(Ipv4Addr::new(first, block, (prefix & 0xff) as u8, host))
    }

    /// The same, where the site has gone over to IPv6.
    pub(super) fn address_v6(&self, prefix: u16, host: u8) -> IpAddr {
        let (first, second) = self.block;
        let network = u16::from_be_bytes([first, second]);
        IpAddr::V6(Ipv6Addr::new(0x2a01, (self.asn & 0xffff) as u16, network, prefix, 0, 0, 0, u16::from(host)))
    }
}

/// A random place of one kind, in this country if there is any there.
pub(super) fn in_country<'a>(regions: &'a [Region], country: &str, random: &mut Random) -> Option<&'a Region> {
    let mut near: Vec<&Region> = regions.iter().filter(|region| region.country == country).collect();
    if near.is_empty() {
        near = regions.iter().collect();
    }
    random.choose(&near).copied()
}
