//! The order in which observations count, whatever the batch and whatever the thread.

use picket_detectors::observation::EntityKind;

/// The place of an observation in its batch: that of the observation it came from, then its own number among those
/// derived from it. Sorts as if each observation's derived ones were folded right after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Order {
    sequence: u64,
    /// Numbers from 1 at each hop; 0 where there was none.
    hops: [u32; Order::MAX_HOPS],
}

impl Order {
    /// There are six kinds of entities, and each sends only to later ones.
    pub const MAX_HOPS: usize = EntityKind::ALL.len() - 1;

    /// The place of an observation that came from outside.
    pub const fn new(sequence: u64) -> Self {
        Self { sequence, hops: [0; Self::MAX_HOPS] }
    }

    /// The place of the `index`-th observation derived from this one; `None` past the last hop.
    pub fn derived(mut self, index: usize) -> Option<Self> {
        let hop = self.hops.iter_mut().find(|hop| **hop == 0)?;
        *hop = u32::try_from(index).ok()?.checked_add(1)?;
        Some(self)
    }

    /// The number the batch gave to the observation from outside.
    pub const fn sequence(self) -> u64 {
        self.sequence
    }

    /// How often it was passed on.
    pub fn hop(self) -> usize {
        self.hops.iter().filter(|hop| **hop != 0).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_derived_stands_between_its_origin_and_the_next() {
        let first = Order::new(1);
        let child = first.derived(0).expect("a hop");
        let grandchild = child.derived(7).expect("a hop");
        let sibling = first.derived(1).expect("a hop");
        let sorted = [first, child, grandchild, sibling, Order::new(2)];
        assert!(sorted.is_sorted());
        assert_eq!(grandchild.hop(), 2);
    }

    #[test]
    fn hops_end() {
        let mut last = Order::new(1);
        for _ in 0..Order::MAX_HOPS {
            last = last.derived(0).expect("a hop");
        }
        assert_eq!(last.derived(0), None);
    }
}
