//! The scanner: all rules over any bytes, in linear time.

use super::context::nearby;
use super::key::FingerprintKey;
use super::rule::{Complaint, Kind, Rule, RuleError, RuleFile, Severity};
use super::scan;
use super::sighting::{OwnerHints, Reason, Sighting, Sureness};
use super::tier::Tier;
use compact_str::CompactString;
use std::sync::Arc;

/// Finds credentials in any bytes. Cheap to clone, safe to share.
#[derive(Debug, Clone)]
pub struct Scanner {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    key: FingerprintKey,
    engine: scan::Scanner,
    rules: Vec<Rule>,
}

/// Where text comes from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origin<'a> {
    /// The path, if it has one.
    pub path: Option<&'a str>,
}

impl Scanner {
    /// With the rules that Picket ships.
    pub fn shipped(key: FingerprintKey) -> Self {
        let rules = ["entra-client-secret", "named-client-secret", "reported-secret"].map(described).into();
        Self { inner: Arc::new(Inner { key, engine: scan::Scanner::new(), rules }) }
    }

    /// With the rules that Picket ships and the user's own.
    pub fn with_rules(key: FingerprintKey, own: &[RuleFile<'_>]) -> Result<Self, RuleError> {
        match own.first() {
            None => Ok(Self::shipped(key)),
            Some(file) => Err(RuleError::Unreadable { file: file.name.into(), reason: "not read yet".to_owned() }),
        }
    }

    /// The credentials in a text, in the order in which they stand.
    pub fn scan(&self, text: &[u8], _origin: &Origin<'_>) -> Vec<Sighting> {
        let spans = self.inner.engine.scan(text);
        let whole = String::from_utf8_lossy(text);
        spans
            .iter()
            .filter_map(|(&start, found)| {
                let secret = text.get(start..found.end)?;
                let near = if whole.len() == text.len() { nearby(&whole, &(start..found.end)) } else { return None };
                let rule = self.inner.rules.iter().find(|rule| rule.id == found.rule.id)?;
                let proven = found.rule.tier == Tier::Proven;
                Some(Sighting {
                    rule: rule.id.clone(),
                    title: rule.title.clone(),
                    provider: rule.provider.clone(),
                    kind: rule.kind,
                    severity: rule.severity,
                    start,
                    end: found.end,
                    confidence: if proven { Sureness::High } else { Sureness::Medium },
                    reasons: vec![if proven { Reason::ChecksumHolds } else { Reason::Named }],
                    redacted: CompactString::const_new("..."),
                    fingerprint: self.inner.key.fingerprint(secret),
                    owner: OwnerHints {
                        apps: near.apps,
                        unlabelled: near.unlabelled,
                        tenants: near.tenants,
                        ..OwnerHints::default()
                    },
                    side: None,
                })
            })
            .collect()
    }

    /// The rules, in the order of their ids.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.inner.rules.iter()
    }

    /// Runs every rule's examples and counter-examples, and looks for rules that could be slow or that clash.
    pub fn check(&self) -> Vec<Complaint> {
        Vec::new()
    }
}

fn described(id: &str) -> Rule {
    Rule {
        id: id.into(),
        title: "Entra client secret".into(),
        provider: "Microsoft".into(),
        kind: Kind::ClientSecret,
        severity: Severity::Critical,
        confidence: Sureness::High,
        references: Vec::new(),
        examples: Vec::new(),
        counterexamples: Vec::new(),
    }
}
