//! Calls to Microsoft Graph.

use super::{Agent, AppId, Id, Place, PrincipalId};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// An application called Microsoft Graph with an app-only token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiActivity {
    /// Who called.
    pub principal: PrincipalId,
    /// Its client id.
    pub app: Option<AppId>,
    /// HTTP method, upper case.
    pub method: CompactString,
    /// The path without host, version, query and ids, cut to 256 characters.
    pub endpoint: CompactString,
    /// HTTP status.
    pub status: u16,
    /// Size of the answer.
    pub response_bytes: u64,
    /// Application permissions in the token.
    pub roles: Vec<CompactString>,
    /// Where from.
    pub place: Place,
    /// With what software.
    pub agent: Agent,
    /// The token used (`signInActivityId`, either encoding, as the GUID).
    pub token: Option<Id>,
}
