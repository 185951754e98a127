//! The scanner: all rules over any bytes, in linear time.

use super::candidate::Scene;
use super::context::nearby_in;
use super::engine::{Engine, Find};
use super::key::FingerprintKey;
use super::path::PathFacts;
use super::redact::redacted;
use super::rule::file::{self, Spec};
use super::rule::template::expand;
use super::rule::{Complaint, Rule, RuleError, RuleFile, shipped};
use super::sighting::Sighting;
use std::sync::Arc;

/// Finds credentials in any bytes. Cheap to clone, safe to share.
#[derive(Debug, Clone)]
pub struct Scanner {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    key: FingerprintKey,
    engine: Engine,
}

/// Where text comes from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origin<'a> {
    /// The path, if it has one.
    pub path: Option<&'a str>,
}

impl Scanner {
    /// With the rules that Picket ships.
    #[expect(clippy::expect_used, reason = "the shipped rules are constants, and a test loads them")]
    pub fn shipped(key: FingerprintKey) -> Self {
        Self::with_rules(key, &[]).expect("the shipped rules load")
    }

    /// With the rules that Picket ships and the user's own.
    pub fn with_rules(key: FingerprintKey, own: &[RuleFile<'_>]) -> Result<Self, RuleError> {
        let shipped = shipped::FILES.iter().map(|(name, text)| RuleFile { name, text });
        let mut specs: Vec<(&str, Spec)> = Vec::new();
        for file in shipped.chain(own.iter().copied()) {
            specs.extend(file::read(file.name, file.text)?.into_iter().map(|spec| (file.name, spec)));
        }
        Ok(Self { inner: Arc::new(Inner { key, engine: Engine::new(specs)? }) })
    }

    /// The credentials in a text, in the order in which they stand.
    pub fn scan(&self, text: &[u8], origin: &Origin<'_>) -> Vec<Sighting> {
        let scene = Scene { text, path: PathFacts::of(origin.path) };
        self.inner.engine.run(&scene).into_iter().filter_map(|find| self.sighting(text, find)).collect()
    }

    fn sighting(&self, text: &[u8], find: Find) -> Option<Sighting> {
        let rule = self.inner.engine.rule(find.rule)?;
        let secret = text.get(find.span.clone())?;
        let near = nearby_in(text, &find.span);
        let mut owner = find.verdict.owner;
        owner.apps.extend(near.apps);
        owner.tenants.extend(near.tenants);
        owner.unlabelled = near.unlabelled;
        Some(Sighting {
            rule: rule.id.clone(),
            title: rule.title.clone(),
            provider: rule.provider.clone(),
            kind: rule.kind,
            severity: rule.severity,
            start: find.span.start,
            end: find.span.end,
            confidence: find.verdict.sureness,
            reasons: find.verdict.reasons,
            redacted: redacted(secret),
            fingerprint: self.inner.key.fingerprint(secret),
            owner,
            side: None,
        })
    }

    /// The rules, shipped ones first.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.inner.engine.rules()
    }

    /// Runs every rule's examples and counter-examples, and looks for rules that could be slow or that clash.
    pub fn check(&self) -> Vec<Complaint> {
        self.rules().enumerate().flat_map(|(index, rule)| self.check_rule(index, rule)).collect()
    }

    fn check_rule(&self, index: usize, rule: &Rule) -> Vec<Complaint> {
        let mut problems = Vec::new();
        if let Err(error) = self.inner.engine.compile(index) {
            problems.push(format!("the pattern is too large: {error}"));
        }
        if self.rules().take(index).any(|earlier| earlier.id == rule.id) {
            problems.push("another rule has this id".to_owned());
        }
        let is_found = |template: &String| {
            let text = expand(template, index as u64 + 1);
            let scene = Scene { text: text.as_bytes(), path: PathFacts::default() };
            self.inner.engine.finds(&scene).iter().any(|find| find.rule == index)
        };
        let missed = rule.examples.iter().filter(|example| !is_found(example));
        problems.extend(missed.map(|example| format!("does not find its example {example}")));
        let taken = rule.counterexamples.iter().filter(|example| is_found(example));
        problems.extend(taken.map(|example| format!("finds its counter-example {example}")));
        if rule.examples.is_empty() || rule.counterexamples.is_empty() {
            problems.push("has no example or no counter-example".to_owned());
        }
        problems.into_iter().map(|problem| Complaint { rule: rule.id.clone(), problem }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_rules_load_and_keep_their_own_examples() {
        let scanner = Scanner::shipped(FingerprintKey::default());
        assert!(scanner.rules().count() > 200, "{} rules", scanner.rules().count());
        let complaints: Vec<String> = scanner.check().iter().map(ToString::to_string).collect();
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }
}
