//! What can be wrong with rules.

use compact_str::CompactString;
use std::fmt;

/// Rules that can't be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// The file is no YAML of ours.
    #[error("{file}: not a file of rules: {reason}")]
    Unreadable {
        /// Which file.
        file: CompactString,
        /// Where and why.
        reason: String,
    },
    /// A pattern does not compile, or could be slow.
    #[error("{file}: rule `{rule}`: {reason}")]
    Pattern {
        /// Which file.
        file: CompactString,
        /// Which rule.
        rule: CompactString,
        /// What to change.
        reason: String,
    },
}

/// One thing that is wrong with one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Which rule.
    pub rule: CompactString,
    /// What is wrong; never quotes a secret.
    pub problem: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.problem)
    }
}
