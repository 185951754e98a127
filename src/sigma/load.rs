//! Rules from text: parsed, checked, compiled, or refused with the reason.

use super::builtin::BUILTIN;
use super::correlation::Correlation;
use super::error::{Refusal, RefusalReason};
use super::overrides::Overrides;
use super::record::UNDERSTOOD;
use super::rule::{Origin, Rule, State};
use super::set::RuleSet;
use super::understood::is_field;
use crate::folder;
use compact_str::CompactString;
use rsigma_parser::{ConditionExpr, Detection, FilterRule, Modifier, SigmaCollection, SigmaRule, parse_sigma_yaml};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file of rules as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSource {
    /// Who wrote it.
    pub origin: Origin,
    /// The YAML.
    pub text: String,
}

impl RuleSource {
    pub(super) fn name(&self) -> String {
        match &self.origin {
            Origin::Picket => "rules/sigma".to_owned(),
            Origin::File(path) => path.clone(),
        }
    }
}

/// What came of loading.
#[derive(Debug)]
pub struct Loaded {
    /// The rules.
    pub rules: RuleSet,
    /// What was not loaded, and why.
    pub refused: Vec<Refusal>,
}

/// Reads the rule files of folders and files, in the order of their names; what can't be read is refused.
pub fn read_folders(paths: &[PathBuf]) -> (Vec<RuleSource>, Vec<Refusal>) {
    let (mut sources, mut refused) = (Vec::new(), Vec::new());
    for path in paths {
        for file in folder::files(path) {
            match file {
                Ok(file) if is_rule_file(&file) || file == *path => match std::fs::read_to_string(&file) {
                    Ok(text) => sources.push(RuleSource { origin: Origin::File(file.display().to_string()), text }),
                    Err(error) => refused.push(unreadable(&file, error.to_string())),
                },
                Ok(_) => {}
                Err(error) => refused.push(unreadable(error.path().unwrap_or(path), error.to_string())),
            }
        }
    }
    (sources, refused)
}

fn is_rule_file(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| extension.eq_ignore_ascii_case("yml") || extension.eq_ignore_ascii_case("yaml"))
}

fn unreadable(path: &Path, reason: String) -> Refusal {
    Refusal { file: path.display().to_string(), rule: None, reason: RefusalReason::Unreadable(reason) }
}

/// Picket's own rules as text.
pub(super) fn own() -> impl Iterator<Item = RuleSource> {
    BUILTIN.iter().map(|part| RuleSource { origin: Origin::Picket, text: part.rules.to_owned() })
}

/// Loads rules: Picket's own first, then these, under the operator's overrides.
pub fn load(sources: &[RuleSource], overrides: &Overrides) -> Loaded {
    let own: Vec<RuleSource> = own().collect();
    compile(own.iter().chain(sources), overrides)
}

/// Loads these rules and no others.
pub fn compile<'s>(sources: impl Iterator<Item = &'s RuleSource>, overrides: &Overrides) -> Loaded {
    let mut desk = Desk::new(overrides);
    for source in sources {
        desk.take(source);
    }
    let refused = desk.refused;
    let mut rules: Vec<(Rule, SigmaRule)> = desk.rules.into_values().collect();
    rules.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
    let (mut rules, uncompilable) = RuleSet::compile(rules, &desk.filters);
    let lost = rules.correlate(desk.correlations);
    Loaded { rules, refused: refused.into_iter().chain(uncompilable).chain(lost).collect() }
}

struct Desk<'o> {
    overrides: &'o Overrides,
    rules: BTreeMap<CompactString, (Rule, SigmaRule)>,
    filters: Vec<(String, FilterRule)>,
    correlations: Vec<(String, Correlation)>,
    refused: Vec<Refusal>,
}

impl<'o> Desk<'o> {
    fn new(overrides: &'o Overrides) -> Self {
        let (rules, filters, correlations) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { overrides, rules, filters, correlations, refused: Vec::new() }
    }

    fn take(&mut self, source: &RuleSource) {
        let file = source.name();
        let collection = match parse_sigma_yaml(&source.text) {
            Ok(collection) => collection,
            Err(error) => return self.refuse(&file, None, RefusalReason::Malformed(error.to_string())),
        };
        self.complain(&file, &collection);
        for rule in collection.rules {
            let title = rule.title.clone();
            if let Err(reason) = self.admit(rule, source) {
                self.refuse(&file, Some(title), reason);
            }
        }
        for correlation in collection.correlations {
            match Correlation::new(&correlation, source.origin.clone()) {
                Ok(mut read) => {
                    read.rule.change(self.overrides.of(&read.rule.id));
                    self.correlations.push((file.clone(), read));
                }
                Err(reason) => self.refuse(&file, Some(correlation.title), reason),
            }
        }
        self.filters.extend(collection.filters.into_iter().map(|filter| (file.clone(), filter)));
    }

    /// The parser mixes warnings on a rule with errors that leave none: only a file that gives nothing is refused.
    fn complain(&mut self, file: &str, collection: &SigmaCollection) {
        if collection.is_empty() {
            let reason = collection.errors.first().cloned().unwrap_or_else(|| "it holds no rule".to_owned());
            let reason = if reason.contains("aggregation") || reason.contains('|') {
                RefusalReason::Aggregation
            } else {
                RefusalReason::Malformed(reason)
            };
            self.refuse(file, None, reason);
        }
    }

    fn admit(&mut self, parsed: SigmaRule, source: &RuleSource) -> Result<(), RefusalReason> {
        check(&parsed)?;
        let mut rule = Rule::new(&parsed, source.origin.clone())?;
        if self.rules.contains_key(&rule.id) {
            return Err(RefusalReason::DuplicateId(rule.id));
        }
        rule.change(self.overrides.of(&rule.id));
        self.rules.insert(rule.id.clone(), (rule, parsed));
        Ok(())
    }

    fn refuse(&mut self, file: &str, rule: Option<String>, reason: RefusalReason) {
        self.refused.push(Refusal { file: file.to_owned(), rule, reason });
    }
}

/// Whether Picket can do what a rule asks.
fn check(rule: &SigmaRule) -> Result<(), RefusalReason> {
    if rule.detection.timeframe.is_some() {
        return Err(RefusalReason::Aggregation);
    }
    rule.detection.named.values().try_for_each(check_detection)?;
    let names = rule.detection.conditions.iter().all(is_satisfiable);
    if names { Ok(()) } else { Err(RefusalReason::Malformed("it has no condition".to_owned())) }
}

fn is_satisfiable(condition: &ConditionExpr) -> bool {
    !matches!(condition, ConditionExpr::And(parts) | ConditionExpr::Or(parts) if parts.is_empty())
}

fn check_detection(detection: &Detection) -> Result<(), RefusalReason> {
    match detection {
        Detection::AllOf(items) => items.iter().try_for_each(|item| {
            let name = item.field.name.as_deref().unwrap_or_default();
            if item.field.modifiers.contains(&Modifier::Expand) {
                return Err(RefusalReason::Placeholder(name.into()));
            }
            check_field(name)
        }),
        Detection::AnyOf(parts) | Detection::And(parts) => parts.iter().try_for_each(check_detection),
        Detection::Keywords(_) => Ok(()),
        Detection::ArrayMatch { field, body, .. } => check_field(field).and_then(|()| check_detection(body)),
        Detection::Conditional { named, .. } => named.values().try_for_each(check_detection),
    }
}

fn check_field(name: &str) -> Result<(), RefusalReason> {
    let own = name.strip_prefix(UNDERSTOOD).and_then(|rest| rest.strip_prefix('.'));
    match own {
        Some(own) if !is_field(own) => Err(RefusalReason::UnknownField(own.into())),
        _ => Ok(()),
    }
}

/// Whether a rule reads more of a record than what Picket has understood of it.
pub(super) fn reads_record(rule: &SigmaRule) -> bool {
    rule.detection.named.values().any(detection_reads_record)
}

fn detection_reads_record(detection: &Detection) -> bool {
    let of_record = |name: &str| match name.strip_prefix(UNDERSTOOD) {
        Some(own) => own == ".record" || !own.starts_with('.'),
        None => true,
    };
    match detection {
        Detection::AllOf(items) => items.iter().any(|item| of_record(item.field.name.as_deref().unwrap_or_default())),
        Detection::AnyOf(parts) | Detection::And(parts) => parts.iter().any(detection_reads_record),
        Detection::Keywords(_) => true,
        Detection::ArrayMatch { field, body, .. } => of_record(field) || detection_reads_record(body),
        Detection::Conditional { named, .. } => named.values().any(detection_reads_record),
    }
}

/// A rule that is switched off is loaded and listed, never evaluated.
pub(super) fn is_evaluated(rule: &Rule) -> bool {
    rule.state != State::Off
}
