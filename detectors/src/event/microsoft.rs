//! Microsoft's own verdicts, taken in as a signal.

use super::{AppId, PrincipalId};
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
