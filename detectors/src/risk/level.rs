//! Graph's words for risk.

use serde::{Deserialize, Serialize};

/// `riskLevel`: how likely it is that the identity was taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RiskLevel {
    /// No sign of it.
    #[default]
    None,
    /// Worth a look when there is time.
    Low,
    /// Worth a look today.
    Medium,
    /// Act now.
    High,
}

impl RiskLevel {
    /// Graph's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// `riskState`: what has become of the risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RiskStatus {
    /// There was none.
    #[default]
    None,
    /// It stands.
    AtRisk,
    /// An administrator says it was taken over.
    ConfirmedCompromised,
    /// What made it was taken away (the leaked credential removed, say), or it faded.
    Remediated,
    /// An administrator says it does not matter.
    Dismissed,
    /// An administrator says it was a false alarm.
    ConfirmedSafe,
}

/// `riskDetail`: why the state is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RiskDetail {
    /// By Picket's own reckoning.
    #[default]
    None,
    /// An administrator confirmed the compromise.
    AdminConfirmedServicePrincipalCompromised,
    /// An administrator dismissed the risk.
    AdminDismissedAllRiskForServicePrincipal,
    /// An administrator confirmed that it is safe.
    AdminConfirmedServicePrincipalSafe,
}
