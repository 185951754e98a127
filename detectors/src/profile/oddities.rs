//! The strongest oddity of each kind on each of the last days: weak evidence of one kind waits here for the other.

use crate::event::{Day, Id};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// What was odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum OddityKind {
    /// Where from, with what and when it signed in.
    SignIn,
    /// What it did.
    Act,
}

/// An oddity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oddity {
    /// Its kind.
    pub kind: OddityKind,
    /// Its day.
    pub day: Day,
    /// The evidence in tenths of bits: whole numbers have no order of adding up.
    pub tenth_bits: u16,
    /// The event.
    pub event: Id,
    /// In words.
    pub what: CompactString,
}

/// The oddities of one principal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Oddities(Vec<Oddity>);

impl Oddities {
    /// Days that are kept: records come late.
    const DAYS: Day = 3;

    /// The strongest of a kind and day.
    pub fn find(&self, kind: OddityKind, day: Day) -> Option<&Oddity> {
        self.0.iter().find(|oddity| (oddity.kind, oddity.day) == (kind, day))
    }

    /// Keeps an oddity if it is the strongest of its kind and day; of two as strong, the one whose event's id comes first.
    pub fn note(&mut self, oddity: Oddity) {
        let newest = self.0.iter().map(|known| known.day).max().unwrap_or(oddity.day).max(oddity.day);
        self.0.retain(|known| newest - known.day < Self::DAYS);
        if newest - oddity.day >= Self::DAYS {
            return;
        }
        let is_stronger = |known: &Oddity| {
            oddity.tenth_bits > known.tenth_bits
                || oddity.tenth_bits == known.tenth_bits && oddity.event.to_string() < known.event.to_string()
        };
        let known = self.0.iter_mut().find(|known| (known.kind, known.day) == (oddity.kind, oddity.day));
        match known {
            Some(known) if is_stronger(known) => *known = oddity,
            Some(_) => {}
            None => {
                let at = self.0.partition_point(|known| (known.day, known.kind) < (oddity.day, oddity.kind));
                self.0.insert(at, oddity);
            }
        }
    }

    /// Roughly how much memory it takes.
    pub fn memory(&self) -> usize {
        self.0.capacity() * size_of::<Oddity>() + self.0.iter().map(|oddity| oddity.what.len()).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn oddity(kind: OddityKind, day: Day, tenth_bits: u16) -> Oddity {
        let event = Id::Text(compact_str::format_compact!("{kind:?} {day} {tenth_bits}"));
        Oddity { kind, day, tenth_bits, event, what: "".into() }
    }

    #[test]
    fn the_strongest_of_a_day_is_kept_for_three_days() {
        let mut oddities = Oddities::default();
        for (day, tenth_bits) in [(10, 30), (10, 50), (10, 40), (12, 20)] {
            oddities.note(oddity(OddityKind::Act, day, tenth_bits));
        }
        assert_eq!(oddities.find(OddityKind::Act, 10).map(|known| known.tenth_bits), Some(50));
        assert_eq!(oddities.find(OddityKind::SignIn, 10), None);
        oddities.note(oddity(OddityKind::SignIn, 13, 20));
        oddities.note(oddity(OddityKind::SignIn, 10, 90));
        assert_eq!(oddities.find(OddityKind::Act, 10), None);
        assert_eq!(oddities.find(OddityKind::SignIn, 10), None);
    }

    proptest! {
        #[test]
        fn the_order_of_a_few_days_does_not_matter(mut noted in proptest::collection::vec((any::<bool>(), 0_i32..3, 0_u16..9), 1..20), seed in 0_usize..100) {
            let keep = |noted: &[(bool, i32, u16)]| {
                let mut oddities = Oddities::default();
                for (sign_in, day, bits) in noted {
                    oddities.note(oddity(if *sign_in { OddityKind::SignIn } else { OddityKind::Act }, *day, *bits));
                }
                oddities
            };
            let forward = keep(&noted);
            let middle = seed % noted.len();
            noted.rotate_left(middle);
            noted.reverse();
            prop_assert_eq!(keep(&noted), forward);
        }
    }
}
