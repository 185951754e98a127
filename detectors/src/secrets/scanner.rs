//! The scanner: all rules over any bytes, in linear time.

use super::candidate::Scene;
use super::certificate::{Certificates, Thumbprints};
use super::clear::ClearText;
use super::context::{Nearby, nearby_in};
use super::decoded::{Stretch, encoded, escaped, utf16};
use super::engine::{Engine, Find, settle};
use super::key::{Fingerprint, FingerprintKey};
use super::path::Place;
use super::redact::redacted;
use super::rule::file::{self, Spec};
use super::rule::template::expand;
use super::rule::{Complaint, Kind, Rule, RuleError, RuleFile, gitleaks, shipped};
use super::sighting::{Reason, Sighting, Sureness};
use super::{lines, owner, pfx};
use compact_str::CompactString;
use std::cell::LazyCell;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// How often text within text is decoded.
const DEPTH: usize = 2;

/// Finds credentials in any bytes. Cheap to clone, safe to share.
#[derive(Debug, Clone)]
pub struct Scanner {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    key: FingerprintKey,
    engine: Arc<Engine>,
}

/// The engine of the shipped rules: the same for all keys, and slow to make.
#[expect(clippy::expect_used, reason = "the shipped rules are constants, and a test loads them")]
static SHIPPED: LazyLock<Arc<Engine>> = LazyLock::new(|| Arc::new(load(&[]).expect("the shipped rules load")));

/// Arms the shipped rules and the user's own.
fn load(own: &[RuleFile<'_>]) -> Result<Engine, RuleError> {
    let shipped = shipped::FILES.iter().map(|(name, text)| RuleFile { name, text });
    let mut specs: Vec<(&str, Spec)> = Vec::new();
    for file in shipped.chain(own.iter().copied()) {
        let is_toml = Path::new(file.name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
        let read = if is_toml { gitleaks::read(file.name, file.text)? } else { file::read(file.name, file.text)? };
        specs.extend(read.into_iter().map(|spec| (file.name, spec)));
    }
    Engine::new(specs)
}

/// Where text comes from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origin<'a> {
    /// The path, if it has one.
    pub path: Option<&'a str>,
}

/// Which rules' secrets are kept in clear beside their sightings.
type Keep<'a> = &'a dyn Fn(&Rule) -> bool;

/// What one scan is told besides the text.
#[derive(Clone, Copy)]
struct Task<'a> {
    origin: &'a Origin<'a>,
    keep: Keep<'a>,
}

/// A find, and what only its own text could tell; the secret itself is left behind, unless it is to be kept.
#[derive(Debug)]
struct Seen {
    find: Find,
    fingerprint: Fingerprint,
    redacted: CompactString,
    near: Nearby,
    clear: Option<ClearText>,
}

impl Scanner {
    /// With the rules that Picket ships.
    pub fn shipped(key: FingerprintKey) -> Self {
        Self { inner: Arc::new(Inner { key, engine: Arc::clone(&SHIPPED) }) }
    }

    /// With the rules that Picket ships and the user's own.
    pub fn with_rules(key: FingerprintKey, own: &[RuleFile<'_>]) -> Result<Self, RuleError> {
        if own.is_empty() {
            return Ok(Self::shipped(key));
        }
        Ok(Self { inner: Arc::new(Inner { key, engine: Arc::new(load(own)?) }) })
    }

    /// The credentials in a text, in the order in which they stand. What a comment on its line allows is left out.
    pub fn scan(&self, text: &[u8], origin: &Origin<'_>) -> Vec<Sighting> {
        let mut sightings = self.scan_all(text, origin);
        sightings.retain(|sighting| !lines::is_allowed(text, &(sighting.start..sighting.end)));
        sightings
    }

    /// [`Scanner::scan`], and beside each sighting of a rule that `keep` picks the secret in clear: for asking its issuer.
    pub fn scan_keeping(
        &self,
        text: &[u8],
        origin: &Origin<'_>,
        keep: &dyn Fn(&Rule) -> bool,
    ) -> Vec<(Sighting, Option<ClearText>)> {
        let mut sightings = self.sight(text, Task { origin, keep });
        sightings.retain(|(sighting, _)| !lines::is_allowed(text, &(sighting.start..sighting.end)));
        sightings
    }

    /// The credentials in a text, allowed or not.
    pub(super) fn scan_all(&self, text: &[u8], origin: &Origin<'_>) -> Vec<Sighting> {
        let sightings = self.sight(text, Task { origin, keep: &|_| false });
        sightings.into_iter().map(|(sighting, _)| sighting).collect()
    }

    fn sight(&self, text: &[u8], task: Task<'_>) -> Vec<(Sighting, Option<ClearText>)> {
        let seen = match utf16(text) {
            None => self.look(text, task, DEPTH),
            Some((plain, start)) => {
                let whole = |span: &Range<usize>| Some(start + span.start * 2..start + span.end * 2);
                self.look(&plain, task, DEPTH).into_iter().filter_map(|seen| seen.moved(whole)).collect()
            }
        };
        let is_diff = !seen.is_empty() && lines::is_diff(text);
        let pairs: Vec<CompactString> = seen.iter().filter_map(|seen| seen.pair_id(&self.inner.engine)).collect();
        let sightings = seen.into_iter().filter_map(|seen| self.sighting(seen));
        sightings
            // The id of a pair is part of the pair.
            .filter(|(sighting, _)| {
                sighting.rule != owner::KEY_ID_RULE
                    || !pairs.iter().any(|id| sighting.owner.key_id.as_ref() == Some(id))
            })
            .map(|(sighting, clear)| {
                (Sighting { side: is_diff.then(|| lines::side(text, sighting.start)), ..sighting }, clear)
            })
            .collect()
    }

    /// Looks through a text and what is encoded in it.
    fn look(&self, text: &[u8], task: Task<'_>, depth: usize) -> Vec<Seen> {
        let path = task.origin.path;
        let scene = Scene { text, place: Place::of(path), name: path };
        let finds = self.inner.engine.run(&scene);
        let certificates = LazyCell::new(|| Certificates::of(text));
        let mut seen: Vec<Seen> =
            finds.into_iter().filter_map(|find| self.see(text, find, &certificates, task.keep)).collect();
        if depth > 0 {
            let stretches = escaped(text).into_iter().chain(encoded(text));
            let inner: Vec<Seen> = stretches.flat_map(|stretch| self.look_within(&stretch, task, depth - 1)).collect();
            if !inner.is_empty() {
                seen.extend(inner);
                seen = settle(seen, |seen| &seen.find);
            }
        }
        seen
    }

    fn look_within(&self, stretch: &Stretch<'_>, task: Task<'_>, depth: usize) -> Vec<Seen> {
        let seen = self.look(stretch.bytes(), task, depth).into_iter();
        seen.filter(|seen| seen.find.verdict.sureness > Sureness::Low)
            .filter_map(|seen| seen.moved(|span| stretch.raw(span)))
            .collect()
    }

    fn see<F: FnOnce() -> Certificates>(
        &self,
        text: &[u8],
        mut find: Find,
        certificates: &LazyCell<Certificates, F>,
        keep: Keep<'_>,
    ) -> Option<Seen> {
        let secret = text.get(find.span.clone())?;
        let rule = self.inner.engine.rule(find.rule)?;
        if rule.kind == Kind::PrivateKey {
            let own = pfx::thumbprints(secret).or_else(|| certificates.of_key(text, &find.span));
            if let Some(Thumbprints { sha1, sha256 }) = own {
                find.verdict.owner.thumbprint = Some(sha1);
                find.verdict.owner.thumbprint_sha256 = Some(sha256);
            }
        }
        let near = nearby_in(text, &find.span);
        owner::complete(rule, text, &near, &mut find);
        let clear = keep(rule).then(|| ClearText::of(secret));
        Some(Seen { fingerprint: self.inner.key.fingerprint(secret), redacted: redacted(secret), near, find, clear })
    }

    fn sighting(&self, seen: Seen) -> Option<(Sighting, Option<ClearText>)> {
        let Seen { find, fingerprint, redacted, near, clear } = seen;
        let rule = self.inner.engine.rule(find.rule)?;
        let mut owner = find.verdict.owner;
        let (apps, tenants) = (owner.apps.clone(), owner.tenants.clone());
        owner.apps.extend(near.apps.into_iter().filter(|id| !apps.contains(id)));
        owner.tenants.extend(near.tenants.into_iter().filter(|id| !tenants.contains(id)));
        owner.unlabelled = near.unlabelled;
        let sighting = Sighting {
            rule: rule.id.clone(),
            title: rule.title.clone(),
            provider: rule.provider.clone(),
            kind: rule.kind,
            severity: rule.severity,
            start: find.span.start,
            end: find.span.end,
            confidence: find.verdict.sureness,
            reasons: find.verdict.reasons,
            redacted,
            fingerprint,
            owner,
            side: None,
        };
        Some((sighting, clear))
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
            let text = expand(template, seed_of(&rule.id));
            let scene = Scene { text: text.as_bytes(), place: Place::Plain, name: None };
            self.inner.engine.finds(&scene).iter().any(|find| find.rule == index)
        };
        let missed = rule.examples.iter().filter(|example| !is_found(example));
        problems.extend(missed.map(|example| format!("does not find its example {example}")));
        let taken = rule.counterexamples.iter().filter(|example| is_found(example));
        problems.extend(taken.map(|example| format!("finds its counter-example {example}")));
        if rule.provider != gitleaks::PROVIDER && (rule.examples.is_empty() || rule.counterexamples.is_empty()) {
            problems.push("has no example or no counter-example".to_owned());
        }
        problems.into_iter().map(|problem| Complaint { rule: rule.id.clone(), problem }).collect()
    }
}

impl Seen {
    /// The find where its encoded form stands; `None` if nothing of it was encoded.
    fn moved(mut self, place: impl Fn(&Range<usize>) -> Option<Range<usize>>) -> Option<Self> {
        self.find.span = place(&self.find.span)?;
        if !self.find.verdict.reasons.contains(&Reason::Encoded) {
            self.find.verdict.reasons.push(Reason::Encoded);
        }
        Some(self)
    }

    /// The id of the pair whose secret half this is.
    fn pair_id(&self, engine: &Engine) -> Option<CompactString> {
        let rule = engine.rule(self.find.rule)?;
        (rule.id != owner::KEY_ID_RULE).then(|| self.find.verdict.owner.key_id.clone()).flatten()
    }
}

/// What a rule's examples are made up from: its id alone (FNV-1a), so that they stay as they are when rules are added.
fn seed_of(id: &str) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    id.bytes().fold(BASIS, |seed, byte| (seed ^ u64::from(byte)).wrapping_mul(PRIME))
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
