//! What a scan gives: where a secret stands, how sure that is, and whose it may be. Never the secret itself.

use super::key::Fingerprint;
use super::rule::{Kind, Severity};
use crate::event::{AppId, CredentialOwner, TenantId};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// One secret at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sighting {
    /// The rule that recognised it.
    pub rule: CompactString,
    /// What the rule calls it.
    pub title: CompactString,
    /// Who issued it: `Microsoft`, `GitHub`, …
    pub provider: CompactString,
    /// What sort of credential it is.
    pub kind: Kind,
    /// How bad a leak of it is.
    pub severity: Severity,
    /// Where it begins in the scanned bytes; where an encoding hid it, where the encoded text begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// How sure it is that this is a secret.
    pub confidence: Sureness,
    /// Why it is that sure, most telling first.
    pub reasons: Vec<Reason>,
    /// A preview that gives nothing away.
    pub redacted: CompactString,
    /// Tells equal secrets; keyed.
    pub fingerprint: Fingerprint,
    /// Whose it may be.
    pub owner: OwnerHints,
    /// On which side of a diff it stands; `None` where the text is none.
    pub side: Option<Side>,
}

/// How sure a sighting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sureness {
    /// Worth a look when there is time.
    Low,
    /// Most of these are secrets.
    Medium,
    /// A distinctive form, or proven by a checksum.
    High,
}

impl Sureness {
    /// One step less sure.
    #[must_use]
    pub fn lower(self) -> Self {
        match self {
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}

/// What made a sighting surer, or less so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A checksum or a parse proves it.
    ChecksumHolds,
    /// It should have a checksum, and it does not hold: altered, or made up.
    ChecksumFails,
    /// Its form is the provider's own.
    DistinctiveForm,
    /// Its structure reads as what it claims to be.
    StructureReads,
    /// Its structure does not read as what it claims to be.
    StructureFails,
    /// A name before it says what it is.
    Named,
    /// The other parts of the credential stand near it.
    PartsNearby,
    /// It stood encoded (Base64, UTF-16, escapes).
    Encoded,
    /// It lies among tests, examples or documentation.
    TestPath,
    /// It lies in a lock file, a bundle or code of others.
    VendoredPath,
    /// Words beside it say that it is an example.
    ExampleText,
    /// The credential has expired.
    Expired,
    /// Such keys are public by design.
    PublicByDesign,
}

/// Which side of a diff a line is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The change brought it.
    Added,
    /// The change took it away; history still has it.
    Removed,
    /// It was there before and is there after.
    Context,
}

/// What says whose a credential is, nearest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OwnerHints {
    /// Whose it is, as far as one thing is named: what sort of thing, and its name.
    #[serde(flatten)]
    pub named: Option<CredentialOwner>,
    /// Client ids that are labelled so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub apps: Vec<AppId>,
    /// GUIDs near it that nothing labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unlabelled: Vec<AppId>,
    /// Tenant ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<TenantId>,
    /// The first characters of an Entra secret, as Graph's `hint` shows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<CompactString>,
    /// The account: a storage account, an AWS account number, a service-account address, a user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<CompactString>,
    /// The host that takes the credential.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<CompactString>,
    /// SHA-1 of the certificate that belongs to a private key, in hex: how an identity provider knows the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbprint: Option<CompactString>,
    /// The certificate's SHA-256, by which newer registrations know it (`x5t#S256`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbprint_sha256: Option<CompactString>,
    /// The credential's own public id: a key id, a key's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<CompactString>,
    /// The project, subscription or organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<CompactString>,
}

impl OwnerHints {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
