//! Calls of APIs.

use super::{Agent, AppId, Id, Place, PrincipalId};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// Whose API was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Service {
    /// Microsoft Graph.
    #[default]
    Graph,
    /// Azure Resource Manager.
    ResourceManager,
    /// A key vault.
    KeyVault,
}

impl Service {
    /// Its client id, as sign-ins name the resource.
    pub const fn app(self) -> uuid::Uuid {
        match self {
            Self::Graph => uuid::uuid!("00000003-0000-0000-c000-000000000000"),
            Self::ResourceManager => uuid::uuid!("797f4846-ba00-4fd7-ba43-dac1f8f63013"),
            Self::KeyVault => uuid::uuid!("cfa8b339-82a2-471a-a3c9-0fc0be7a4093"),
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Graph => "Microsoft Graph",
            Self::ResourceManager => "Azure Resource Manager",
            Self::KeyVault => "Key Vault",
        }
    }
}

/// A workload identity called an API with a token of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiActivity {
    /// Whose API.
    pub service: Service,
    /// Who called.
    pub principal: PrincipalId,
    /// Its client id.
    pub app: Option<AppId>,
    /// HTTP method, upper case.
    pub method: CompactString,
    /// The path without host, version, query and ids, cut to 256 characters.
    pub endpoint: CompactString,
    /// Which of many things of a kind it was done to (a mailbox, a secret, a resource), as a hash.
    pub object: Option<u32>,
    /// The resource group or subscription it was done in.
    pub scope: Option<CompactString>,
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
