//! Ranges of addresses, sorted: what is asked for is found by halving.

use super::atlas::Located;
use super::error::{GeoError, RowFault};
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;

/// Ranges that are taken of one file; each takes 12 bytes (IPv4) or 36 (IPv6).
pub(super) const CAPACITY: usize = 20_000_000;

/// A table of ranges.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    v4: Vec<Range<u32>>,
    v6: Vec<Range<u128>>,
    located: Vec<Located>,
}

/// From, until and with the last address, and which of the places.
#[derive(Debug, Clone, Copy)]
struct Range<T> {
    first: T,
    last: T,
    located: u32,
}

impl Ranges {
    /// What stands in the table of an address.
    pub(super) fn locate(&self, address: IpAddr) -> Option<&Located> {
        let located = match address {
            IpAddr::V4(v4) => find(&self.v4, v4.to_bits()),
            IpAddr::V6(v6) => find(&self.v6, v6.to_bits()),
        };
        self.located.get(located? as usize)
    }
}

fn find<T: Ord + Copy>(ranges: &[Range<T>], address: T) -> Option<u32> {
    let after = ranges.partition_point(|range| range.first <= address);
    let range = ranges.get(after.checked_sub(1)?)?;
    (address <= range.last).then_some(range.located)
}

/// Puts a table together. Each range comes with its line, for what is to be said of it.
#[derive(Debug, Default)]
pub(super) struct Builder {
    v4: Vec<(Range<u32>, u32)>,
    v6: Vec<(Range<u128>, u32)>,
    located: Vec<Located>,
    known: HashMap<Located, u32>,
}

impl Builder {
    /// How many ranges there are.
    pub(super) fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Adds the range of a line.
    pub(super) fn add(&mut self, first: IpAddr, last: IpAddr, located: Located, line: u32) -> Result<(), RowFault> {
        let located = self.place(located);
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                push(&mut self.v4, Range { first: first.to_bits(), last: last.to_bits(), located }, line)
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                push(&mut self.v6, Range { first: first.to_bits(), last: last.to_bits(), located }, line)
            }
            _ => Err(RowFault::Mixed),
        }
    }

    /// Many ranges share a place.
    fn place(&mut self, located: Located) -> u32 {
        if let Some(place) = self.known.get(&located) {
            return *place;
        }
        // No more places than ranges, and those are bounded.
        let place = u32::try_from(self.located.len()).unwrap_or(u32::MAX);
        self.located.push(located.clone());
        self.known.insert(located, place);
        place
    }

    /// The table.
    pub(super) fn finish(self, path: &Path) -> Result<Ranges, GeoError> {
        Ok(Ranges { v4: sorted(self.v4, path)?, v6: sorted(self.v6, path)?, located: self.located })
    }
}

fn push<T: Ord>(ranges: &mut Vec<(Range<T>, u32)>, range: Range<T>, line: u32) -> Result<(), RowFault> {
    if range.last < range.first {
        return Err(RowFault::Backwards);
    }
    ranges.push((range, line));
    Ok(())
}

fn sorted<T: Ord + Copy>(mut ranges: Vec<(Range<T>, u32)>, path: &Path) -> Result<Vec<Range<T>>, GeoError> {
    ranges.sort_unstable_by_key(|(range, line)| (range.first, *line));
    let twice = ranges.windows(2).find_map(|pair| match pair {
        [(before, other), (range, line)] if range.first <= before.last => Some((*line.max(other), *line.min(other))),
        _ => None,
    });
    match twice {
        Some((line, other)) => {
            Err(GeoError::Overlap { path: path.to_owned(), line: line as usize, other: other as usize })
        }
        None => Ok(ranges.into_iter().map(|(range, _)| range).collect()),
    }
}
