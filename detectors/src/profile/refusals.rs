//! Refused proofs: sign-ins with a wrong, expired or unknown credential, by network and day; and where others were refused
//! as well.

use crate::event::{Day, Spray};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Refused {
    day: Day,
    network: u32,
    times: u8,
}

/// The last places that were refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals {
    /// Newest day first, then by network.
    places: Vec<Refused>,
    /// Newest day first, then by prefix.
    sprays: Vec<(Day, Spray)>,
}

impl Refusals {
    const CAPACITY: usize = 8;
    const SPRAYS: usize = 4;
    /// Beyond this, more of the same says nothing new.
    const ENOUGH: u8 = 8;

    /// Counts one. True if something changed.
    pub fn count(&mut self, network: u32, day: Day) -> bool {
        if let Some(known) = self.places.iter_mut().find(|known| known.network == network && known.day == day) {
            let more = known.times < Self::ENOUGH;
            known.times += u8::from(more);
            return more;
        }
        self.places.push(Refused { day, network, times: 1 });
        self.places.sort_by_key(|known| (std::cmp::Reverse(known.day), known.network));
        self.places.truncate(Self::CAPACITY);
        true
    }

    /// Keeps that others were refused from a place, too.
    pub fn note_spray(&mut self, spray: Spray, day: Day) {
        self.sprays.retain(|(_, known)| known.prefix != spray.prefix);
        self.sprays.push((day, spray));
        self.sprays.sort_by_key(|(day, spray)| (std::cmp::Reverse(*day), spray.prefix));
        self.sprays.truncate(Self::SPRAYS);
    }

    /// How many were refused from a place on a day or the days beside it.
    pub fn spray(&self, prefix: u32, day: Day) -> Option<Spray> {
        let near = |known: Day| (day - 1..=day + 1).contains(&known);
        self.sprays.iter().find(|(known, spray)| spray.prefix == prefix && near(*known)).map(|(_, spray)| *spray)
    }

    /// How often a place was refused on a day and the day before, as far as that is counted.
    pub fn lately(&self, network: u32, day: Day) -> u32 {
        let lately =
            self.places.iter().filter(|known| known.network == network && (day - 1..=day).contains(&known.day));
        lately.map(|known| u32::from(known.times)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_count_for_a_day_and_are_bounded() {
        let mut refusals = Refusals::default();
        for _ in 0..100 {
            refusals.count(7, 10);
        }
        assert_eq!((refusals.lately(7, 10), refusals.lately(7, 11), refusals.lately(7, 12)), (8, 8, 0));
        for network in 0..100 {
            refusals.count(network, 12);
        }
        assert_eq!(refusals.places.len(), Refusals::CAPACITY);
    }
}
