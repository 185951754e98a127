//! One indicator of compromise.

use super::error::ComplaintReason;
use compact_str::CompactString;
use ipnet::IpNet;
use picket_detectors::event::{AppId, EventTime, is_public};
use std::net::IpAddr;
use uuid::Uuid;

/// What it is an indicator of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A network, or a single address as the narrowest network.
    Network(IpNet),
    /// An autonomous system.
    Asn(u32),
    /// An application's client id.
    App(Uuid),
    /// A domain and all below it, in small letters.
    Domain(CompactString),
}

/// The widest networks taken. Wider ones hold so many innocents that a match says nothing; Spamhaus lists up to /8 or so.
const WIDEST_V4: u8 = 8;
const WIDEST_V6: u8 = 16;

impl Subject {
    /// Reads an indicator by its form.
    ///
    /// # Errors
    /// What is none, and what is over-wide or not public.
    pub fn parse(text: &str) -> Result<Self, ComplaintReason> {
        let text = refang(text);
        if let Ok(address) = text.parse::<IpAddr>() {
            return Self::network(IpNet::from(address));
        }
        if let Ok(network) = text.parse::<IpNet>() {
            return Self::network(network);
        }
        if let Ok(app) = Uuid::try_parse(&text) {
            return Ok(Self::App(app));
        }
        let upper = text.to_ascii_uppercase();
        if let Some(number) = upper.strip_prefix("ASN").or_else(|| upper.strip_prefix("AS"))
            && let Ok(asn) = number.trim().parse()
        {
            return Ok(Self::Asn(asn));
        }
        Self::domain(&text)
    }

    /// Checks a network.
    ///
    /// # Errors
    /// What is over-wide or not public.
    pub fn network(network: IpNet) -> Result<Self, ComplaintReason> {
        let network = match network {
            IpNet::V6(v6) => match v6.addr().to_ipv4_mapped() {
                Some(v4) if v6.prefix_len() >= 96 => {
                    ipnet::Ipv4Net::new(v4, v6.prefix_len() - 96).map_or(network, IpNet::V4)
                }
                _ => network,
            },
            IpNet::V4(_) => network,
        };
        let least = if network.addr().is_ipv4() { WIDEST_V4 } else { WIDEST_V6 };
        if network.prefix_len() < least {
            return Err(ComplaintReason::TooWide { given: network.prefix_len(), least });
        }
        // Addresses that are nobody's in particular accuse nobody.
        if is_public(network.addr()) { Ok(Self::Network(network.trunc())) } else { Err(ComplaintReason::NotPublic) }
    }

    /// Checks a domain.
    ///
    /// # Errors
    /// What is none, and top-level domains.
    pub fn domain(text: &str) -> Result<Self, ComplaintReason> {
        let name = text.trim().trim_start_matches("*.").trim_matches('.').to_ascii_lowercase();
        let is_label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        if name.is_empty() || name.len() > 253 || !name.split('.').all(is_label) {
            return Err(ComplaintReason::Unknown);
        }
        let last = name.rsplit('.').next().unwrap_or_default();
        if last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ComplaintReason::Unknown);
        }
        if name.contains('.') { Ok(Self::Domain(name.into())) } else { Err(ComplaintReason::TopLevel) }
    }

    /// Whether this is the application.
    pub fn is_app(&self, app: &AppId) -> bool {
        matches!(self, Self::App(own) if *own == app.key())
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Network(network) if network.prefix_len() == network.max_prefix_len() => {
                write!(f, "{}", network.addr())
            }
            Self::Network(network) => write!(f, "{network}"),
            Self::Asn(number) => write!(f, "AS{number}"),
            Self::App(app) => write!(f, "{app}"),
            Self::Domain(name) => f.write_str(name),
        }
    }
}

/// Takes off the brackets and letters by which lists keep their entries from being clicked.
fn refang(text: &str) -> String {
    text.trim().trim_matches(['"', '\'']).replace("[.]", ".").replace("(.)", ".").replace("[:]", ":")
}

/// One indicator with what its source says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Indicator {
    /// Of what.
    pub subject: Subject,
    /// The list it stands on.
    pub source: CompactString,
    /// How sure the source is, 0 to 100.
    pub confidence: u8,
    /// What the source says of it.
    pub label: Option<CompactString>,
    /// Since when it is good.
    pub from: Option<EventTime>,
    /// Until when it is good.
    pub until: Option<EventTime>,
}

impl Indicator {
    /// Whether it is good at a time.
    pub fn is_good_at(&self, time: EventTime) -> bool {
        self.from.is_none_or(|from| from <= time) && self.until.is_none_or(|until| time < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indicators_are_read_by_their_form() {
        for (text, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7/24", "203.0.113.0/24"),
            ("203[.]0[.]113[.]7", "203.0.113.7"),
            ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("AS64496", "AS64496"),
            ("asn64496", "AS64496"),
            ("B0000000-0000-4000-8000-000000000001", "b0000000-0000-4000-8000-000000000001"),
            ("*.Evil.Example.", "evil.example"),
        ] {
            assert_eq!(Subject::parse(text).map(|subject| subject.to_string()), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_would_accuse_the_innocent_is_refused() {
        use ComplaintReason::*;
        for (text, expected) in [
            ("0.0.0.0/0", TooWide { given: 0, least: 8 }),
            ("128.0.0.0/7", TooWide { given: 7, least: 8 }),
            ("2000::/15", TooWide { given: 15, least: 16 }),
            ("10.1.2.3", NotPublic),
            ("127.0.0.1", NotPublic),
            ("fe80::1", NotPublic),
            ("com", TopLevel),
            ("", Unknown),
            ("1.2.3", Unknown),
            ("http://evil.example/x", Unknown),
            ("two words", Unknown),
        ] {
            assert_eq!(Subject::parse(text), Err(expected), "{text}");
        }
        assert!(Subject::parse("128.0.0.0/8").is_ok() && Subject::parse("2000::/16").is_ok());
    }
}
