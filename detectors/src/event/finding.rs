//! Credentials found in code, chats and pastes. The secret itself is gone before an event exists.

use super::{AppId, EventTime, Id, KeyId, TenantId};
use compact_str::{CompactString, format_compact};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A repository was opened to the public, its history with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryOpened {
    /// Its name, as findings in it give it.
    pub repository: CompactString,
}

/// Whether a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlertState {
    /// It does.
    Open,
    /// Its reporter has closed it (revoked, false positive, …).
    Resolved,
}

/// Who could see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Exposure {
    /// The feed does not say.
    #[default]
    Unknown,
    /// Members of the repository only.
    Internal,
    /// Everybody.
    Public,
}

/// What sort of thing a credential belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnerKind {
    /// An application in Entra, by its client id.
    Application,
    /// A storage account in Azure.
    StorageAccount,
    /// A namespace of Service Bus or Event Hubs.
    ServiceBusNamespace,
    /// An account of Cosmos DB.
    CosmosAccount,
    /// A cache of Azure Redis.
    RedisCache,
    /// A function app or web app.
    WebApp,
    /// A search service.
    SearchService,
    /// A container registry.
    ContainerRegistry,
    /// A hub of the Internet of Things.
    IotHub,
    /// A store of App Configuration.
    AppConfiguration,
    /// A vault of Key Vault.
    KeyVault,
    /// A database server of Azure SQL.
    SqlServer,
    /// An account of Azure's AI services.
    AiService,
    /// A service of `SignalR` or Web `PubSub`.
    SignalrService,
    /// An account in AWS, by its number.
    AwsAccount,
    /// An access key in AWS whose account its id does not tell.
    AwsAccessKey,
    /// A service account in Google Cloud, by its address.
    GcpServiceAccount,
    /// A GitHub App, by its number.
    GithubApp,
}

impl OwnerKind {
    /// All kinds, and what each is called where only letters and hyphens may stand.
    const NAMES: [(Self, &str); 18] = [
        (Self::Application, "application"),
        (Self::StorageAccount, "storage-account"),
        (Self::ServiceBusNamespace, "service-bus-namespace"),
        (Self::CosmosAccount, "cosmos-account"),
        (Self::RedisCache, "redis-cache"),
        (Self::WebApp, "web-app"),
        (Self::SearchService, "search-service"),
        (Self::ContainerRegistry, "container-registry"),
        (Self::IotHub, "iot-hub"),
        (Self::AppConfiguration, "app-configuration"),
        (Self::KeyVault, "key-vault"),
        (Self::SqlServer, "sql-server"),
        (Self::AiService, "ai-service"),
        (Self::SignalrService, "signalr-service"),
        (Self::AwsAccount, "aws-account"),
        (Self::AwsAccessKey, "aws-access-key"),
        (Self::GcpServiceAccount, "gcp-service-account"),
        (Self::GithubApp, "github-app"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// Whose a credential is by what itself or the text around it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialOwner {
    /// What sort of thing.
    pub kind: OwnerKind,
    /// Its name there.
    pub name: CompactString,
}

impl CredentialOwner {
    /// How ids write it: `storage-account/acme`.
    pub fn id(&self) -> Id {
        Id::Text(format_compact!("{}/{}", self.kind.name(), self.name))
    }
}

impl fmt::Display for CredentialOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.name().replace('-', " "), self.name)
    }
}

/// A credential was found where it should not be, or such a finding changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CodeFinding {
    /// The rule or the reporter's secret type, e.g. `entra-client-secret`.
    pub rule: CompactString,
    /// Which feed told, e.g. `github.push`, `github.secret_scanning_alert`.
    pub feed: CompactString,
    /// Whether it stands.
    pub state: AlertState,
    /// Keyed fingerprint (hex) of the secret; absent where the feed withholds the secret.
    pub fingerprint: Option<CompactString>,
    /// The secret's first three characters, as Graph shows them too.
    pub hint: Option<CompactString>,
    /// Hex SHA-1 of the certificate that belongs to a private key: tells the credential, as a hint does of a secret.
    pub thumbprint: Option<CompactString>,
    /// The same certificate's SHA-256.
    pub thumbprint_sha256: Option<CompactString>,
    /// Redacted preview.
    pub preview: Option<CompactString>,
    /// The secret carries a checksum that proves it genuine.
    pub proven: bool,
    /// The reporter has checked that it works (`validity` = active); `Some(false)` if checked dead.
    pub valid: Option<bool>,
    /// Somebody was warned when pushing it, and pushed it all the same.
    pub bypassed: bool,
    /// Who could see it.
    pub exposure: Exposure,
    /// Client ids near it, nearest first.
    pub apps: Vec<AppId>,
    /// Tenant ids near it.
    pub tenants: Vec<TenantId>,
    /// Whose it is, where that is no application in Entra.
    pub owner: Option<CredentialOwner>,
    /// The credential's own public id, where its text tells it.
    pub key: Option<KeyId>,
    /// `owner/name` of the repository.
    pub repository: Option<CompactString>,
    /// Commit id.
    pub commit: Option<CompactString>,
    /// File path.
    pub path: Option<CompactString>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Where a person can look at it.
    pub url: Option<CompactString>,
    /// When it became visible; the event's own time is when it was found.
    pub exposed_at: Option<EventTime>,
}
