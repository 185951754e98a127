//! Databases (`.mmdb`), held in memory as they are.
//!
//! Two ways to write a record are known: nested (`country.iso_code`, `city.names.en`, `autonomous_system_number`) and
//! flat (`country_code`, `city`, `asn`).

use super::atlas::{Located, asn, city, country};
use super::error::GeoError;
use maxminddb::{Reader, WithinOptions};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;
use std::net::IpAddr;
use std::path::Path;

/// How many records are looked at to see whether a database tells anything of use.
const PROBES: usize = 4_096;

/// A database.
pub(super) struct Database(Reader<Vec<u8>>);

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Database").field(&self.0.metadata().database_type).finish()
    }
}

impl Database {
    /// Takes a database, if it is whole and tells anything of use.
    pub(super) fn open(path: &Path, bytes: Vec<u8>) -> Result<Self, GeoError> {
        let broken = |source| GeoError::Database { path: path.to_owned(), source };
        let reader = Reader::from_source(bytes).map_err(broken)?;
        let mut tells = false;
        for network in reader.networks(WithinOptions::default()).map_err(broken)?.take(PROBES) {
            let record = network.and_then(|found| found.decode::<Entry>()).map_err(broken)?;
            tells |= record.is_some_and(|Entry(located)| !located.is_unknown());
        }
        if !tells {
            return Err(GeoError::TellsNothing {
                path: path.to_owned(),
                kind: reader.metadata().database_type.clone(),
            });
        }
        Ok(Self(reader))
    }

    /// What it knows of an address. What it can't read it does not know: a database of IPv4 asked for IPv6.
    pub(super) fn locate(&self, address: IpAddr) -> Located {
        let found = self.0.lookup(address).and_then(|found| found.decode::<Entry>());
        found.ok().flatten().map(|Entry(located)| located).unwrap_or_default()
    }
}

/// A record as far as it is of use.
struct Entry(Located);

impl<'de> serde::Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record of a place or a network")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Entry, M::Error> {
        let mut located = Located::default();
        while let Some(key) = map.next_key::<&str>()? {
            match key {
                // The flat code is a code; a flat `country` may be a name, which is none.
                "country_code" => located.country = read(&mut map, &[], country)?.or(located.country),
                "country" => located.country = located.country.or(read(&mut map, &["iso_code"], country)?),
                "city" => located.city = read(&mut map, &["names", "en"], city)?,
                "asn" | "autonomous_system_number" => located.asn = located.asn.or(read(&mut map, &[], asn)?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Entry(located))
    }
}

/// The next value, or what a path of keys leads to in it.
fn read<'de, M: MapAccess<'de>, T>(
    map: &mut M,
    path: &'static [&'static str],
    parse: fn(&str) -> Option<T>,
) -> Result<Option<T>, M::Error> {
    map.next_value_seed(Word { path, parse })
}

/// A text or number, at the end of a path of keys if it is a map.
struct Word<T> {
    path: &'static [&'static str],
    parse: fn(&str) -> Option<T>,
}

impl<'de, T> DeserializeSeed<'de> for Word<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T> Visitor<'de> for Word<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number or a map")
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<T>, E> {
        Ok((self.parse)(text))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Option<T>, E> {
        Ok((self.parse)(&compact_str::format_compact!("{number}")))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Option<T>, M::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<&str>()? {
            match self.path.split_first() {
                Some((first, path)) if *first == key => {
                    found = map.next_value_seed(Word { path, parse: self.parse })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}
