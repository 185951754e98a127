//! A set of rules, compiled: the one place that calls the evaluator.

use super::error::{Refusal, RefusalReason};
use super::load::is_evaluated;
use super::record::RecordView;
use super::rule::{Origin, Rule, State};
use crate::decode::Mark;
use picket_detectors::event::{Body, Event, Signal};
use rsigma_eval::{CompiledRule, Engine};
use rsigma_parser::{FilterRule, SigmaRule};
use std::sync::atomic::Ordering;

/// Rules that records are held against.
pub struct RuleSet {
    /// All that are evaluated: for records of which nothing was understood.
    engine: Engine,
    /// Those that can speak of an event, by the log it stands in.
    by_log: [Engine; Log::ALL.len()],
    rules: Vec<Rule>,
}

/// The logs that events stand in, as the services of log sources name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Log {
    SignIns,
    Changes,
    Calls,
}

impl Log {
    const ALL: [Self; 3] = [Self::SignIns, Self::Changes, Self::Calls];

    /// The only log that rules of a service speak of; `None` where they may speak of any.
    fn of_service(service: &str) -> Option<Self> {
        match service.to_ascii_lowercase().as_str() {
            "signinlogs" => Some(Self::SignIns),
            "auditlogs" => Some(Self::Changes),
            "graphactivitylogs" | "microsoftgraphactivitylogs" | "activitylogs" | "azureactivity" => Some(Self::Calls),
            _ => None,
        }
    }

    fn of_event(event: &Event) -> Option<Self> {
        match &event.body {
            Body::SignIn(_) => Some(Self::SignIns),
            Body::DirectoryChange(_) => Some(Self::Changes),
            Body::ApiActivity(_) => Some(Self::Calls),
            _ => None,
        }
    }

    /// Whether a rule may speak of this log.
    fn is_of(self, rule: &CompiledRule) -> bool {
        rule.logsource.service.as_deref().and_then(Self::of_service).is_none_or(|log| log == self)
    }
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
        let placed: Vec<CompiledRule> = named
            .rules()
            .iter()
            .zip(&kept)
            .enumerate()
            .filter(|(_, (_, rule))| is_evaluated(rule))
            .map(|(place, (compiled, _))| placed(place, compiled))
            .collect();
        let engine_of = |is_in: &dyn Fn(&CompiledRule) -> bool| {
            let mut engine = Engine::new();
            engine.extend_compiled_rules(placed.iter().filter(|rule| is_in(rule)).cloned());
            engine
        };
        let by_log = Log::ALL.map(|log| engine_of(&|rule| log.is_of(rule)));
        (Self { engine: engine_of(&|_| true), by_log, rules: kept }, refused)
    }

    /// All rules, sorted by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules that match a record, sorted by id; those in shadow too, exceptions heeded.
    pub fn matches<'s>(&'s self, record: &str, event: Option<&Event>) -> Vec<&'s Rule> {
        let view = RecordView::new(record, event);
        let time = event.map(|event| event.time).unwrap_or_default();
        let log = event.and_then(Log::of_event);
        let engine = log.and_then(|log| self.by_log.get(log as usize)).unwrap_or(&self.engine);
        let found = engine.evaluate(&view);
        let place = |id: Option<&String>| id.and_then(|id| id.parse::<usize>().ok());
        let rules = found.iter().filter_map(|result| self.rules.get(place(result.header.rule_id.as_ref())?));
        rules.filter(|rule| !rule.exceptions.iter().any(|exception| exception.covers(&view, time))).collect()
    }
}

impl Mark for RuleSet {
    /// Puts onto the event what matches its record.
    fn mark(&self, record: &[u8], event: &mut Event) {
        let Ok(text) = std::str::from_utf8(record) else { return };
        for rule in self.matches(text, Some(event)) {
            rule.matched.fetch_add(1, Ordering::Relaxed);
            if rule.state == State::On && rule.can_weigh() {
                event.signals.push(Signal::Rule(Box::new(rule.matched())));
            }
        }
    }
}

/// A compiled rule that is named by its place, without what results would only copy.
fn placed(place: usize, compiled: &CompiledRule) -> CompiledRule {
    CompiledRule {
        id: Some(place.to_string()),
        include_event: false,
        custom_attributes: Default::default(),
        tags: Vec::new(),
        description: None,
        falsepositives: Vec::new(),
        ..compiled.clone()
    }
}

fn refusal(rule: &Rule, reason: String) -> Refusal {
    let file = match &rule.origin {
        Origin::Picket => "rules/sigma".to_owned(),
        Origin::File(path) => path.clone(),
    };
    Refusal { file, rule: Some(rule.title.to_string()), reason: RefusalReason::Uncompilable(reason) }
}
