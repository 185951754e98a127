//! What a rule says of the credentials it finds.

use super::super::sighting::Sureness;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// A file of rules: ours in YAML, or a gitleaks configuration in TOML.
#[derive(Debug, Clone, Copy)]
pub struct RuleFile<'a> {
    /// Its name, for messages; `.toml` at the end says that it is gitleaks'.
    pub name: &'a str,
    /// What is in it.
    pub text: &'a str,
}

/// A rule, as far as its reader cares.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Never changed, never used again: `github-personal-access-token`.
    pub id: CompactString,
    /// What it finds, in words.
    pub title: CompactString,
    /// Who issues it.
    pub provider: CompactString,
    /// What sort of credential it is.
    pub kind: Kind,
    /// How bad a leak is.
    pub severity: Severity,
    /// How sure a find is before anything speaks for or against it.
    pub confidence: Sureness,
    /// Pages that describe the credential.
    pub references: Vec<CompactString>,
    /// Text in which it must be found; made up.
    pub examples: Vec<String>,
    /// Text in which nothing may be found.
    pub counterexamples: Vec<String>,
}

/// What sort of credential something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A secret of an application in an identity provider.
    ClientSecret,
    /// A key that authenticates whoever sends it.
    #[default]
    ApiKey,
    /// A token: personal, of a service, of a session.
    Token,
    /// A key that signs or derives.
    AccessKey,
    /// A password.
    Password,
    /// A private key, with or without its certificate.
    PrivateKey,
    /// Host, user and password in one string.
    ConnectionString,
    /// A JSON Web Token.
    Jwt,
    /// A signed URL or its signature.
    SignedUrl,
    /// An address that lets anybody who knows it post.
    Webhook,
    /// What opens other secrets: an unlock key, a recovery code, a seed.
    RootSecret,
    /// A public part that only tells whose a credential is.
    Identifier,
}

/// How bad a leak is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Nothing to lose.
    Info,
    /// Public by design, or of little power.
    Low,
    /// Access to one service.
    Medium,
    /// Access to data or infrastructure.
    #[default]
    High,
    /// Access to everything.
    Critical,
}
