//! Correlation rules: several matches that together say more, counted in the profile of the principal they speak of.
//!
//! The state of a correlation belongs to a principal, whatever it groups by besides: so it is bounded, moves with the
//! principal, and is the same in every replay. What would need more is refused with the reason.

use super::error::RefusalReason;
use super::record::RecordView;
use super::rule::{Origin, Rule, State};
use compact_str::CompactString;
use picket_detectors::event::{CorrelationKind, CorrelationPart, EventTime, hash};
use rsigma_eval::{Event as _, EventValue};
use rsigma_parser::{ConditionOperator, CorrelationCondition, CorrelationRule, CorrelationType, WindowMode};

/// The longest window: what is older is not kept.
const LONGEST: i64 = 7 * EventTime::DAY;

/// One correlation.
#[derive(Debug)]
pub(super) struct Correlation {
    /// What is told when it is whole.
    pub(super) rule: Rule,
    /// The rules it counts, by id, name or title.
    pub(super) of: Vec<CompactString>,
    /// Whether those rules are told by themselves as well.
    pub(super) generate: bool,
    kind: CorrelationKind,
    /// For each rule the fields to group by, aliases followed.
    groups: Vec<Vec<String>>,
    field: Option<String>,
    window: i64,
    least: u32,
}

impl Correlation {
    /// Reads a parsed correlation.
    pub(super) fn new(parsed: &CorrelationRule, origin: Origin) -> Result<Self, RefusalReason> {
        let rule = Rule::of_correlation(parsed, origin)?;
        let kind = kind(parsed.correlation_type)?;
        let refuse = |why| Err(RefusalReason::Correlation(why));
        if parsed.window != WindowMode::Sliding {
            return refuse("only sliding windows are counted");
        }
        let seconds = i64::try_from(parsed.timespan.seconds).unwrap_or(i64::MAX);
        let window = seconds.saturating_mul(EventTime::SECOND);
        if !(1..=LONGEST).contains(&window) {
            return refuse("its timespan is longer than seven days, or none");
        }
        if parsed.rules.is_empty() || parsed.rules.len() > usize::from(u8::MAX) {
            return refuse("it names no rules, or too many");
        }
        let counts = matches!(kind, CorrelationKind::EventCount | CorrelationKind::ValueCount);
        let (least, field) = if counts { threshold(&parsed.condition)? } else { (1, None) };
        if !counts && matches!(parsed.condition, CorrelationCondition::Extended(_)) {
            return refuse("its condition is more than a match of each of its rules");
        }
        if kind == CorrelationKind::ValueCount && field.is_none() {
            return refuse("it counts values of no one field");
        }
        let of: Vec<CompactString> = parsed.rules.iter().map(|name| name.as_str().into()).collect();
        let groups = parsed.rules.iter().map(|rule| fields(parsed, rule)).collect();
        Ok(Self { rule, of, generate: parsed.generate, kind, groups, field, window, least })
    }

    /// The part that a match of its rule number `part` plays in it.
    pub(super) fn part(&self, part: usize, record: &RecordView<'_>) -> Option<CorrelationPart> {
        if self.rule.state != State::On {
            return None;
        }
        let mut group = String::new();
        for field in self.groups.get(part)? {
            group.push_str(&text(record.get_field(field).as_ref()));
            group.push('\u{1f}');
        }
        let value = match &self.field {
            // What lacks the field has no value to count.
            Some(field) => hash(&text(Some(&record.get_field(field)?))),
            None => 0,
        };
        Some(CorrelationPart {
            whole: self.rule.matched(),
            kind: self.kind,
            part: u8::try_from(part).ok()?,
            parts: u8::try_from(self.of.len()).ok()?,
            group: hash(&group),
            value,
            window: self.window,
            least: self.least,
        })
    }
}

fn kind(kind: CorrelationType) -> Result<CorrelationKind, RefusalReason> {
    match kind {
        CorrelationType::EventCount => Ok(CorrelationKind::EventCount),
        CorrelationType::ValueCount => Ok(CorrelationKind::ValueCount),
        CorrelationType::Temporal => Ok(CorrelationKind::Temporal),
        CorrelationType::TemporalOrdered => Ok(CorrelationKind::TemporalOrdered),
        _ => Err(RefusalReason::Correlation("sums, averages and percentiles are not kept")),
    }
}

/// How many it asks for, and of which field's values.
fn threshold(condition: &CorrelationCondition) -> Result<(u32, Option<String>), RefusalReason> {
    let refuse = |why| Err(RefusalReason::Correlation(why));
    let CorrelationCondition::Threshold { predicates, field, .. } = condition else {
        return refuse("its condition is no number");
    };
    let least = match predicates.as_slice() {
        [(ConditionOperator::Gte, least)] => *least,
        [(ConditionOperator::Gt, more)] => more.saturating_add(1),
        _ => return refuse("only `gte` and `gt` can be told when they happen"),
    };
    let least = u32::try_from(least).ok().filter(|least| (1..=CorrelationPart::MOST).contains(least));
    let Some(least) = least else { return refuse("it asks for none, or for more than 256") };
    let field = match field.as_deref() {
        Some([field]) => Some(field.clone()),
        None | Some([]) => None,
        Some(_) => return refuse("it counts values of more than one field"),
    };
    Ok((least, field))
}

/// The fields to group by in the records of one rule.
fn fields(parsed: &CorrelationRule, rule: &str) -> Vec<String> {
    let aliased = |name: &String| {
        let alias = parsed.aliases.iter().find(|alias| alias.alias == *name);
        alias.and_then(|alias| alias.mapping.get(rule)).unwrap_or(name).clone()
    };
    parsed.group_by.iter().map(aliased).collect()
}

fn text(value: Option<&EventValue<'_>>) -> String {
    match value {
        None => String::new(),
        Some(EventValue::Array(items)) => items.iter().map(|item| text(Some(item))).collect::<Vec<_>>().join("\u{1e}"),
        Some(value) => value.as_str().map(|text| text.to_lowercase()).unwrap_or_default(),
    }
}
