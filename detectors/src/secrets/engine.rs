//! All rules, ready to run over a text: literals lead to matchers, matchers give candidates, checks judge them.

use super::candidate::{Candidate, Scene};
use super::check::{Check, Verdict};
use super::foreign::Foreign;
use super::named::{self, ByName};
use super::path::PathFacts;
use super::pattern::{self, Pattern};
use super::prefilter::{Case, Literal, Prefilter};
use super::rule::file::{Builtin, Spec};
use super::rule::{Kind, Rule, RuleError};
use super::sighting::{Reason, Sureness};
use super::strength::{Strength, hides_nothing, strength};
use super::{aws, connection, curl, entra, entropy, gcp, generic, gram, jwt, names, password, pfx, private_key, url};
use std::collections::BTreeMap;
use std::ops::Range;

/// The least entropy of a secret whose rule names none.
const LEAST_BITS: f64 = 2.3;

/// How much more than the text's length all rules together may look at. Only hostile text needs as much.
const WINDOW_BUDGET: usize = 64;

/// How much a look around a name counts.
const LOOK: usize = 512;

/// A rule and how it matches.
#[derive(Debug)]
struct Armed {
    rule: Rule,
    matcher: Matcher,
    checks: Vec<Check>,
    entropy: f64,
    /// Long runs of one character are no sign of a stand-in.
    repeats: bool,
    /// Surer rules choose first.
    rank: u8,
}

#[derive(Debug)]
enum Matcher {
    Pattern { pattern: Pattern, open: bool },
    Named(ByName),
    Builtin(Builtin),
    Foreign(Box<Foreign>),
}

/// A secret found, before it is dressed as a sighting.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Find {
    /// Where it stands.
    pub(super) span: Range<usize>,
    /// Which rule found it.
    pub(super) rule: usize,
    /// How sure, why, whose.
    pub(super) verdict: Verdict,
    pub(super) rank: u8,
}

/// All rules, ready to run.
#[derive(Debug)]
pub(super) struct Engine {
    rules: Vec<Armed>,
    prefilter: Prefilter,
    /// The rules of each literal.
    routes: Vec<Vec<u16>>,
    /// Rules without any literal.
    always: Vec<u16>,
}

impl Engine {
    /// Arms rules; each comes with the name of its file.
    pub(super) fn new(specs: Vec<(&str, Spec)>) -> Result<Self, RuleError> {
        let mut rules = Vec::with_capacity(specs.len());
        let mut literals: BTreeMap<Literal, Vec<u16>> = BTreeMap::new();
        let mut always = Vec::new();
        for (file, spec) in specs {
            let index = rules.len() as u16;
            let own = literals_of(&spec);
            if own.is_empty() {
                always.push(index);
            }
            for literal in own {
                literals.entry(literal).or_default().push(index);
            }
            rules.push(arm(file, &spec)?);
        }
        let (literals, routes): (Vec<Literal>, Vec<Vec<u16>>) = literals.into_iter().unzip();
        Ok(Self { rules, prefilter: Prefilter::new(literals), routes, always })
    }

    /// The rules, in the order of their files.
    pub(super) fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|armed| &armed.rule)
    }

    /// One rule.
    pub(super) fn rule(&self, index: usize) -> Option<&Rule> {
        self.rules.get(index).map(|armed| &armed.rule)
    }

    /// What is wrong with a rule's pattern, if anything.
    pub(super) fn compile(&self, index: usize) -> Result<(), regex::Error> {
        match self.rules.get(index).map(|armed| &armed.matcher) {
            Some(Matcher::Pattern { pattern, .. } | Matcher::Named(ByName { value: pattern, .. })) => {
                pattern.compile().map(drop)
            }
            Some(Matcher::Builtin(_) | Matcher::Foreign(_)) | None => Ok(()),
        }
    }

    /// The secrets in a text, by where they begin; none overlaps another.
    pub(super) fn run(&self, scene: &Scene<'_>) -> Vec<Find> {
        settle(self.finds(scene), |find| find)
    }

    /// What each rule finds in a text, overlaps and all.
    pub(super) fn finds(&self, scene: &Scene<'_>) -> Vec<Find> {
        let mut run = Run {
            engine: self,
            scene,
            finds: Vec::new(),
            examined: Vec::new(),
            budget: scene.text.len().saturating_mul(WINDOW_BUDGET).saturating_add(1 << 20),
        };
        for &index in &self.always {
            run.look_with(usize::from(index), &(0..0));
        }
        self.prefilter.search(scene.text, |literal, range| run.look(literal, &range));
        run.finds
    }
}

/// One run over one text.
struct Run<'e> {
    engine: &'e Engine,
    scene: &'e Scene<'e>,
    finds: Vec<Find>,
    /// Up to where the windows of a rule have looked.
    examined: Vec<usize>,
    budget: usize,
}

impl Run<'_> {
    fn look(&mut self, literal: usize, range: &Range<usize>) {
        for &index in self.engine.routes.get(literal).map(Vec::as_slice).unwrap_or_default() {
            self.look_with(usize::from(index), range);
        }
    }

    fn look_with(&mut self, index: usize, range: &Range<usize>) {
        let Some(armed) = self.engine.rules.get(index) else { return };
        match &armed.matcher {
            Matcher::Pattern { pattern, open } => self.look_for_pattern(index, armed, pattern, *open, range),
            Matcher::Named(_) | Matcher::Builtin(_) if !self.affords(LOOK) => {}
            Matcher::Named(rule) => {
                let candidate = named::recognise(self.scene, range, rule);
                self.judge(index, armed, candidate);
            }
            Matcher::Builtin(builtin) => {
                let candidate = builtin_candidate(*builtin, self.scene, range);
                self.judge(index, armed, candidate);
            }
            Matcher::Foreign(foreign) => self.look_everywhere(index, armed, foreign),
        }
    }

    /// Rules of others look through the whole text, once.
    fn look_everywhere(&mut self, index: usize, armed: &Armed, foreign: &Foreign) {
        if self.seen_until(index) == 0 {
            self.see_until(index, usize::MAX);
            foreign.find(self.scene.text, self.scene.name, |span| {
                self.judge(index, armed, Some(Candidate::new(span, Reason::DistinctiveForm)));
            });
        }
    }

    fn seen_until(&self, index: usize) -> usize {
        self.examined.get(index).copied().unwrap_or_default()
    }

    fn see_until(&mut self, index: usize, end: usize) {
        if self.examined.is_empty() {
            self.examined = vec![0; self.engine.rules.len()];
        }
        if let Some(seen) = self.examined.get_mut(index) {
            *seen = end;
        }
    }

    /// Takes what a look costs from the budget, if there is as much.
    fn affords(&mut self, cost: usize) -> bool {
        let left = self.budget.checked_sub(cost);
        self.budget = left.unwrap_or(self.budget);
        left.is_some()
    }

    fn look_for_pattern(&mut self, index: usize, armed: &Armed, pattern: &Pattern, open: bool, range: &Range<usize>) {
        let text = self.scene.text;
        let cost = if pattern.begins_with_keyword { pattern.longest } else { pattern.longest * 2 };
        if !self.affords(cost) {
            return;
        }
        if pattern.begins_with_keyword {
            if let Some(found) = pattern.at(text, range.start, open) {
                let candidate =
                    Candidate { owner: found.owner, ..Candidate::new(found.secret, Reason::DistinctiveForm) };
                self.judge(index, armed, Some(candidate));
            }
            return;
        }
        if range.end <= self.seen_until(index) {
            return;
        }
        let Some(window) = pattern.window(text, range) else { return };
        let mut candidates = Vec::new();
        pattern.within(text, window, open, |found| {
            if found.whole.start <= range.start && range.end <= found.whole.end {
                candidates
                    .push(Candidate { owner: found.owner, ..Candidate::new(found.secret, Reason::DistinctiveForm) });
            }
        });
        for candidate in candidates {
            self.see_until(index, candidate.span.end);
            self.judge(index, armed, Some(candidate));
        }
    }

    fn judge(&mut self, index: usize, armed: &Armed, candidate: Option<Candidate>) {
        let Some(candidate) = candidate else { return };
        let Some(secret) = self.scene.text.get(candidate.span.clone()) else { return };
        let is_by_name = matches!(armed.matcher, Matcher::Named(_) | Matcher::Builtin(_));
        if password::is_published(secret) || (is_by_name && hides_nothing(secret)) {
            return;
        }
        let is_form = matches!(armed.matcher, Matcher::Pattern { .. } | Matcher::Named(_));
        if is_form
            && (entropy::bits_per_char(body(secret)) < armed.entropy
                || (!armed.repeats && entropy::is_stand_in(body(secret))))
        {
            return;
        }
        let mut verdict = Verdict {
            sureness: candidate.sureness.unwrap_or(armed.rule.confidence),
            reasons: vec![candidate.reason],
            owner: candidate.owner,
        };
        for check in &armed.checks {
            if check.apply(secret, &mut verdict).is_none() {
                return;
            }
        }
        let is_counting = entropy::counting_share(body(secret)) > 0.5 || entropy::is_mostly_counting(body(secret));
        if is_counting && !verdict.is_proven() {
            verdict.sureness = Sureness::Low;
            verdict.reasons.push(Reason::ExampleText);
        }
        if !weigh_place(self.scene, armed, secret, &mut verdict) {
            return;
        }
        let rank = armed.rank + if verdict.is_proven() { 10 } else { 0 };
        self.finds.push(Find { span: candidate.span, rule: index, verdict, rank });
    }
}

/// Weighs the path; `false` if nothing is left to report.
fn weigh_place(scene: &Scene<'_>, armed: &Armed, secret: &[u8], verdict: &mut Verdict) -> bool {
    if verdict.is_proven() {
        return true;
    }
    let path = PathFacts::of(scene.name);
    let is_generic = matches!(armed.matcher, Matcher::Builtin(Builtin::AssignedSecret | Builtin::AssignedPassword));
    if is_generic && path.is_prose && verdict.sureness == Sureness::Low {
        return false;
    }
    // A token of random looks may be made for an example.
    let is_token = armed.checks.contains(&Check::Jwt);
    let is_drawn = strength(secret) == Some(Strength::Strong) && !is_token;
    let is_example = path.is_test || (path.is_documentation && !is_drawn);
    if is_example {
        verdict.doubt(Reason::TestPath);
        // Keys among tests are real keys, made for the tests.
        if armed.rule.kind == Kind::PrivateKey {
            verdict.sureness = Sureness::Low;
        }
    }
    let is_of_others = path.is_vendored || (path.is_bundle && is_generic);
    if is_of_others {
        verdict.doubt(Reason::VendoredPath);
    }
    !(is_generic && verdict.sureness == Sureness::Low && (is_example || is_of_others))
}

/// The secret without the prefix that all of its kind have: up to the last joint in its first sixteen characters.
pub(super) fn body(secret: &[u8]) -> &[u8] {
    const LONGEST_PREFIX: usize = 16;
    let prefix =
        secret.iter().take(LONGEST_PREFIX.min(secret.len() / 2)).rposition(|c| matches!(c, b'_' | b'-' | b'.'));
    prefix.and_then(|joint| secret.get(joint + 1..)).unwrap_or(secret)
}

fn builtin_candidate(builtin: Builtin, scene: &Scene<'_>, literal: &Range<usize>) -> Option<Candidate> {
    let text = scene.text;
    match builtin {
        Builtin::EntraMarked => {
            let marker = literal.start + 1..literal.end;
            let found = entra::proven(text, marker.clone()).or_else(|| entra::marked(text, marker))?;
            Some(Candidate::new(found, Reason::DistinctiveForm))
        }
        Builtin::ClientSecret => Some(Candidate::new(entra::named(text, literal.clone())?, Reason::Named)),
        Builtin::PrivateKey => private_key::recognise(scene, literal),
        Builtin::UrlPassword => url::recognise(scene, literal),
        Builtin::AssignedSecret => generic::secret(scene, literal),
        Builtin::AssignedPassword => generic::secret_word(scene, literal),
        Builtin::AwsSecret => aws::recognise(scene, literal),
        Builtin::CurlUser => curl::recognise(scene, literal),
        Builtin::Pfx => pfx::recognise(scene, literal),
        Builtin::ServiceAccount => gcp::recognise(scene, literal),
        Builtin::ConnectionPassword => connection::recognise(scene, literal),
        Builtin::Jwt => jwt::recognise(scene, literal),
    }
}

fn arm(file: &str, spec: &Spec) -> Result<Armed, RuleError> {
    let bad = |reason: &str| pattern::error(file, &spec.id, reason);
    let read = |source: &str, keywords: &[String]| {
        Pattern::new(source, keywords, spec.any_case).map_err(|reason| bad(&reason))
    };
    if let (Some(source), Some(conditions)) = (&spec.pattern, &spec.conditions) {
        let foreign = Foreign::new(source, spec.entropy.unwrap_or_default(), conditions);
        let foreign = foreign.map_err(|error| bad(&error.to_string()))?;
        return Ok(armed(spec, Matcher::Foreign(Box::new(foreign)), 4));
    }
    let (matcher, rank) = match (&spec.pattern, &spec.value, spec.builtin) {
        (Some(source), None, None) if !spec.keywords.is_empty() => {
            // A form that anybody's token may have knows less than a name.
            let is_public = spec.checks.contains(&Check::Public);
            let rank = match (spec.confidence == Some(Sureness::Low), is_public) {
                (true, false) => 1,
                // What says that all may have it knows more than what says whose it is.
                (true, true) => 5,
                (false, _) => 4,
            };
            (Matcher::Pattern { pattern: read(source, &spec.keywords)?, open: spec.open }, rank)
        }
        (None, Some(source), None) if !spec.names.is_empty() => {
            (Matcher::Named(ByName { value: read(source, &[])?, bare: spec.bare, public: spec.public.clone() }), 3)
        }
        (None, None, Some(builtin)) => (Matcher::Builtin(builtin), rank(builtin)),
        _ => return Err(bad("give `keywords` and `pattern`, or `names` and `value`, or `builtin`")),
    };
    Ok(armed(spec, matcher, rank))
}

fn armed(spec: &Spec, matcher: Matcher, rank: u8) -> Armed {
    Armed {
        rule: spec.described(),
        matcher,
        checks: spec.checks.clone(),
        entropy: spec.entropy.unwrap_or(LEAST_BITS),
        repeats: spec.repeats,
        rank,
    }
}

const fn rank(builtin: Builtin) -> u8 {
    match builtin {
        Builtin::ServiceAccount => 7,
        Builtin::PrivateKey | Builtin::Pfx => 6,
        Builtin::EntraMarked | Builtin::AwsSecret => 5,
        Builtin::Jwt | Builtin::ConnectionPassword => 4,
        Builtin::UrlPassword => 3,
        Builtin::ClientSecret | Builtin::CurlUser => 2,
        Builtin::AssignedSecret | Builtin::AssignedPassword => 1,
    }
}

fn literals_of(spec: &Spec) -> Vec<Literal> {
    let exact = |text: &str| Literal { text: text.as_bytes().to_vec(), case: Case::Exact };
    let ignored = |text: &str| Literal { text: text.as_bytes().to_vec(), case: Case::Ignored };
    // A keyword too short to look for does not narrow anything: such rules always look.
    if spec.keywords.iter().any(|keyword| keyword.len() < gram::SHORTEST) {
        return Vec::new();
    }
    let keywords = spec.keywords.iter().map(|keyword| if spec.any_case { ignored(keyword) } else { exact(keyword) });
    let names = spec.names.iter().map(|name| ignored(name));
    let mut literals: Vec<Literal> = keywords.chain(names).collect();
    match spec.builtin {
        Some(Builtin::EntraMarked) => literals.extend((0..10).map(|digit| exact(&format!("{digit}Q~")))),
        Some(Builtin::ClientSecret) => literals.extend(entra::NAMES.iter().map(|name| exact(name))),
        Some(Builtin::PrivateKey) => literals.push(exact("-----BEGIN ")),
        Some(Builtin::UrlPassword) => literals.push(exact("://")),
        Some(Builtin::AssignedSecret) => {
            literals.extend(names::SECRET_NAMES.iter().chain(names::WEAK_NAMES).map(|name| ignored(name)));
        }
        Some(Builtin::AssignedPassword) => literals.extend(names::PASSWORD_NAMES.iter().map(|name| ignored(name))),
        Some(Builtin::AwsSecret) => literals.extend(["AKIA", "ASIA"].map(exact)),
        Some(Builtin::ConnectionPassword) => literals.extend(["password=", "pwd=", "password =", "pwd ="].map(ignored)),
        Some(Builtin::Jwt) => literals.push(exact(".ey")),
        Some(Builtin::ServiceAccount) => literals.push(exact("service_account")),
        Some(Builtin::CurlUser) => literals.push(ignored("curl")),
        Some(Builtin::Pfx) => {
            literals.extend(pfx::LITERALS.map(|text| Literal { text: text.to_vec(), case: Case::Exact }));
        }
        None => {}
    }
    literals
}

/// Keeps of overlapping finds the best: the surest kind of rule, then the surest, then the longest.
pub(super) fn settle<T>(mut finds: Vec<T>, find: impl Fn(&T) -> &Find) -> Vec<T> {
    finds.sort_by(|a, b| {
        let (a, b) = (find(a), find(b));
        let key = |find: &Find| (find.rank, find.verdict.sureness, find.span.len());
        key(b).cmp(&key(a)).then(a.span.start.cmp(&b.span.start)).then(a.rule.cmp(&b.rule))
    });
    let mut kept: BTreeMap<usize, T> = BTreeMap::new();
    for item in finds {
        let span = find(&item).span.clone();
        let overlaps = kept.range(..span.end).next_back().is_some_and(|(_, other)| find(other).span.end > span.start);
        if !overlaps {
            kept.insert(span.start, item);
        }
    }
    kept.into_values().collect()
}
