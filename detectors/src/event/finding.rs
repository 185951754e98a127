//! Credentials found in code, chats and pastes. The secret itself is gone before an event exists.

use super::{AppId, EventTime, TenantId};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

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
