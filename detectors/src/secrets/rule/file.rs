//! Rules as their files say them.

use super::super::check::Check;
use super::super::sighting::Sureness;
use super::gitleaks::Conditions;
use super::{Kind, Rule, RuleError, Severity};
use compact_str::CompactString;
use serde::Deserialize;

/// One rule of a file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a file format, each with its own name there")]
pub(in super::super) struct Spec {
    /// Never changed, never used again.
    pub(in super::super) id: CompactString,
    pub(in super::super) title: CompactString,
    pub(in super::super) provider: CompactString,
    pub(in super::super) kind: Kind,
    #[serde(default = "high")]
    pub(in super::super) severity: Severity,
    /// How sure a find is; by default `high` for patterns and `medium` for names.
    pub(in super::super) confidence: Option<Sureness>,
    /// Text that every such secret holds, in its own case.
    #[serde(default)]
    pub(in super::super) keywords: Vec<String>,
    /// The keywords may stand in any case.
    #[serde(default)]
    pub(in super::super) any_case: bool,
    /// What it looks like: the group `secret`, or the first group, or all of it is the secret.
    pub(in super::super) pattern: Option<String>,
    /// Words in the name to which the secret is assigned, in any case.
    #[serde(default)]
    pub(in super::super) names: Vec<String>,
    /// What the assigned value looks like.
    pub(in super::super) value: Option<String>,
    /// The name need not say `key`, `token` or the like besides.
    #[serde(default)]
    pub(in super::super) bare: bool,
    /// Words of names whose values every client gets: worth a look at most.
    #[serde(default)]
    pub(in super::super) public: Vec<String>,
    /// A matcher written by hand.
    pub(in super::super) builtin: Option<Builtin>,
    /// The secret may go on after what the pattern sees.
    #[serde(default)]
    pub(in super::super) open: bool,
    /// Such secrets may hold long runs of one character.
    #[serde(default)]
    pub(in super::super) repeats: bool,
    /// The least entropy in bits a character.
    pub(in super::super) entropy: Option<f64>,
    /// What is asked of a candidate besides.
    #[serde(default)]
    pub(in super::super) checks: Vec<Check>,
    #[serde(default)]
    pub(in super::super) references: Vec<CompactString>,
    #[serde(default)]
    pub(in super::super) examples: Vec<String>,
    #[serde(default)]
    pub(in super::super) counterexamples: Vec<String>,
    /// Of a rule from a gitleaks file.
    #[serde(skip)]
    pub(in super::super) conditions: Option<Conditions>,
}

/// A matcher that no pattern can express.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in super::super) enum Builtin {
    /// Entra's client secrets with their marker.
    EntraMarked,
    /// Client secrets known by their name.
    ClientSecret,
    /// PEM.
    PrivateKey,
    /// `scheme://user:password@host`.
    UrlPassword,
    /// Anything assigned to a name that says `secret`, `token` or `key`.
    AssignedSecret,
    /// Anything assigned to a name that says `password`.
    AssignedPassword,
    /// The secret half beside an AWS key id.
    AwsSecret,
    /// The password of a connection string of `key=value` pairs.
    ConnectionPassword,
    /// JSON Web Tokens.
    Jwt,
    /// Google's service-account key files.
    ServiceAccount,
    /// `curl -u user:password`.
    CurlUser,
    /// PKCS #12, in Base64 or as it is.
    Pfx,
}

fn high() -> Severity {
    Severity::High
}

impl Spec {
    /// The part that readers see.
    pub(in super::super) fn described(&self) -> Rule {
        let by_form = if self.pattern.is_some() { Sureness::High } else { Sureness::Medium };
        Rule {
            id: self.id.clone(),
            title: self.title.clone(),
            provider: self.provider.clone(),
            kind: self.kind,
            severity: self.severity,
            confidence: self.confidence.unwrap_or(by_form),
            references: self.references.clone(),
            examples: self.examples.clone(),
            counterexamples: self.counterexamples.clone(),
        }
    }
}

/// Reads a file of our own.
pub(in super::super) fn read(name: &str, yaml: &str) -> Result<Vec<Spec>, RuleError> {
    serde_saphyr::from_str(yaml).map_err(|error| RuleError::Unreadable { file: name.into(), reason: error.to_string() })
}
