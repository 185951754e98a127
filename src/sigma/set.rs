//! A set of rules, compiled: the one place that calls the evaluator.

use super::error::{Refusal, RefusalReason};
use super::load::is_evaluated;
use super::record::RecordView;
use super::rule::{Origin, Rule, State};
use picket_detectors::event::{Event, Signal};
use rsigma_eval::{CompiledRule, Engine};
use rsigma_parser::{FilterRule, SigmaRule};
use std::sync::atomic::Ordering;

/// Rules that records are held against.
pub struct RuleSet {
    engine: Engine,
    rules: Vec<Rule>,
}

impl std::fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RuleSet").field("rules", &self.rules.len()).finish_non_exhaustive()
    }
}

impl RuleSet {
    /// Compiles rules and the filters that narrow them.
    pub(super) fn compile(rules: Vec<(Rule, SigmaRule)>, filters: &[(String, FilterRule)]) -> (Self, Vec<Refusal>) {
        let mut refused = Vec::new();
        // Filters name rules by id and title, so they are applied before ids are replaced by places.
        let mut named = Engine::new();
        let mut kept: Vec<Rule> = Vec::with_capacity(rules.len());
        for (rule, parsed) in rules {
            match named.add_rule(&parsed) {
                Ok(()) => kept.push(rule),
                Err(error) => refused.push(refusal(&rule, error.to_string())),
            }
        }
        for (file, filter) in filters {
            if let Err(error) = named.apply_filter(filter) {
                let reason = RefusalReason::Uncompilable(error.to_string());
                refused.push(Refusal { file: file.clone(), rule: Some(filter.title.clone()), reason });
            }
        }
        let mut engine = Engine::new();
        let placed = named.rules().iter().zip(&kept).enumerate().filter(|(_, (_, rule))| is_evaluated(rule));
        engine.extend_compiled_rules(placed.map(|(place, (compiled, _))| CompiledRule {
            id: Some(place.to_string()),
            include_event: false,
            custom_attributes: Default::default(),
            tags: Vec::new(),
            ..compiled.clone()
        }));
        (Self { engine, rules: kept }, refused)
    }

    /// All rules, sorted by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules that match a record, sorted by id; those in shadow too, exceptions heeded.
    pub fn matches<'s>(&'s self, record: &str, event: Option<&Event>) -> Vec<&'s Rule> {
        let view = RecordView::new(record, event);
        let time = event.map(|event| event.time).unwrap_or_default();
        let found = self.engine.evaluate(&view);
        let place = |id: Option<&String>| id.and_then(|id| id.parse::<usize>().ok());
        let rules = found.iter().filter_map(|result| self.rules.get(place(result.header.rule_id.as_ref())?));
        rules.filter(|rule| !rule.exceptions.iter().any(|exception| exception.covers(&view, time))).collect()
    }

    /// Puts onto the event what matches its record.
    pub(super) fn mark(&self, record: &[u8], event: &mut Event) {
        let Ok(text) = std::str::from_utf8(record) else { return };
        for rule in self.matches(text, Some(event)) {
            rule.matched.fetch_add(1, Ordering::Relaxed);
            if rule.state == State::On {
                event.signals.push(Signal::Rule(Box::new(rule.matched())));
            }
        }
    }
}

fn refusal(rule: &Rule, reason: String) -> Refusal {
    let file = match &rule.origin {
        Origin::Picket => "rules/sigma".to_owned(),
        Origin::File(path) => path.clone(),
    };
    Refusal { file, rule: Some(rule.title.to_string()), reason: RefusalReason::Uncompilable(reason) }
}
