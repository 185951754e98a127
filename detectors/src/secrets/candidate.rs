//! What matchers give to the engine.

use super::path::Place;
use super::sighting::{OwnerHints, Reason, Sureness};
use std::ops::Range;

/// The text that is scanned, and what is known of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    /// All of it.
    pub(super) text: &'a [u8],
    /// What its path tells.
    pub(super) place: Place,
    /// Its path.
    pub(super) name: Option<&'a str>,
}

/// Something that looks like a secret to one matcher.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    /// Where the secret stands.
    pub(super) span: Range<usize>,
    /// How sure the matcher is; `None` leaves it to the rule.
    pub(super) sureness: Option<Sureness>,
    /// Why.
    pub(super) reason: Reason,
    /// What stands around it says of its owner.
    pub(super) owner: OwnerHints,
}

impl Candidate {
    /// A candidate as sure as its rule.
    pub(super) fn new(span: Range<usize>, reason: Reason) -> Self {
        Self { span, sureness: None, reason, owner: OwnerHints::default() }
    }

    /// A candidate with a sureness of its own.
    pub(super) fn sure(span: Range<usize>, sureness: Sureness, reason: Reason) -> Self {
        Self { sureness: Some(sureness), ..Self::new(span, reason) }
    }
}
