//! Networks in the sense of CIDR, as one sorted list.

use std::net::{IpAddr, Ipv6Addr};

/// Whether an address is one of these is a search in a sorted list.
#[derive(Debug, Clone)]
pub(super) struct Networks(Vec<(u128, u128)>);

impl Networks {
    /// Networks, one a line; `#` begins a comment. Gives the line that is none.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let mut ranges = lines
            .map(|line| range(line).ok_or_else(|| format!("{line:?} is no network")))
            .collect::<Result<Vec<_>, _>>()?;
        ranges.sort_unstable();
        Ok(Self(ranges))
    }

    /// Whether the address lies in one of them.
    pub(super) fn contain(&self, address: IpAddr) -> bool {
        let address = number(address);
        let after = self.0.partition_point(|(first, _)| *first <= address);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|(_, last)| address <= *last)
    }
}

/// Whether the address says where somebody is: others mean a different machine in every network.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || is_shared)
        }
        IpAddr::V6(v6) => {
            !(v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback() || v6.is_unspecified())
        }
    }
}

fn number(address: IpAddr) -> u128 {
    let v6: Ipv6Addr = match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    };
    v6.to_bits()
}

fn range(line: &str) -> Option<(u128, u128)> {
    let (address, length) = line.trim().split_once('/')?;
    let (address, length): (IpAddr, u32) = (address.parse().ok()?, length.parse().ok()?);
    let bits: u32 = if address.is_ipv4() { 32 } else { 128 };
    let hosts = u128::MAX.checked_shr(128 - bits.checked_sub(length)?).unwrap_or(0);
    let first = number(address);
    (first & hosts == 0).then_some((first, first | hosts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_lies_in_a_network_from_its_first_to_its_last() {
        let networks = Networks::parse("# some\n192.0.2.0/25\n198.51.100.7/32\n2001:db8::/32\n").unwrap();
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
            assert_eq!(networks.contain(address.parse().unwrap()), lies_in, "{address}");
        }
    }

    #[test]
    fn what_is_no_network_is_named() {
        for line in ["192.0.2.0", "192.0.2.0/33", "192.0.2.1/24", "x/8"] {
            let error = Networks::parse(line).unwrap_err();
            assert!(error.contains(line), "{error}");
        }
    }

    #[test]
    fn private_addresses_say_nothing_of_where_somebody_is() {
        for address in ["10.1.2.3", "172.16.0.1", "192.168.0.1", "100.64.0.1", "127.0.0.1", "fd00::1", "fe80::1"] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["100.128.0.1", "172.32.0.1", "203.0.113.9", "2001:db8::1"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }
}
