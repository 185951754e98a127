//! Directory changes (audit records) and the inventory of applications and service principals.

use super::{Agent, AppId, EventTime, Id, KeyId, ObjectId, Ownership, Place, PrincipalId, UserRiskGrade};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// The operations Picket tells apart; the rest keep their normalised name in [`DirectoryChange::activity`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// Secrets or certificates of an application or a service principal changed.
    Credentials,
    /// Federated credentials of an application changed.
    FederatedCredentials,
    /// An application permission was granted.
    AppRoleGranted,
    /// An application permission was taken away.
    AppRoleRevoked,
    /// A delegated permission was granted or consent given.
    Consent,
    /// A directory role was given.
    RoleGranted,
    /// A directory role was taken away.
    RoleRevoked,
    /// An owner was added to an application or service principal.
    OwnerAdded,
    /// A service principal was switched on or off.
    AccountEnabled,
    /// An application or service principal came to be.
    Created,
    /// An application or service principal was deleted.
    Deleted,
    /// Anything else.
    Other,
    /// An owner of an application or service principal was taken away.
    OwnerRemoved,
}

/// Who changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum ActorKind {
    /// A person.
    User,
    /// A service principal.
    Application,
    /// The record does not say.
    #[default]
    Unknown,
}

/// Who changed something, as far as the record says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Actor {
    /// Person or service principal.
    pub kind: ActorKind,
    /// Object id; app actors usually carry only their service principal's.
    pub id: Option<Id>,
    /// Client id, rarely present.
    pub app: Option<AppId>,
    /// Display name or user principal name.
    pub name: Option<CompactString>,
    /// Where from (audit records carry an address at most).
    pub place: Place,
    /// With what software (`additionalDetails` User-Agent).
    pub agent: Agent,
    /// What is known of the person; no record says it, the person's entity adds it.
    pub known: Option<Box<KnownPerson>>,
}

impl Actor {
    /// The person, where it is one whom the record names.
    pub fn person(&self) -> Option<ObjectId> {
        self.id.clone().filter(|_| self.kind == ActorKind::User).map(ObjectId)
    }
}

/// What a person's earlier changes and Microsoft tell of who now changes something. Old days count less.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct KnownPerson {
    /// How likely Microsoft holds it that the person was taken over.
    pub risk: Option<UserRiskGrade>,
    /// Earlier days on which the person changed something.
    pub days: f64,
    /// Those of them on which it came from this place.
    pub days_here: f64,
    /// Those of them on which it came from a place for the first time.
    pub days_from_new: f64,
}

/// What kind of object was changed, by the record's own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TargetKind {
    /// A service principal.
    ServicePrincipal,
    /// An application object.
    Application,
    /// A user.
    User,
    /// A directory role.
    Role,
    /// Anything else.
    Other,
}

/// One object a change names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Its kind.
    pub kind: TargetKind,
    /// Its object id.
    pub id: Option<ObjectId>,
    /// Its display name; of a user the user principal name, where the record has it.
    pub name: Option<CompactString>,
}

/// One modified property with its JSON-in-a-string layers taken off; texts are cut to [`PropertyChange::MAX`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PropertyChange {
    /// The property's name as the record writes it.
    pub name: CompactString,
    /// Before; `None` is unknown, the empty list is `[]`.
    pub old: Option<CompactString>,
    /// After.
    pub new: Option<CompactString>,
}

impl PropertyChange {
    /// The longest value kept.
    pub const MAX: usize = 1_024;
}

/// What sort of credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CredentialKind {
    /// A client secret (`Password`).
    Secret,
    /// A certificate (`AsymmetricX509Cert`).
    Certificate,
    /// A federated identity credential.
    Federated,
    /// A symmetric key or a type newer than this program.
    Other,
}

/// One credential as a change or the inventory shows it. Never the secret itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Credential {
    /// Its key id (for federated ones their id, else derived from the name).
    pub key: KeyId,
    /// Its kind.
    pub kind: CredentialKind,
    /// Whether it proves a login (`Verify`); SAML signing pairs (`Sign`) do not.
    pub verifies: bool,
    /// Its display name.
    pub name: Option<CompactString>,
    /// First three characters of a secret (inventory only).
    pub hint: Option<CompactString>,
    /// Hex SHA-1 of a certificate (inventory only).
    pub thumbprint: Option<CompactString>,
    /// Start of validity (inventory only).
    pub start: Option<EventTime>,
    /// End of validity (inventory only).
    pub end: Option<EventTime>,
    /// Issuer of a federated credential.
    pub issuer: Option<CompactString>,
    /// Subject of a federated credential.
    pub subject: Option<CompactString>,
}

/// The credentials that one record added and removed, by key id.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CredentialChange {
    /// In the new value, not in the old.
    pub added: Vec<Credential>,
    /// In the old value, not in the new.
    pub removed: Vec<Credential>,
    /// How many login credentials stood before; `None` where the record does not say.
    pub before: Option<u32>,
}

impl CredentialChange {
    /// Whether nothing was added or removed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// Somebody changed the directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DirectoryChange {
    /// What it amounts to.
    pub operation: Operation,
    /// The activity name, normalised (dashes, case, spaces, full stop).
    pub activity: CompactString,
    /// One act's records share it.
    pub correlation: Option<Id>,
    /// Whether it was carried out.
    pub succeeded: bool,
    /// Who did it.
    pub actor: Actor,
    /// The objects it names, as listed.
    pub targets: Vec<Target>,
    /// The workload identity it was done to, found by type and modified property: its service principal…
    pub principal: Option<PrincipalId>,
    /// …or its application object…
    pub application_object: Option<ObjectId>,
    /// …or its client id.
    pub application: Option<AppId>,
    /// That identity's display name.
    pub name: Option<CompactString>,
    /// Credentials added and removed.
    pub credentials: CredentialChange,
    /// Permissions or roles granted or revoked, by name or template id.
    pub grants: Vec<CompactString>,
    /// New state for [`Operation::AccountEnabled`].
    pub enabled: Option<bool>,
    /// Modified properties other than those read above.
    pub properties: Vec<PropertyChange>,
}

impl DirectoryChange {
    /// The activity of a role given in Azure, which the log of a subscription tells as a call, too.
    pub const AZURE_ROLE_GIVEN: &'static str = "add azure role assignment";
    /// The activity of a federated credential put on a managed identity, which that log tells as a call, too.
    pub const AZURE_TRUST_ADDED: &'static str = "add federated identity credential to managed identity";

    /// Whether the log of a subscription tells it as a call, too.
    pub fn is_azure_call(&self) -> bool {
        [Self::AZURE_ROLE_GIVEN, Self::AZURE_TRUST_ADDED].contains(&self.activity.as_str())
    }

    /// The owner that was added or taken away: the target that it was not done to.
    pub fn owner(&self) -> Option<&Target> {
        if !matches!(self.operation, Operation::OwnerAdded | Operation::OwnerRemoved) {
            return None;
        }
        let principal = self.principal.as_ref().map(|principal| &principal.0);
        let object = self.application_object.as_ref().map(|object| &object.0);
        let is_subject = |target: &&Target| {
            let id = target.id.as_ref().map(|id| &id.0);
            id.is_some() && (id == principal || id == object)
        };
        let mut others = self.targets.iter().filter(|target| !is_subject(target));
        others.find(|target| target.kind != TargetKind::Application)
    }
}

/// One application object of a Graph export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InventoryApplication {
    /// Its client id.
    pub app: AppId,
    /// Its object id.
    pub object: Option<ObjectId>,
    /// Its display name.
    pub name: Option<CompactString>,
    /// All its credentials.
    pub credentials: Vec<Credential>,
    /// Whom to ask about it.
    pub ownership: Ownership,
}

/// One service principal of a Graph export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InventoryServicePrincipal {
    /// Its object id.
    pub principal: PrincipalId,
    /// Its client id.
    pub app: Option<AppId>,
    /// The blueprint of an agent identity.
    pub blueprint: Option<AppId>,
    /// Its display name.
    pub name: Option<CompactString>,
    /// `servicePrincipalType` is `ManagedIdentity`.
    pub managed_identity: bool,
    /// What stands for it where a record names the resource of a managed identity.
    pub resource: Option<ObjectId>,
    /// `accountEnabled`.
    pub enabled: Option<bool>,
    /// Credentials on the service principal itself.
    pub credentials: Vec<Credential>,
    /// Application permissions and directory roles it holds, by name or template id, where the export has them.
    pub grants: Vec<CompactString>,
    /// Whom to ask about it.
    pub ownership: Ownership,
}
