//! What became of one record: an event, a counted ignore, or a dead letter with its reason.

use compact_str::CompactString;
use picket_detectors::event::Event;
use smallvec::SmallVec;

/// What became of one record.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It tells of these events: nearly always one; a push may hold several findings, a command several principals.
    Events(SmallVec<[Event; 1]>),
    /// It is none of Picket's business, by this rule (a category's name, `push without a finding`, …).
    Ignored(CompactString),
    /// It can't be understood.
    Dead(Reason),
}

/// Why a record can't be understood. The detail never quotes the record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Reason {
    /// A bounded name, fit for a metric label.
    pub code: ReasonCode,
    /// What exactly, with the field or byte offset where known.
    pub detail: String,
}

/// Why a record can't be understood, as a bounded name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ReasonCode {
    /// Not JSON, or cut off.
    Malformed,
    /// Not UTF-8.
    InvalidUtf8,
    /// Longer than the limit.
    TooLarge,
    /// Nested deeper than the limit.
    TooDeep,
    /// No category, and no shape that tells it.
    UnknownShape,
    /// A field it can't do without is missing.
    MissingField,
    /// A field has a value that can't be read.
    BadField,
}

impl ReasonCode {
    /// The name in metrics and dead letters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::TooLarge => "too_large",
            Self::TooDeep => "too_deep",
            Self::UnknownShape => "unknown_shape",
            Self::MissingField => "missing_field",
            Self::BadField => "bad_field",
        }
    }
}

impl std::fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One record of a value and what became of it.
#[derive(Debug)]
pub struct Decoded<'a> {
    /// Its place among the records of the value, from 0.
    pub index: u32,
    /// Its bytes within the value.
    pub bytes: &'a [u8],
    /// What became of it.
    pub outcome: Outcome,
}
