//! Sign-ins of workload identities.

use super::{Agent, AppId, Id, KeyId, ObjectId, Place, PrincipalId};
use crate::risk::RiskLevel;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// What kind of workload identity a principal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum PrincipalKind {
    /// A service principal of an application.
    #[default]
    Application,
    /// A managed identity: no address, no credential of its own.
    ManagedIdentity,
    /// An agent identity, acting under its blueprint's credentials.
    Agent,
    /// A principal of another cloud.
    External,
}

/// How the client proved itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum CredentialType {
    /// Not said, or a word newer than this program.
    #[default]
    Unknown,
    /// No credential.
    None,
    /// A client secret.
    ClientSecret,
    /// A signed assertion.
    ClientAssertion,
    /// A certificate.
    Certificate,
    /// A token of a federated issuer.
    Federated,
    /// The platform's own managed identity.
    ManagedIdentity,
}

impl CredentialType {
    /// Reads Graph's spelling; what it does not know is [`CredentialType::Unknown`].
    pub fn parse(text: &str) -> Self {
        const NAMES: [(&str, CredentialType); 6] = [
            ("none", CredentialType::None),
            ("clientSecret", CredentialType::ClientSecret),
            ("clientAssertion", CredentialType::ClientAssertion),
            ("certificate", CredentialType::Certificate),
            ("federatedIdentityCredential", CredentialType::Federated),
            ("managedIdentity", CredentialType::ManagedIdentity),
        ];
        NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text.trim())).map_or(Self::Unknown, |(_, kind)| *kind)
    }
}

/// The mark of an agent sign-in (`agent.agentType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AgentKind {
    /// The blueprint itself (`agenticApp`).
    Blueprint,
    /// An agent identity (`agenticAppInstance`, also spelt `AgentIdentity`).
    Identity,
    /// The blueprint's principal (`agentIdentityBlueprintPrincipal`).
    BlueprintPrincipal,
    /// An agent's user account (`agentIDuser`).
    User,
}

/// What a managed identity belongs to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ManagedIdentity {
    /// True for a user-assigned one.
    pub user_assigned: bool,
    /// The resource it runs on, as an ARM id.
    pub resource: Option<CompactString>,
}

/// A service principal, managed identity or agent asked for a token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    /// Who signed in.
    pub principal: PrincipalId,
    /// What kind it is, by the category and the agent mark.
    pub kind: PrincipalKind,
    /// Its client id.
    pub app: Option<AppId>,
    /// Its display name.
    pub name: Option<CompactString>,
    /// Where from.
    pub place: Place,
    /// With what software.
    pub agent: Agent,
    /// For which API (the resource's app id, else its object id or name).
    pub resource: Option<Id>,
    /// That API's display name.
    pub resource_name: Option<CompactString>,
    /// Proved how.
    pub credential_type: CredentialType,
    /// Proved with which credential: the key id of a secret or certificate, else the id of a federated credential.
    pub key: Option<KeyId>,
    /// Hex SHA-1 of the certificate.
    pub thumbprint: Option<CompactString>,
    /// `status.errorCode`; 0 is success.
    pub error: u32,
    /// The token it got (`uniqueTokenIdentifier`, either encoding, as the GUID).
    pub token: Option<Id>,
    /// The sign-in's correlation id.
    pub correlation: Option<Id>,
    /// Set for agents.
    pub agent_kind: Option<AgentKind>,
    /// App id of the agent's blueprint.
    pub blueprint: Option<AppId>,
    /// Whom an agent signed in for: a person who asked it to act, or its own user account.
    pub user: Option<ObjectId>,
    /// Set for managed identities.
    pub managed_identity: Option<ManagedIdentity>,
    /// Conditional Access blocked it (`conditionalAccessStatus` = failure).
    pub blocked_by_policy: bool,
    /// How risky Microsoft held it, unless somebody has cleared it (`riskLevelDuringSignIn`, `riskLevelAggregated`).
    pub risk: RiskLevel,
    /// How it crossed from one tenant to another (`crossTenantAccessType`), if it did.
    pub cross_tenant: Option<CompactString>,
}

impl SignIn {
    /// The error codes of a proof that did not hold: wrong secret, expired secret, unknown key, bad assertion, unknown
    /// federated subject. (Microsoft, *Entra authentication and authorization error codes*.)
    const REFUSED: [u32; 6] = [7_000_215, 7_000_222, 700_027, 700_024, 700_213, 50_126];

    /// Whether the proof of a credential was refused.
    pub fn is_refused(&self) -> bool {
        Self::REFUSED.contains(&self.error)
    }

    /// Whether a token was issued.
    pub fn succeeded(&self) -> bool {
        self.error == 0
    }
}
