//! Why a record gives no event.

use super::outcome::{Outcome, Reason, ReasonCode};
use compact_str::CompactString;
use picket_detectors::event::Event;
use smallvec::SmallVec;

/// The events of one record, or why there are none.
pub(super) type Decision = Result<SmallVec<[Event; 1]>, Refusal>;

/// Why a record gives no event.
#[derive(Debug)]
pub(super) enum Refusal {
    /// None of Picket's business, by this rule.
    Ignored(CompactString),
    /// Not to be understood.
    Dead(Reason),
}

impl Refusal {
    /// The longest name of an ignored category that is kept.
    const MAX_RULE: usize = 64;

    /// Ignored by this rule, cut to a bounded length.
    pub(super) fn ignored(rule: &str) -> Self {
        Self::Ignored(rule.chars().take(Self::MAX_RULE).collect())
    }

    /// A field that it can't do without is missing.
    pub(super) fn missing(field: &str) -> Self {
        Self::dead(ReasonCode::MissingField, field.to_owned())
    }

    /// A field that it can't do without has a value that can't be read.
    pub(super) fn bad(field: &str) -> Self {
        Self::dead(ReasonCode::BadField, field.to_owned())
    }

    /// A dead letter.
    pub(super) fn dead(code: ReasonCode, detail: String) -> Self {
        Self::Dead(Reason { code, detail })
    }
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Ignored(rule) => Self::Ignored(rule),
            Refusal::Dead(reason) => Self::Dead(reason),
        }
    }
}

/// One event.
pub(super) fn one(event: Event) -> SmallVec<[Event; 1]> {
    smallvec::smallvec![event]
}
