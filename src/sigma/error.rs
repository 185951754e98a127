//! Why a rule is refused.

use compact_str::CompactString;

/// A rule or file that was not loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {}{reason}", rule.as_ref().map(|rule| format!("{rule}: ")).unwrap_or_default())]
pub struct Refusal {
    /// Where it stands.
    pub file: String,
    /// Its title, where it could be read.
    pub rule: Option<String>,
    /// Why.
    pub reason: RefusalReason,
}

/// Why a rule is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefusalReason {
    /// The file can't be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// It is no Sigma.
    #[error("is no Sigma rule: {0}")]
    Malformed(String),
    /// It can't be compiled.
    #[error("cannot be compiled: {0}")]
    Uncompilable(String),
    /// It needs values that nobody has filled in.
    #[error("needs values for %placeholders% in {0}: write them into the rule")]
    Placeholder(CompactString),
    /// It counts over time the old way.
    #[error("counts over time in its condition: write a correlation rule instead")]
    Aggregation,
    /// A correlation of a kind that Picket does not keep state for.
    #[error("is a correlation rule: {0}")]
    Correlation(&'static str),
    /// Another rule has its id.
    #[error("has the id of another rule, {0}")]
    DuplicateId(CompactString),
    /// It reads a field of Picket's that there is none of.
    #[error("reads picket.{0}, but there is no such field: see `picket rules fields`")]
    UnknownField(CompactString),
    /// Its own attributes for Picket can't be read.
    #[error("its `picket` attribute must hold `about: target` or `about: actor`")]
    BadAttribute,
}
