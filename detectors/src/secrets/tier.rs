//! What a rule is, and the list of all rules.

use super::{alert, entra};
use std::ops::Range;

/// How sure a rule is. Surer rules choose first; what they took is a boundary for the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// A checksum proves it.
    Proven,
    /// Its shape is distinctive.
    Shaped,
    /// Only the name before it tells.
    Named,
}

impl Tier {
    /// All tiers, surest first.
    pub(super) const ALL: [Self; 3] = [Self::Proven, Self::Shaped, Self::Named];
}

/// One way to recognise a secret.
#[derive(Debug)]
pub(super) struct Rule {
    /// The name it leaves in marks.
    pub(super) id: &'static str,
    /// How sure it is.
    pub(super) tier: Tier,
    /// Text that every such secret holds or follows, in its own case. Few and rare ones: most text has none and is
    /// done as fast as they can be searched for.
    pub(super) literals: &'static [&'static str],
    /// Looks around one literal and gives the secret's range. Its cost has a bound, or ends at the next literal, so
    /// that scanning stays linear.
    pub(super) recognise: fn(text: &[u8], literal: Range<usize>) -> Option<Range<usize>>,
}

/// All rules. Within a tier, what begins first is taken first.
pub(super) const RULES: &[&Rule] = &[&entra::PROVEN, &entra::MARKED, &entra::NAMED, &alert::SECRET];
