//! Administrators' commands, events like any other.

use super::PrincipalId;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// What an administrator says of a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// It was taken over.
    ConfirmCompromised,
    /// The alert was true but harmless; keep looking for the same.
    Dismiss,
    /// It was a false alarm; learn from it.
    ConfirmSafe,
}

/// An administrator's word on one principal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Whom it is about.
    pub principal: PrincipalId,
    /// What is said.
    pub verdict: Verdict,
    /// Who says it.
    pub initiated_by: Option<CompactString>,
    /// Why.
    pub reason: Option<CompactString>,
}
