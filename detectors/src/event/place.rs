//! Where a call came from and what made it, prepared for comparison.

use compact_str::{CompactString, format_compact};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A stable 32-bit hash of text, compared without regard to case; 0 is never returned (it means "unknown").
pub fn hash(text: &str) -> u32 {
    let mut state: u32 = 0x811c_9dc5;
    for byte in text.trim().bytes() {
        state = (state ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193);
    }
    // FNV mixes its high bits well and its low ones poorly.
    (state ^ (state >> 15)).wrapping_mul(0x2c1b_3c6d).max(1)
}

/// Where a request came from. Unknown parts are `None`: an empty string or 0.0/0.0 is never a place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The address; unspecified addresses (`0.0.0.0`, `::`) are unknown.
    pub address: Option<IpAddr>,
    /// Autonomous system number.
    pub asn: Option<u32>,
    /// ISO 3166 two-letter country, upper case.
    pub country: Option<[u8; 2]>,
    /// City as the log names it.
    pub city: Option<CompactString>,
    /// Named locations the tenant has given this address.
    pub named_locations: Vec<CompactString>,
    /// One of those named locations is marked trusted.
    pub trusted: bool,
}

impl Place {
    /// Whether nothing at all is known (every managed identity sign-in).
    pub fn is_unknown(&self) -> bool {
        self.address.is_none() && self.asn.is_none() && self.country.is_none()
    }

    /// The country as text.
    pub fn country_code(&self) -> Option<&str> {
        self.country.as_ref().and_then(|code| std::str::from_utf8(code).ok())
    }

    /// The network of [`Place::prefix`], written out: `203.0.113.0/24`.
    pub fn network(&self) -> Option<CompactString> {
        Some(match self.address?.to_canonical() {
            IpAddr::V4(v4) => format_compact!("{}/24", Ipv4Addr::from_bits(v4.to_bits() & !0xff)),
            IpAddr::V6(v6) => format_compact!("{}/48", Ipv6Addr::from_bits(v6.to_bits() >> 80 << 80)),
        })
    }

    /// The network the address lies in: /24 for IPv4, /48 for IPv6; mapped IPv4 counts as IPv4.
    pub fn prefix(&self) -> Option<u64> {
        match self.address?.to_canonical() {
            IpAddr::V4(v4) => Some(u64::from(u32::from(v4) >> 8)),
            IpAddr::V6(v6) => Some((1 << 63) | (u128::from(v6) >> 80) as u64),
        }
    }
}

/// The client software of a request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    /// The user agent or, where Entra leaves it empty, the SDK it names; cut to 256 characters.
    pub text: Option<CompactString>,
}

impl Agent {
    /// The longest text kept.
    pub const MAX: usize = 256;

    /// Reads an agent; blank text is none.
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        let cut = match text.len() {
            0..=Self::MAX => text,
            _ => text.char_indices().nth(Self::MAX).map_or(text, |(end, _)| text.split_at(end).0),
        };
        Self { text: (!cut.is_empty()).then(|| cut.into()) }
    }

    /// The family without versions: letters up to the first digit run, so that an upgrade is no new agent.
    pub fn family(&self) -> Option<CompactString> {
        let text = self.text.as_deref()?;
        let mut family = String::with_capacity(text.len());
        let mut in_version = false;
        for c in text.chars() {
            match c {
                '0'..='9' => in_version = true,
                '.' if in_version => {}
                c => {
                    in_version = false;
                    if c.is_ascii() {
                        family.push(c.to_ascii_lowercase());
                    } else {
                        family.extend(c.to_lowercase());
                    }
                }
            }
        }
        Some(family.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upgrade_stays_in_the_family() {
        assert_eq!(Agent::new("python-requests/2.31.0").family(), Agent::new("Python-Requests/2.32").family());
        assert_ne!(Agent::new("python-requests/2.31").family(), Agent::new("curl/8.1").family());
    }

    #[test]
    fn a_mapped_address_is_in_the_same_network_as_the_plain_one() {
        let place = |text: &str| Place { address: text.parse().ok(), ..Place::default() }.prefix();
        assert_eq!(place("::ffff:203.0.113.7"), place("203.0.113.99"));
        assert_ne!(place("203.0.114.7"), place("203.0.113.7"));
    }

    #[test]
    fn a_network_is_written_out() {
        let network = |text: &str| Place { address: text.parse().ok(), ..Place::default() }.network();
        assert_eq!(network("::ffff:203.0.113.7").as_deref(), Some("203.0.113.0/24"));
        assert_eq!(network("2001:db8:1:2::3").as_deref(), Some("2001:db8:1::/48"));
        assert_eq!(network("nowhere"), None);
    }
}
