//! What a principal tells of a detection, where others may share what it rests on.

use super::PrincipalId;
use crate::risk::RiskLevel;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// A principal was detected at something that others may fall to as well: a network, a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fall {
    /// What others may share: `network:203.0.113.0/24`, `credential:KEY-ID`.
    pub key: CompactString,
    /// Who fell.
    pub principal: PrincipalId,
    /// Its display name.
    pub name: Option<CompactString>,
    /// The detection.
    pub detection: uuid::Uuid,
    /// Its type.
    pub risk_event_type: CompactString,
    /// The level that it alone would give.
    pub level: RiskLevel,
}
