//! Reads a gitleaks configuration as it is, so that nobody loses their own rules.
//!
//! Honoured: `id`, `description`, `regex`, `secretGroup`, `entropy`, `keywords`, `path`, and allowlists (of a rule and of
//! the whole file: `regexes`, `stopwords`, `paths`, `regexTarget`). Left aside: `extend` (Picket's own rules are there
//! anyway), `commits`.

use super::super::sighting::Sureness;
use super::file::Spec;
use super::{Kind, RuleError, Severity};
use compact_str::CompactString;
use serde::Deserialize;

/// What rules of such files have for a provider.
pub(in super::super) const PROVIDER: &str = "gitleaks";

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    rules: Vec<Entry>,
    allowlist: Option<Allowlist>,
    #[serde(default)]
    allowlists: Vec<Allowlist>,
}

#[derive(Deserialize)]
struct Entry {
    id: CompactString,
    description: Option<CompactString>,
    regex: Option<String>,
    #[serde(rename = "secretGroup")]
    secret_group: Option<usize>,
    entropy: Option<f64>,
    #[serde(default)]
    keywords: Vec<String>,
    path: Option<String>,
    allowlist: Option<Allowlist>,
    #[serde(default)]
    allowlists: Vec<Allowlist>,
}

/// What a rule lets pass.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in super::super) struct Allowlist {
    /// Patterns of what may pass.
    #[serde(default)]
    pub(in super::super) regexes: Vec<String>,
    /// What the patterns look at: the secret, the match or the line.
    #[serde(rename = "regexTarget")]
    pub(in super::super) target: Option<CompactString>,
    /// Words that a secret does not hold.
    #[serde(default)]
    pub(in super::super) stopwords: Vec<String>,
    /// Patterns of paths.
    #[serde(default)]
    pub(in super::super) paths: Vec<String>,
}

/// What a rule of a gitleaks file asks besides its pattern.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Conditions {
    /// Which group is the secret.
    pub(in super::super) group: Option<usize>,
    /// A pattern of paths in which alone the rule looks.
    pub(in super::super) path: Option<String>,
    /// What it lets pass.
    pub(in super::super) allowlists: Vec<Allowlist>,
}

/// Reads a configuration. A rule without `regex` looks at paths only and is left aside.
pub(in super::super) fn read(name: &str, text: &str) -> Result<Vec<Spec>, RuleError> {
    let config: Config = toml::from_str(text)
        .map_err(|error| RuleError::Unreadable { file: name.into(), reason: error.message().to_owned() })?;
    let general: Vec<Allowlist> = config.allowlist.into_iter().chain(config.allowlists).collect();
    let spec = |entry: Entry| {
        let own = entry.allowlist.into_iter().chain(entry.allowlists);
        let conditions = Conditions {
            group: entry.secret_group.filter(|group| *group > 0),
            path: entry.path,
            allowlists: own.chain(general.iter().cloned()).collect(),
        };
        Some(Spec {
            title: entry.description.unwrap_or_else(|| entry.id.clone()),
            id: entry.id,
            provider: CompactString::const_new(PROVIDER),
            kind: Kind::ApiKey,
            severity: Severity::High,
            confidence: Some(Sureness::Medium),
            keywords: entry.keywords,
            any_case: true,
            pattern: Some(entry.regex?),
            entropy: Some(entry.entropy.unwrap_or(0.0)),
            conditions: Some(conditions),
            ..Spec::default()
        })
    };
    Ok(config.rules.into_iter().filter_map(spec).collect())
}
