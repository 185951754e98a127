//! Microsoft's own verdicts, taken in as a signal.

use super::{AppId, EventTime, Id, ObjectId, PrincipalId};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// A record of `ServicePrincipalRiskEvents`, `RiskyServicePrincipals` or `AgentRiskEvents`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MicrosoftRisk {
    /// Whom it is about.
    pub principal: PrincipalId,
    /// Its client id.
    pub app: Option<AppId>,
    /// Its display name.
    pub name: Option<CompactString>,
    /// True for an agent.
    pub agent: bool,
    /// `riskEventType`; absent in `RiskyServicePrincipals`.
    pub risk_event_type: Option<CompactString>,
    /// `riskLevel` in Microsoft's word (`low`, `medium`, `high`, `hidden`, `none`).
    pub risk_level: CompactString,
    /// `riskState` in Microsoft's word.
    pub risk_state: CompactString,
}

/// How likely Microsoft holds it that a person was taken over, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum UserRiskGrade {
    /// The tenant lacks the licence that shows the level.
    Hidden,
    /// `low`.
    Low,
    /// `medium`.
    Medium,
    /// `high`.
    High,
    /// An administrator has confirmed it.
    Confirmed,
}

impl UserRiskGrade {
    /// The word in evidence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Confirmed => "confirmed compromised",
        }
    }
}

/// A record of `RiskyUsers` or `UserRiskEvents`: Microsoft's verdict on a person, or on an agent's user account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserRisk {
    /// Whom it is about.
    pub user: ObjectId,
    /// User principal name, else display name.
    pub name: Option<CompactString>,
    /// The detection it is about; `None` for the word on the user as a whole.
    pub detection: Option<Id>,
    /// `riskEventType`; absent in `RiskyUsers`.
    pub risk_event_type: Option<CompactString>,
    /// How likely; `None` where the risk is dismissed, remediated, or was none.
    pub grade: Option<UserRiskGrade>,
    /// When the risky activity happened, else when the verdict was given.
    pub since: EventTime,
}

impl UserRisk {
    /// Reads Microsoft's words for state and level.
    pub fn grade_of(state: &str, level: &str) -> Option<UserRiskGrade> {
        if state.eq_ignore_ascii_case("confirmedCompromised") {
            return Some(UserRiskGrade::Confirmed);
        }
        if !state.eq_ignore_ascii_case("atRisk") {
            return None;
        }
        let grades = [UserRiskGrade::Hidden, UserRiskGrade::Low, UserRiskGrade::Medium, UserRiskGrade::High];
        grades.into_iter().find(|grade| grade.as_str().eq_ignore_ascii_case(level))
    }
}
