//! Networks as people write them.

use std::net::{IpAddr, Ipv6Addr};

/// A network: `203.0.113.0/24`, `2001:db8::/32`, or a single address. Mapped IPv4 counts as IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    first: u128,
    last: u128,
}

impl Network {
    /// Reads a network; `None` for what is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.trim().split_once('/').map_or((text.trim(), None), |(a, l)| (a, Some(l)));
        let address: IpAddr = address.parse().ok()?;
        let bits: u32 = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Some(bits), |length| length.parse().ok()).filter(|length| *length <= bits)?;
        let free = 1_u128.checked_shl(bits - length).unwrap_or(0).wrapping_sub(1);
        let within = number(address);
        Some(Self { first: within & !free, last: within | free })
    }

    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        (self.first..=self.last).contains(&number(address))
    }
}

/// Many networks; whether an address is in one of them is a search in a sorted list.
#[derive(Debug, Clone)]
pub struct Networks(Vec<Network>);

impl Networks {
    /// Reads networks, one a line; `#` begins a comment.
    ///
    /// # Errors
    /// The first line that is none.
    pub fn parse(text: &str) -> Result<Self, &str> {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let mut all: Vec<Network> = lines.map(|line| Network::parse(line).ok_or(line)).collect::<Result<_, _>>()?;
        all.sort_unstable();
        // What lies within another is part of it: then the last one that begins before an address decides.
        all.dedup_by(|next, one| next.last <= one.last);
        Ok(Self(all))
    }

    /// Whether an address lies in one of them.
    pub fn contain(&self, address: IpAddr) -> bool {
        let after = self.0.partition_point(|network| network.first <= number(address));
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|network| network.contains(address))
    }
}

/// Whether an address says where somebody is: others mean a different machine in every network.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            let is_local = v4.is_private() || v4.is_loopback() || v4.is_link_local() || is_shared;
            !(is_local || v4.is_unspecified() || v4.is_multicast())
        }
        IpAddr::V6(v6) => {
            let is_local = v6.is_unique_local() || v6.is_loopback() || v6.is_unicast_link_local();
            !(is_local || v6.is_unspecified() || v6.is_multicast())
        }
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => Ipv6Addr::to_bits(v6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_lies_in_its_network_and_in_no_other() {
        for (network, inside, outside) in [
            ("203.0.113.0/24", "203.0.113.255", "203.0.114.0"),
            ("203.0.113.77/24", "203.0.113.0", "203.0.112.255"),
            ("203.0.113.7", "203.0.113.7", "203.0.113.8"),
            ("0.0.0.0/0", "255.255.255.255", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::/0", "2001:db8::1", ""),
            ("203.0.113.0/24", "::ffff:203.0.113.9", "::203.0.113.9"),
        ] {
            let read = Network::parse(network).expect(network);
            assert!(read.contains(inside.parse().expect("an address")), "{inside} in {network}");
            assert!(!outside.parse().is_ok_and(|outside| read.contains(outside)), "{outside} in {network}");
        }
        for text in ["", "/8", "203.0.113.0/33", "203.0.113.0/-1", "somewhere", "2001:db8::/129"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_lies_in_one_of_many_networks() {
        let networks =
            Networks::parse("# some\n192.0.2.0/25\n192.0.2.4/30\n198.51.100.7\n\n2001:db8::/32\n").expect("networks");
        for (address, lies_in) in [
            ("192.0.1.255", false),
            ("192.0.2.0", true),
            ("192.0.2.127", true),
            ("192.0.2.128", false),
            ("198.51.100.7", true),
            ("198.51.100.8", false),
            ("::ffff:192.0.2.1", true),
            ("2001:db8:ffff::1", true),
            ("2001:db9::", false),
            ("::", false),
        ] {
            assert_eq!(networks.contain(address.parse().expect("an address")), lies_in, "{address}");
        }
        assert_eq!(Networks::parse("192.0.2.0/25\nsomewhere").map(drop), Err("somewhere"));
    }

    #[test]
    fn private_addresses_say_nothing_of_where_somebody_is() {
        let local =
            "10.1.2.3 172.16.0.1 192.168.0.1 100.64.0.1 127.0.0.1 224.0.0.1 fd00::1 fe80::1 ff02::1 ::ffff:10.0.0.1";
        for address in local.split(' ') {
            assert!(!is_public(address.parse().expect("an address")), "{address}");
        }
        for address in ["100.128.0.1", "172.32.0.1", "203.0.113.9", "2001:db8::1"] {
            assert!(is_public(address.parse().expect("an address")), "{address}");
        }
    }
}
