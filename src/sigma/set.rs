//! A set of rules, compiled: the one place that calls the evaluator.

use super::correlation::Correlation;
use super::error::{Refusal, RefusalReason};
use super::load::{is_evaluated, reads_record};
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
    all: Group,
    /// Those that can speak of an event, by the log it stands in.
    by_log: [Group; Log::ALL.len()],
    rules: Vec<Rule>,
    correlations: Vec<Correlation>,
    /// For each rule the correlations that count it, and as which of their rules.
    counted_by: Vec<Vec<(usize, usize)>>,
    /// Whether a rule is told by itself.
    told: Vec<bool>,
}

/// Rules that are evaluated together.
struct Group {
    engine: Engine,
    /// Whether any of them reads more of a record than what Picket has understood of it.
    reads_record: bool,
}

/// A rule on its way into groups.
struct Placed {
    compiled: CompiledRule,
    own: bool,
    reads_record: bool,
}

impl Placed {
    /// Whether it may speak of a log. Others list audit activities under `activitylogs`; Picket's own rules do not.
    fn is_of(&self, log: Log) -> bool {
        let logsource = &self.compiled.logsource;
        if let Some(logs) = logsource.product.as_deref().and_then(Log::of_product) {
            return logs.contains(&log);
        }
        let named = match logsource.service.as_deref() {
            Some("activitylogs") if self.own => Some(Log::Calls),
            service => service.and_then(Log::of_service),
        };
        named.is_none_or(|named| named == log)
    }
}

impl Group {
    fn of<'p>(rules: impl Iterator<Item = &'p Placed>) -> Self {
        let (mut engine, mut reads_record) = (Engine::new(), false);
        engine.extend_compiled_rules(rules.map(|rule| {
            reads_record |= rule.reads_record;
            rule.compiled.clone()
        }));
        Self { engine, reads_record }
    }
}

/// The logs that events stand in, as the services of log sources name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Log {
    SignIns,
    Changes,
    Calls,
    Repositories,
    Office,
}

impl Log {
    const ALL: [Self; 5] = [Self::SignIns, Self::Changes, Self::Calls, Self::Repositories, Self::Office];

    /// The logs that rules for another product than Azure speak of. Exchange tells in its own what it lets applications do,
    /// which becomes a change like those of Entra.
    fn of_product(product: &str) -> Option<&'static [Self]> {
        match product.to_ascii_lowercase().as_str() {
            "github" => Some(&[Self::Repositories]),
            "m365" => Some(&[Self::Office, Self::Changes]),
            _ => None,
        }
    }

    /// The only log that rules of a service speak of; `None` where they may speak of any: some list audit activities under
    /// `activitylogs`.
    fn of_service(service: &str) -> Option<Self> {
        match service.to_ascii_lowercase().as_str() {
            "signinlogs" => Some(Self::SignIns),
            "auditlogs" => Some(Self::Changes),
            "graphactivitylogs" | "microsoftgraphactivitylogs" | "azureactivity" => Some(Self::Calls),
            _ => None,
        }
    }

    fn of_event(event: &Event) -> Option<Self> {
        match &event.body {
            Body::SignIn(_) => Some(Self::SignIns),
            Body::DirectoryChange(_) => Some(Self::Changes),
            Body::ApiActivity(_) => Some(Self::Calls),
            Body::RepositoryAct(_) => Some(Self::Repositories),
            Body::OfficeAct(_) => Some(Self::Office),
            _ => None,
        }
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
        let (mut kept, mut reading): (Vec<Rule>, Vec<bool>) = (Vec::new(), Vec::new());
        for (rule, parsed) in rules {
            match named.add_rule(&parsed) {
                Ok(()) => {
                    reading.push(!rule.exceptions.is_empty() || !filters.is_empty() || reads_record(&parsed));
                    kept.push(rule);
                }
                Err(error) => refused.push(refusal(&rule, error.to_string())),
            }
        }
        for (file, filter) in filters {
            if let Err(error) = named.apply_filter(filter) {
                let reason = RefusalReason::Uncompilable(error.to_string());
                refused.push(Refusal { file: file.clone(), rule: Some(filter.title.clone()), reason });
            }
        }
        let rules = named.rules().iter().zip(kept.iter().zip(reading)).enumerate();
        let placed: Vec<Placed> = rules
            .filter(|(_, (_, (rule, _)))| is_evaluated(rule))
            .map(|(place, (compiled, (rule, reads_record)))| Placed {
                compiled: placed(place, compiled),
                own: rule.origin == Origin::Picket,
                reads_record,
            })
            .collect();
        let by_log = Log::ALL.map(|log| Group::of(placed.iter().filter(|rule| rule.is_of(log))));
        let (counted_by, told) = (vec![Vec::new(); kept.len()], vec![true; kept.len()]);
        (
            Self { all: Group::of(placed.iter()), by_log, rules: kept, correlations: Vec::new(), counted_by, told },
            refused,
        )
    }

    /// Takes correlations in. An operator's rules that a correlation counts are told by themselves only if it says so.
    pub(super) fn correlate(&mut self, correlations: Vec<(String, Correlation)>) -> Vec<Refusal> {
        let mut refused = Vec::new();
        for (file, correlation) in correlations {
            let places: Option<Vec<usize>> = correlation
                .of
                .iter()
                .map(|name| self.rules.iter().position(|rule| rule.is_called(name) && is_evaluated(rule)))
                .collect();
            let known = self.correlations.iter().map(|one| &one.rule).chain(&self.rules);
            let twin = known.into_iter().any(|rule| rule.id == correlation.rule.id);
            let (Some(places), false) = (places, twin) else {
                let reason = if twin {
                    RefusalReason::DuplicateId(correlation.rule.id.clone())
                } else {
                    RefusalReason::Correlation("it names a rule that is not in use")
                };
                refused.push(Refusal { file, rule: Some(correlation.rule.title.to_string()), reason });
                continue;
            };
            let number = self.correlations.len();
            for (part, place) in places.into_iter().enumerate() {
                let own = self.rules.get(place).is_some_and(|rule| rule.origin == Origin::Picket);
                if let (Some(counted_by), Some(told)) = (self.counted_by.get_mut(place), self.told.get_mut(place)) {
                    counted_by.push((number, part));
                    *told &= own || correlation.generate;
                }
            }
            self.correlations.push(correlation);
        }
        refused
    }

    /// The rules that count others, in the order of their files.
    pub fn correlations(&self) -> impl Iterator<Item = &Rule> {
        self.correlations.iter().map(|correlation| &correlation.rule)
    }

    /// All rules, sorted by id.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules that match a record, sorted by id; those in shadow too, exceptions heeded.
    pub fn matches<'s>(&'s self, record: &str, event: Option<&Event>) -> Vec<&'s Rule> {
        let group = self.group(event);
        self.places(group, &RecordView::new(record, event), event).into_iter().map(|(_, rule)| rule).collect()
    }

    /// The rules that may speak of an event.
    fn group(&self, event: Option<&Event>) -> &Group {
        let log = event.and_then(Log::of_event);
        log.and_then(|log| self.by_log.get(log as usize)).unwrap_or(&self.all)
    }

    fn places<'s>(&'s self, group: &Group, record: &RecordView<'_>, event: Option<&Event>) -> Vec<(usize, &'s Rule)> {
        let time = event.map(|event| event.time).unwrap_or_default();
        let found = group.engine.evaluate(record);
        let place = |id: Option<&String>| id.and_then(|id| id.parse::<usize>().ok());
        let places = found.iter().filter_map(|result| place(result.header.rule_id.as_ref()));
        let rules = places.filter_map(|place| Some((place, self.rules.get(place)?)));
        rules.filter(|(_, rule)| !rule.exceptions.iter().any(|exception| exception.covers(record, time))).collect()
    }
}

impl Mark for RuleSet {
    /// Puts onto the event what matches its record.
    fn mark(&self, record: &[u8], event: &mut Event) {
        let group = self.group(Some(event));
        // What nobody reads is not looked at.
        let text = if group.reads_record { std::str::from_utf8(record) } else { Ok("") };
        let Ok(text) = text else { return };
        let view = RecordView::new(text, Some(event));
        let mut signals = Vec::new();
        for (place, rule) in self.places(group, &view, Some(event)) {
            rule.matched.fetch_add(1, Ordering::Relaxed);
            if rule.state != State::On {
                continue;
            }
            if self.told.get(place) == Some(&true) && rule.can_weigh() {
                signals.push(Signal::Rule(Box::new(rule.matched())));
            }
            for (number, part) in self.counted_by.get(place).into_iter().flatten() {
                let part = self.correlations.get(*number).and_then(|correlation| correlation.part(*part, &view));
                signals.extend(part.map(|part| Signal::Part(Box::new(part))));
            }
        }
        drop(view);
        event.signals.extend(signals);
    }
}

/// A compiled rule that is named by its place, without what results would only copy.
fn placed(place: usize, compiled: &CompiledRule) -> CompiledRule {
    CompiledRule {
        id: Some(place.to_string()),
        include_event: false,
        custom_attributes: std::sync::Arc::default(),
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
