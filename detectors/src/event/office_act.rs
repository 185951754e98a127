//! What workload identities do in Exchange and `SharePoint`, as the unified audit log tells it.

use super::{Agent, AppId, Id, Place, PrincipalId};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// An application did something in a mailbox, a site or Exchange's own settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfficeAct {
    /// Exchange, `SharePoint`, `OneDrive`, ….
    pub workload: CompactString,
    /// What, in small letters: `mailitemsaccessed`.
    pub operation: CompactString,
    /// Who: its client id…
    pub app: AppId,
    /// …or its service principal, where the record names it.
    pub principal: Option<PrincipalId>,
    /// The API that it came through, where that is another application: Microsoft Graph.
    pub api: Option<AppId>,
    /// Whose mailbox, or which site.
    pub place_of_data: Option<CompactString>,
    /// What the client says of itself: `Client=REST;`.
    pub client: Option<CompactString>,
    /// Whether it was carried out.
    pub succeeded: bool,
    /// Where from.
    pub place: Place,
    /// With what software.
    pub agent: Agent,
    /// The token used.
    pub token: Option<Id>,
}
