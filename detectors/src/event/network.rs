//! Networks as people write them.

use std::net::{IpAddr, Ipv6Addr};

/// A network: `203.0.113.0/24`, `2001:db8::/32`, or a single address. Mapped IPv4 counts as IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}
