//! What detectors in shadow have found lately, so that a cause is counted once.

use crate::event::hash;
use serde::{Deserialize, Serialize};

/// The last causes, oldest first, each by its hash.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shadowed(Vec<u32>);

impl Shadowed {
    const CAPACITY: usize = 32;

    /// Whether this was not told yet; it is now.
    pub(crate) fn tell(&mut self, risk_event_type: &str, cause: &str) -> bool {
        let told = hash(&format!("{risk_event_type}\u{1f}{cause}"));
        if self.0.contains(&told) {
            return false;
        }
        if self.0.len() >= Self::CAPACITY {
            self.0.remove(0);
        }
        self.0.push(told);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once_and_memory_is_bounded() {
        let mut shadowed = Shadowed::default();
        assert!(shadowed.tell("a", "x") && !shadowed.tell("a", "x") && shadowed.tell("b", "x"));
        (0..100).for_each(|n| assert!(shadowed.tell("a", &n.to_string())));
        assert_eq!(shadowed.0.len(), Shadowed::CAPACITY);
    }
}
