//! The values of one event, as habits count them, and back to words.

use super::habits::Property;
use crate::event::{CredentialType, EventTime, Place, SignIn, hash};
use crate::reference::Reference;
use compact_str::{CompactString, format_compact};
use std::net::{IpAddr, Ipv4Addr};

/// Marks a network that is split by country because anybody can rent an address in it.
const RENTED: u32 = 1 << 31;
/// Marks a prefix that is kept as a hash (IPv6).
const HASHED_PREFIX: u32 = 1 << 31;

/// The values of one sign-in; `None` is unknown and never counted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct SignInValues {
    /// The autonomous system, split by country where it is for rent.
    pub network: Option<u32>,
    /// The network is a provider's that anybody can rent.
    pub rented: bool,
    /// The country.
    pub country: Option<u32>,
    /// The city.
    pub city: Option<u32>,
    /// The address prefix.
    pub prefix: Option<u32>,
    /// Client software and credential type.
    pub deployment: Option<u32>,
    /// The client software is known, not only the credential type.
    pub has_agent: bool,
    /// The API.
    pub resource: Option<u32>,
    /// The hour of the day.
    pub hour: u32,
    /// The five minutes of the hour.
    pub phase: u32,
}

impl SignInValues {
    /// Reads the values of a sign-in.
    pub fn of(sign_in: &SignIn, time: EventTime, reference: &Reference) -> Self {
        let place = &sign_in.place;
        let country = place.country.map(country_value);
        let rented = place.asn.is_some_and(|asn| reference.rented(asn).is_some());
        let agent = sign_in.agent.family();
        Self {
            network: place.asn.map(|asn| network_value(asn, rented, country)),
            rented,
            country,
            city: city_value(place),
            prefix: prefix_value(place),
            deployment: deployment_value(agent.as_deref(), sign_in.credential_type),
            has_agent: agent.is_some(),
            resource: resource_value(sign_in, reference),
            hour: u32::from(time.hour_of_day()),
            phase: u32::from(time.minute_of_hour() / 5),
        }
    }

    /// The finest network known, for comparing a credential's uses: the autonomous system, else the prefix, else the country.
    pub fn coarse_network(&self) -> Option<u32> {
        self.network.or(self.prefix).or(self.country)
    }

    /// The property that [`SignInValues::coarse_network`] is a value of.
    pub fn coarse_property(&self) -> Property {
        match (self.network, self.prefix) {
            (Some(_), _) => Property::Network,
            (None, Some(_)) => Property::Prefix,
            (None, None) => Property::Country,
        }
    }

    /// All known values with their properties.
    pub fn all(&self) -> impl Iterator<Item = (Property, u32)> + use<> {
        [
            (Property::Network, self.network),
            (Property::Country, self.country),
            (Property::City, self.city),
            (Property::Prefix, self.prefix),
            (Property::Deployment, self.deployment),
            (Property::Resource, self.resource),
            (Property::Hour, Some(self.hour)),
            (Property::Phase, Some(self.phase)),
        ]
        .into_iter()
        .filter_map(|(property, value)| Some((property, value?)))
    }
}

fn country_value(code: [u8; 2]) -> u32 {
    let letter = |byte: u8| u32::from(byte.to_ascii_uppercase().wrapping_sub(b'A')) & 31;
    letter(code[0]) << 5 | letter(code[1])
}

fn network_value(asn: u32, rented: bool, country: Option<u32>) -> u32 {
    if rented { RENTED | (asn & 0x1f_ffff) << 10 | country.unwrap_or(0x3ff) } else { asn & !RENTED }
}

fn city_value(place: &Place) -> Option<u32> {
    let city = place.city.as_deref()?;
    Some(hash(city) ^ place.country.map_or(0, country_value).wrapping_mul(0x9e37_79b1))
}

/// The address prefix as a value.
pub fn prefix_value(place: &Place) -> Option<u32> {
    let prefix = place.prefix()?;
    Some(if prefix >> 63 == 1 {
        HASHED_PREFIX | (prefix ^ prefix >> 24).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31) as u32
    } else {
        prefix as u32
    })
}

/// An address of a prefix, where the value still tells it.
pub fn address_in(prefix: u32) -> Option<IpAddr> {
    let [_, a, b, c] = prefix.to_be_bytes();
    (prefix & HASHED_PREFIX == 0).then(|| Ipv4Addr::new(a, b, c, 0).into())
}

fn deployment_value(agent: Option<&str>, credential: CredentialType) -> Option<u32> {
    if agent.is_none() && credential == CredentialType::Unknown {
        return None;
    }
    let kind = (credential as u32).wrapping_add(1).wrapping_mul(0x85eb_ca6b);
    Some(agent.map_or(0, hash) ^ kind)
}

fn resource_value(sign_in: &SignIn, reference: &Reference) -> Option<u32> {
    let id = sign_in.resource.as_ref()?;
    let key = id.key();
    if reference.is_token_exchange(key) {
        return None;
    }
    Some(api_value(key))
}

/// An API as a value, by its client id.
pub fn api_value(app: uuid::Uuid) -> u32 {
    let (high, low) = app.as_u64_pair();
    (high ^ low.rotate_left(17)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) as u32
}

/// A value in words, where it can be told.
pub fn describe(property: Property, value: u32, reference: &Reference) -> Option<CompactString> {
    match property {
        Property::Network if value & RENTED != 0 => {
            let asn = value >> 10 & 0x1f_ffff;
            let name = reference.rented(asn).unwrap_or("rented network");
            Some(format_compact!("AS{asn} ({name}, {})", country_name(value & 0x3ff)))
        }
        Property::Network => Some(format_compact!("AS{value}")),
        Property::Country => Some(country_name(value)),
        Property::Prefix if value & HASHED_PREFIX == 0 => {
            Some(format_compact!("{}.{}.{}.0/24", value >> 16 & 255, value >> 8 & 255, value & 255))
        }
        Property::Hour => Some(format_compact!("{value:02}:00 UTC")),
        Property::Phase => Some(format_compact!("minute {} to {}", value * 5, value * 5 + 4)),
        Property::CallPrefix if value & HASHED_PREFIX == 0 => describe(Property::Prefix, value, reference),
        Property::Silence => Some(format_compact!("{} to {} days", 1_u64 << value, (2_u64 << value) - 1)),
        Property::Reach | Property::ActReach => Some(format_compact!("{} or more a day", 1_u64 << value)),
        Property::SignInRate | Property::CallRate => Some(format_compact!("{} or more an hour", 1_u64 << value)),
        _ => None,
    }
}

fn country_name(value: u32) -> CompactString {
    let letter = |bits: u32| char::from(b'A' + (bits & 31).min(25) as u8);
    if value == 0x3ff { "unknown country".into() } else { [letter(value >> 5), letter(value)].into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_countries_can_be_told_in_words() {
        let reference = Reference::builtin();
        let german = country_value(*b"DE");
        assert_eq!(describe(Property::Country, german, &reference).as_deref(), Some("DE"));
        assert_eq!(
            describe(Property::Network, network_value(64_500, false, None), &reference).as_deref(),
            Some("AS64500")
        );
        let rented = network_value(24_940, true, Some(german));
        assert_eq!(describe(Property::Network, rented, &reference).as_deref(), Some("AS24940 (Hetzner, DE)"));
    }

    #[test]
    fn a_rented_network_is_split_by_country() {
        let value = |code: &[u8; 2]| network_value(16_509, true, Some(country_value(*code)));
        assert_ne!(value(b"DE"), value(b"BR"));
    }
}
