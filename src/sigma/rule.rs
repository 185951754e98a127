//! What Picket keeps of a rule besides its compiled form.

use super::error::RefusalReason;
use super::overrides::{Exception, Override};
use compact_str::{CompactString, format_compact};
use picket_detectors::event::{About, Maturity, NAMESPACE, RuleLevel, RuleMatch};
use rsigma_parser::{CorrelationRule, Level, SigmaRule, Status};
use serde::{Deserialize, Serialize};
use std::sync::atomic::AtomicU64;
use uuid::Uuid;

/// What becomes of a rule's matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// They are judged.
    #[default]
    On,
    /// They are counted, never judged.
    Shadow,
    /// The rule is not evaluated.
    Off,
}

impl State {
    /// The word in lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Shadow => "shadow",
            Self::Off => "off",
        }
    }
}

/// Who wrote a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// It is compiled in.
    Picket,
    /// It stands in this file of the operator's.
    File(String),
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Its id; derived from its title where it has none.
    pub id: CompactString,
    /// Its title.
    pub title: CompactString,
    /// What correlations may call it besides.
    pub(super) name: CompactString,
    /// How grave its author holds a match.
    pub level: RuleLevel,
    /// Whether it has proved itself.
    pub maturity: Maturity,
    /// Whom a match speaks of.
    pub about: About,
    /// MITRE ATT&CK techniques.
    pub attack: Vec<CompactString>,
    /// Who wrote it.
    pub origin: Origin,
    /// What becomes of its matches.
    pub state: State,
    /// The operator's own weight.
    pub weight: Option<f32>,
    /// Where its matches do not count.
    pub(super) exceptions: Vec<Exception>,
    /// How often it has matched since it was loaded, exceptions not counted.
    pub matched: AtomicU64,
}

impl Rule {
    /// Reads what Picket needs of a parsed rule.
    pub(super) fn new(rule: &SigmaRule, origin: Origin) -> Result<Self, RefusalReason> {
        let attributes = rule.custom_attributes.get("picket");
        let about =
            attributes.map_or(Ok(About::default()), |own| about(own.get("about").and_then(|about| about.as_str())))?;
        let name = rule.name.as_deref().unwrap_or_default().into();
        Ok(Self { name, ..Self::of((&rule.id, &rule.title), (rule.level, rule.status), &rule.tags, origin, about) })
    }

    /// The same of a correlation.
    pub(super) fn of_correlation(rule: &CorrelationRule, origin: Origin) -> Result<Self, RefusalReason> {
        let attributes = rule.custom_attributes.get("picket");
        let about =
            attributes.map_or(Ok(About::default()), |own| about(own.get("about").and_then(|about| about.as_str())))?;
        Ok(Self::of((&rule.id, &rule.title), (rule.level, rule.status), &rule.tags, origin, about))
    }

    fn of(
        (id, title): (&Option<String>, &str),
        (grade, status): (Option<Level>, Option<Status>),
        tags: &[String],
        origin: Origin,
        about: About,
    ) -> Self {
        Self {
            id: id_of(id.as_deref(), title),
            title: title.into(),
            name: CompactString::default(),
            level: grade.map_or(RuleLevel::Informational, level),
            maturity: match status {
                Some(Status::Stable | Status::Test) => Maturity::Proven,
                Some(Status::Experimental | Status::Deprecated | Status::Unsupported) | None => Maturity::Unproven,
            },
            about,
            attack: tags.iter().filter_map(|tag| technique(tag)).collect(),
            origin,
            state: State::On,
            weight: None,
            exceptions: Vec::new(),
            matched: AtomicU64::new(0),
        }
    }

    /// Whether a correlation means this rule.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.id == name || self.title == name || (!self.name.is_empty() && self.name == name)
    }

    /// Takes over what the operator has changed.
    pub(super) fn change(&mut self, change: Option<&Override>) {
        let Some(change) = change else { return };
        self.state = change.state.unwrap_or(self.state);
        self.weight = change.weight;
        self.exceptions.clone_from(&change.except);
    }

    /// Whether a match can raise a risk: informational ones only count, unless the operator gives them a weight.
    pub(super) fn can_weigh(&self) -> bool {
        self.weight.is_some() || self.level != RuleLevel::Informational
    }

    /// The signal that a match leaves on an event.
    pub(super) fn matched(&self) -> RuleMatch {
        RuleMatch {
            rule: self.id.clone(),
            title: self.title.clone(),
            level: self.level,
            maturity: self.maturity,
            weight: self.weight,
            about: self.about,
            attack: self.attack.clone(),
        }
    }
}

fn id_of(id: Option<&str>, title: &str) -> CompactString {
    match id {
        Some(id) => id.into(),
        None => format_compact!("{}", Uuid::new_v5(&NAMESPACE, title.as_bytes())),
    }
}

fn level(level: Level) -> RuleLevel {
    match level {
        Level::Informational => RuleLevel::Informational,
        Level::Low => RuleLevel::Low,
        Level::Medium => RuleLevel::Medium,
        Level::High => RuleLevel::High,
        Level::Critical => RuleLevel::Critical,
    }
}

/// `attack.t1098.003` is the technique T1098.003; tactics are no techniques.
fn technique(tag: &str) -> Option<CompactString> {
    let name = tag.strip_prefix("attack.")?;
    let number = name.strip_prefix(['t', 'T'])?;
    let is_technique = number.starts_with(|first: char| first.is_ascii_digit());
    is_technique.then(|| format_compact!("T{number}"))
}

/// Whom a match speaks of: the rule's own `picket: { about: actor }`, if it has any.
fn about(own: Option<&str>) -> Result<About, RefusalReason> {
    match own {
        Some("target") => Ok(About::Target),
        Some("actor") => Ok(About::Actor),
        Some(_) | None => Err(RefusalReason::BadAttribute),
    }
}
