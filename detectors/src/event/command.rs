//! Administrators' commands, events like any other.

use super::{EventTime, Id, PrincipalId};
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

/// A time in which findings are expected: a deployment, a migration, a penetration test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its id; the same id again replaces it.
    pub id: Id,
    /// When it was announced.
    pub said: EventTime,
    /// The first moment.
    pub from: EventTime,
    /// The first moment after it.
    pub until: EventTime,
    /// The types of detections it holds; all but [`Window::NEVER`] where none is named.
    pub risk_event_types: Vec<CompactString>,
    /// Who says it.
    pub author: CompactString,
    /// Why.
    pub reason: CompactString,
}

impl Window {
    /// How long a command's window may be.
    pub const LONGEST: i64 = 30 * EventTime::DAY;
    /// How far ahead it may be announced.
    pub const AHEAD: i64 = 366 * EventTime::DAY;
    /// The types that are held only where they are named.
    pub const NEVER: [&str; 3] =
        ["leakedCredentials", "adminConfirmedServicePrincipalCompromised", "adminConfirmedAgentCompromised"];

    /// Whether a finding of this type at this time is expected.
    pub fn holds(&self, risk_event_type: &str, time: EventTime) -> bool {
        let meant = if self.risk_event_types.is_empty() {
            !Self::NEVER.contains(&risk_event_type)
        } else {
            self.risk_event_types.iter().any(|known| known == risk_event_type)
        };
        meant && self.from <= time && time < self.until
    }
}

/// Somebody announces an expected change of one principal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExpectedChange {
    /// Whom it is about.
    pub principal: PrincipalId,
    /// When, what, who says so and why.
    pub window: Window,
}
