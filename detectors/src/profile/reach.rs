//! How many different things something touches in a day: a sketch that forgets which, so that a mail archive with 100,000
//! mailboxes costs as much as a job with one. The order in which they come makes no difference.

use crate::event::Day;
use serde::{Deserialize, Serialize};
use smallvec::{SmallVec, smallvec};

/// Things of one day. `HyperLogLog` with 32 registers: a doubling is told, two in three times within a fifth.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    day: Day,
    /// Of the hashes that fall to a register, the most leading zeros and one; none before the first.
    registers: SmallVec<[u8; Self::REGISTERS as usize]>,
}

impl Reach {
    const REGISTERS: u32 = 32;
    /// The correction of the harmonic mean for so many registers (Flajolet and others, 2007).
    const ALPHA: f64 = 0.697;

    /// One, as the sum of fractions counts it: the greatest register is 28.
    const ONE: u64 = 1 << 28;

    /// Counts a thing by its hash; gives the number on its day so far, 0 for a day long gone.
    pub fn add(&mut self, object: u32, day: Day) -> u32 {
        if day < self.day && !self.registers.is_empty() {
            return 0;
        }
        if day > self.day || self.registers.is_empty() {
            *self = Self { day, registers: smallvec![0; Self::REGISTERS as usize] };
        }
        let (rest, at) = (object / Self::REGISTERS, object % Self::REGISTERS);
        let zeros = rest.leading_zeros() - Self::REGISTERS.ilog2() + 1;
        if let Some(register) = self.registers.get_mut(at as usize) {
            *register = (*register).max(zeros as u8);
        }
        self.estimate()
    }

    /// What [`Reach::add`] would give.
    pub fn next(&self, object: u32, day: Day) -> u32 {
        self.clone().add(object, day)
    }

    fn estimate(&self) -> u32 {
        let registers = f64::from(Self::REGISTERS);
        let empty: f64 = self.registers.iter().map(|register| f64::from(u8::from(*register == 0))).sum();
        let sum: u64 = self.registers.iter().map(|register| Self::ONE >> register).sum();
        let raw = Self::ALPHA * registers * registers * (Self::ONE as f64 / sum as f64);
        let few = raw <= 2.5 * registers && empty > 0.0;
        (if few { registers * (registers / empty).ln() } else { raw }).round() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::hash;

    fn reach_of(things: u32, times: u32) -> u32 {
        let mut reach = Reach::default();
        let again = (0..times).flat_map(|_| 0..things);
        again.map(|thing| reach.add(hash(&format!("/users/{thing}")), 3)).last().unwrap_or_default()
    }

    #[test]
    fn things_are_told_by_their_number_and_not_by_how_often_they_come() {
        assert_eq!((reach_of(1, 1), reach_of(1, 500)), (1, 1));
        for things in [4, 16, 60, 250, 1_000, 20_000, 500_000] {
            let found = f64::from(reach_of(things, 1)) / f64::from(things);
            assert!((0.55..1.8).contains(&found), "{things}: {found}");
        }
        assert_eq!(reach_of(900, 3), reach_of(900, 1));
    }

    #[test]
    fn a_day_counts_by_itself() {
        let mut reach = Reach::default();
        for thing in 0..100 {
            reach.add(hash(&format!("{thing}")), 3);
        }
        assert_eq!(reach.next(7, 4), 1);
        assert_eq!(reach.next(7, 2), 0, "long gone");
        assert!(reach.next(7, 3) > 50);
    }
}
