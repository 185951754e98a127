//! Pseudo-random numbers, so that a seed always gives the same tenant.

use uuid::Uuid;

/// A generator (`SplitMix64`).
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// A generator of its own for each thing: what one thing draws changes nothing for another.
    pub(super) fn of(seed: u64, path: &[u64]) -> Self {
        let mut random = Self(seed);
        for step in path {
            let mixed = random.next() ^ step.wrapping_mul(0xff51_afd7_ed55_8ccd);
            random = Self(mixed);
        }
        random.next();
        random
    }

    /// The next number.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 if that is 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// A whole number from `low` to `high`, both included.
    pub(super) fn whole(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low).unsigned_abs() as usize + 1).cast_signed() as i64
    }

    /// A number from 0 up to, but not, 1.
    pub(super) fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number between two others.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.fraction()
    }

    /// Whether something of this probability happens.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.fraction() < probability
    }

    /// A waiting time of a memoryless process.
    pub(super) fn wait(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.fraction()).ln()
    }

    /// One of a fixed list.
    #[expect(clippy::indexing_slicing, reason = "N is not 0, and a number below N is a place in a list of N")]
    pub(super) fn pick<T: Copy, const N: usize>(&mut self, list: &[T; N]) -> T {
        const { assert!(N > 0) };
        list[self.below(N)]
    }

    /// One of a list that may be empty.
    pub(super) fn choose<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }

    /// One of a list, each with its share; `other` where the shares leave room up to `of`.
    pub(super) fn share<T: Copy>(&mut self, shares: &[(T, u32)], other: T) -> T {
        let total: u32 = shares.iter().map(|(_, share)| share).sum();
        let mut at = self.below(total as usize) as u32;
        for (item, share) in shares {
            if at < *share {
                return *item;
            }
            at -= share;
        }
        other
    }

    /// A random GUID.
    pub(super) fn guid(&mut self) -> Uuid {
        let (high, low) = (self.next(), self.next());
        uuid::Builder::from_random_bytes((u128::from(high) << 64 | u128::from(low)).to_be_bytes()).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_same_path_gives_the_same_numbers_and_another_path_others() {
        let draw = |path: &[u64]| {
            let mut random = Random::of(7, path);
            [random.next(), random.next()]
        };
        assert_eq!(draw(&[1, 2]), draw(&[1, 2]));
        assert_ne!(draw(&[1, 2]), draw(&[2, 1]));
    }

    #[test]
    fn shares_are_kept() {
        let mut random = Random::of(7, &[]);
        let mut counts = [0_u32; 2];
        for _ in 0..10_000 {
            counts[random.share(&[(0, 3), (1, 1)], 0)] += 1;
        }
        assert!((7_200..7_800).contains(&counts[0]), "{counts:?}");
    }
}
