//! Whether rules do what they say: every rule of Picket's has examples that it must match, and others that it must not.

use super::builtin::BUILTIN;
use super::load::compile;
use super::overrides::Overrides;
use super::{Loaded, Refusal, RuleSet, RuleSource};
use crate::decode::{Context, Limits, Outcome, decode};
use compact_str::CompactString;
use picket_detectors::event::TenantId;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One example of a rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    /// The rule's id.
    rule: CompactString,
    /// Whether it must match.
    matches: bool,
    /// The record.
    record: Box<RawValue>,
}

/// What is wrong with a rule or its examples.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It was not loaded.
    #[error("{0}")]
    Refused(Refusal),
    /// A level that there is not: a rule with it would only be counted.
    #[error("{file}, line {line}: there is no level {level}: informational, low, medium, high or critical")]
    NoSuchLevel {
        /// The file.
        file: String,
        /// Which line.
        line: usize,
        /// What it says.
        level: String,
    },
    /// An example that can't be read.
    #[error("example {number} of {part} can't be read: {reason}")]
    BrokenExample {
        /// Which file.
        part: &'static str,
        /// Which line.
        number: usize,
        /// Why.
        reason: String,
    },
    /// An example for no rule.
    #[error("an example names the rule {0}, but there is none")]
    NoSuchRule(CompactString),
    /// Overrides for no rule.
    #[error("the overrides name the rule {0}, but there is none")]
    NoSuchOverride(CompactString),
    /// It lacks examples or counter-examples.
    #[error("{title} ({rule}) has no example that it must {}match", if *matches { "" } else { "not " })]
    NoExample {
        /// The rule.
        rule: CompactString,
        /// Its title.
        title: CompactString,
        /// Which kind is lacking.
        matches: bool,
    },
    /// It does not do what an example says.
    #[error("{title} ({rule}) {} example {number} of its file", if *expected { "does not match" } else { "matches" })]
    Wrong {
        /// The rule.
        rule: CompactString,
        /// Its title.
        title: CompactString,
        /// Which line.
        number: usize,
        /// What it should do.
        expected: bool,
    },
}

/// What a check found.
#[derive(Debug, Default)]
pub struct Checked {
    /// Rules looked at.
    pub rules: usize,
    /// Examples held against them.
    pub examples: usize,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// Checks Picket's own rules against their examples, and that an operator's rules load.
pub fn check(sources: &[RuleSource], overrides: &Overrides) -> Checked {
    let Loaded { rules, refused } = super::load(sources, overrides);
    let mut checked = Checked { rules: rules.rules().len(), ..Checked::default() };
    checked.faults.extend(refused.into_iter().map(Fault::Refused));
    checked.faults.extend(sources.iter().flat_map(misspelt_levels));
    let known = |id: &&CompactString| rules.rules().iter().chain(rules.correlations()).any(|rule| rule.id == **id);
    checked.faults.extend(overrides.rules().filter(|id| !known(id)).cloned().map(Fault::NoSuchOverride));
    // Examples are of the rules as shipped, whatever an operator makes of them.
    let own: Vec<RuleSource> = super::load::own().collect();
    let own = compile(own.iter(), &Overrides::default()).rules;
    check_examples(&own, &mut checked);
    checked
}

/// Levels that the parser passes over in silence.
fn misspelt_levels(source: &RuleSource) -> impl Iterator<Item = Fault> + '_ {
    const LEVELS: [&str; 5] = ["informational", "low", "medium", "high", "critical"];
    (1..).zip(source.text.lines()).filter_map(|(line, text)| {
        let level = text.strip_prefix("level:")?.split('#').next()?.trim().trim_matches(['"', '\'']);
        (!LEVELS.contains(&level)).then(|| Fault::NoSuchLevel { file: source.name(), line, level: level.to_owned() })
    })
}

fn check_examples(rules: &RuleSet, checked: &mut Checked) {
    let mut seen: BTreeMap<CompactString, [bool; 2]> = BTreeMap::new();
    for part in BUILTIN {
        for (number, line) in (1..).zip(part.examples.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let example: Example = match serde_json::from_str(line) {
                Ok(example) => example,
                Err(error) => {
                    let fault = Fault::BrokenExample { part: part.name, number, reason: error.to_string() };
                    checked.faults.push(fault);
                    continue;
                }
            };
            checked.examples += 1;
            let Some(rule) = rules.rules().iter().find(|rule| rule.id == example.rule) else {
                checked.faults.push(Fault::NoSuchRule(example.rule));
                continue;
            };
            *seen.entry(rule.id.clone()).or_default().get_mut(usize::from(example.matches)).unwrap_or(&mut false) =
                true;
            if matches(rules, &rule.id, example.record.get()) != example.matches {
                let (rule, title) = (rule.id.clone(), rule.title.clone());
                checked.faults.push(Fault::Wrong { rule, title, number, expected: example.matches });
            }
        }
    }
    for rule in rules.rules() {
        for matches in [true, false] {
            let has = seen.get(&rule.id).and_then(|kinds| kinds.get(usize::from(matches)));
            if has != Some(&true) {
                checked.faults.push(Fault::NoExample { rule: rule.id.clone(), title: rule.title.clone(), matches });
            }
        }
    }
}

/// Whether a rule matches any record of a text, decoded as the pipeline does.
fn matches(rules: &RuleSet, rule: &str, record: &str) -> bool {
    test(rules, record.as_bytes()).iter().flat_map(|tested| &tested.rules).any(|matched| matched.id == rule)
}

/// One record with the rules that it matches.
#[derive(Debug)]
pub struct Tested<'s> {
    /// Its place in the value.
    pub index: u32,
    /// What became of it: a category, or why it is none of Picket's business.
    pub what: CompactString,
    /// Whether it could be decoded, or be passed over for a reason.
    pub is_sound: bool,
    /// The rules, sorted by id.
    pub rules: Vec<&'s super::Rule>,
}

/// Holds the records of a value against rules, as the pipeline would; records that Picket passes over are held against
/// what stands on the wire alone.
pub fn test<'s>(rules: &'s RuleSet, value: &[u8]) -> Vec<Tested<'s>> {
    let context = Context { default_tenant: TenantId::UNKNOWN, limits: Limits::default(), scrubber: Arc::default() };
    let mut tested = Vec::new();
    decode(value, &context, &mut |decoded| {
        let text = std::str::from_utf8(decoded.bytes).unwrap_or_default();
        let (what, event) = match &decoded.outcome {
            Outcome::Events(events) => {
                (events.first().map_or("Empty", |event| event.body.category()).into(), events.first())
            }
            Outcome::Ignored(rule) => (rule.clone(), None),
            Outcome::Dead(reason) => (reason.code.as_str().into(), None),
        };
        let is_sound = !matches!(decoded.outcome, Outcome::Dead(_));
        tested.push(Tested { index: decoded.index, what, is_sound, rules: rules.matches(text, event) });
    });
    tested
}
