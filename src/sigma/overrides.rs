//! What an operator changes of rules without editing them: state, weight, exceptions.

use super::rule::State;
use compact_str::CompactString;
use rsigma_eval::{Event as _, EventValue};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Why overrides can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OverridesError {
    /// The file can't be read.
    #[error("the overrides {path} can't be read: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not the expected YAML.
    #[error("the overrides {path} are no list of rules: {reason}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why, with the line.
        reason: String,
    },
    /// A weight outside its range.
    #[error("the overrides give the rule {rule} the weight {weight}, but it must lie between 0 and 0.99")]
    Weight {
        /// The rule.
        rule: CompactString,
        /// The weight.
        weight: f32,
    },
    /// A time that is none.
    #[error("the overrides of the rule {rule} have an exception until {until:?}: write it like 2027-01-31T00:00:00Z")]
    Until {
        /// The rule.
        rule: CompactString,
        /// The text.
        until: String,
    },
}

/// Where a rule's matches do not count.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The field, as in rules.
    field: String,
    /// Its values, compared without regard to case.
    values: Vec<String>,
    /// Until when, by event time.
    #[serde(default)]
    until: Option<String>,
    /// Why, for those who come after.
    #[serde(default)]
    reason: Option<String>,
}

impl Exception {
    /// Whether the record falls under it.
    pub(super) fn covers(
        &self,
        record: &super::record::RecordView<'_>,
        time: picket_detectors::event::EventTime,
    ) -> bool {
        let over = self.until.as_deref().and_then(crate::decode::parse_time).is_some_and(|until| until <= time);
        !over && record.get_field(&self.field).is_some_and(|value| self.is_listed(&value))
    }

    fn is_listed(&self, value: &EventValue<'_>) -> bool {
        match value {
            EventValue::Array(items) => items.iter().any(|item| self.is_listed(item)),
            other => other
                .as_str()
                .is_some_and(|text| self.values.iter().any(|listed| listed.to_lowercase() == text.to_lowercase())),
        }
    }
}

/// What is changed of one rule.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The rule's id.
    pub rule: CompactString,
    /// What becomes of its matches.
    #[serde(default)]
    pub state: Option<State>,
    /// What a match weighs, 0 to 0.99.
    #[serde(default)]
    pub weight: Option<f32>,
    /// Where its matches do not count.
    #[serde(default)]
    pub except: Vec<Exception>,
    /// Why, for those who come after.
    #[serde(default)]
    pub reason: Option<String>,
}

/// All overrides, by rule.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overrides {
    by_rule: BTreeMap<CompactString, Override>,
}

impl Overrides {
    /// Reads a file of overrides.
    ///
    /// # Errors
    /// When it can't be read or holds what can't be used.
    pub fn read(path: &Path) -> Result<Self, OverridesError> {
        let yaml =
            std::fs::read_to_string(path).map_err(|source| OverridesError::File { path: path.to_owned(), source })?;
        let list: Vec<Override> = serde_saphyr::from_str(&yaml)
            .map_err(|error| OverridesError::Malformed { path: path.to_owned(), reason: error.to_string() })?;
        Self::new(list)
    }

    /// Checks overrides; of two for one rule the last counts.
    ///
    /// # Errors
    /// Weights and times that can't be used.
    pub fn new(list: Vec<Override>) -> Result<Self, OverridesError> {
        for one in &list {
            if let Some(weight) = one.weight.filter(|weight| !(0.0..=0.99).contains(weight)) {
                return Err(OverridesError::Weight { rule: one.rule.clone(), weight });
            }
            let times = one.except.iter().filter_map(|exception| exception.until.as_ref());
            if let Some(until) = times.into_iter().find(|until| crate::decode::parse_time(until).is_none()) {
                return Err(OverridesError::Until { rule: one.rule.clone(), until: until.clone() });
            }
        }
        Ok(Self { by_rule: list.into_iter().map(|one| (one.rule.clone(), one)).collect() })
    }

    /// What is changed of a rule.
    pub(super) fn of(&self, rule: &str) -> Option<&Override> {
        self.by_rule.get(rule)
    }

    /// The rules that are named.
    pub fn rules(&self) -> impl Iterator<Item = &CompactString> {
        self.by_rule.keys()
    }
}
