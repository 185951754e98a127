//! What of a file of indicators was not taken, and why.

/// A line or object that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {reason}", place(*line))]
pub struct Complaint {
    /// The file.
    pub file: String,
    /// The line, or the object's number in a bundle; `None` for the file as a whole.
    pub line: Option<usize>,
    /// Why.
    pub reason: ComplaintReason,
}

fn place(line: Option<usize>) -> String {
    line.map(|line| format!(":{line}")).unwrap_or_default()
}

/// Why something was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComplaintReason {
    /// The file can't be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// Not what the file's form asks for.
    #[error("is no {0}")]
    Malformed(&'static str),
    /// Nothing that Picket knows.
    #[error("is no address, network, AS number (AS64496), application id or domain")]
    Unknown,
    /// A network so wide that it would accuse the innocent.
    #[error("/{given} is too wide: at least /{least} is needed")]
    TooWide {
        /// Its length.
        given: u8,
        /// The shortest taken.
        least: u8,
    },
    /// An address that is nobody's in particular.
    #[error("is no public address")]
    NotPublic,
    /// A whole top-level domain.
    #[error("is too wide: a domain of at least two labels is needed")]
    TopLevel,
    /// A number outside its range.
    #[error("confidence must lie between 0 and 100")]
    Confidence,
    /// A time that is none.
    #[error("the end is no time: write it like 2027-01-31T00:00:00Z")]
    Time,
    /// A pattern that says more than Picket can hold records against.
    #[error("the pattern is more than a choice of addresses, domains and AS numbers")]
    Pattern,
    /// More indicators than memory is meant for.
    #[error("more than {0} indicators: the rest is not taken")]
    TooMany(usize),
}
