//! What was found in a record without any state: rules that match it, indicators that it shows.
//!
//! Found where the record is decoded, because only there its bytes stand; the signals travel with the event, so that the
//! fold judges them wherever it runs.

use super::EventTime;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// One thing found in a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Signal {
    /// A rule matches.
    Rule(Box<RuleMatch>),
    /// A rule matches that a correlation counts.
    Part(Box<CorrelationPart>),
    /// An indicator of compromise is seen.
    Indicator(Box<IndicatorMatch>),
}

/// How grave the author of a rule holds its match, in Sigma's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleLevel {
    /// Worth counting, never a detection.
    #[default]
    Informational,
    /// Worth knowing beside other evidence.
    Low,
    /// Worth a look.
    Medium,
    /// Worth a look today.
    High,
    /// Act now.
    Critical,
}

impl RuleLevel {
    /// All levels, mildest first.
    pub const ALL: [Self; 5] = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Sigma's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Whether a rule has proved itself, by its author's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Maturity {
    /// Sigma's `stable` and `test`.
    Proven,
    /// `experimental`, `deprecated`, `unsupported`, or not said.
    #[default]
    Unproven,
}

/// Whom a match speaks of, where the event has an actor and a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// Whom it was done to; who did it, if nobody is named.
    #[default]
    Target,
    /// Who did it; whom it was done to, if a person did it.
    Actor,
}

/// A rule that matches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleMatch {
    /// The rule's id.
    pub rule: CompactString,
    /// Its title.
    pub title: CompactString,
    /// How grave.
    pub level: RuleLevel,
    /// Whether it has proved itself.
    pub maturity: Maturity,
    /// The operator's own weight for it, 0 to 1.
    pub weight: Option<f32>,
    /// Whom it speaks of.
    pub about: About,
    /// MITRE ATT&CK techniques.
    pub attack: Vec<CompactString>,
}

/// What a correlation asks of the matches in its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CorrelationKind {
    /// So many matches.
    EventCount,
    /// Matches with so many different values of a field.
    ValueCount,
    /// A match of each of its rules.
    Temporal,
    /// The same, in the order of its rules.
    TemporalOrdered,
}

/// A match that a correlation counts, with all that the fold needs to know of the correlation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CorrelationPart {
    /// What is told when the correlation is whole.
    pub whole: RuleMatch,
    /// What it asks for.
    pub kind: CorrelationKind,
    /// Which of its rules matched, from 0.
    pub part: u8,
    /// How many rules it has.
    pub parts: u8,
    /// Hash of the values that it groups by; the principal is always one of them.
    pub group: u32,
    /// Hash of the value that it counts.
    pub value: u32,
    /// How long its window is, in microseconds.
    pub window: i64,
    /// How many it asks for.
    pub least: u32,
}

impl CorrelationPart {
    /// The most matches that a correlation may ask for: a profile keeps no more.
    pub const MOST: u32 = 256;
}

/// What an indicator is an indicator of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IndicatorKind {
    /// An address or a network.
    Network,
    /// An autonomous system.
    Asn,
    /// An application.
    App,
    /// A domain.
    Domain,
}

impl IndicatorKind {
    /// The word in evidence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Asn => "autonomousSystem",
            Self::App => "application",
            Self::Domain => "domain",
        }
    }
}

/// An indicator that was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndicatorMatch {
    /// What it is.
    pub kind: IndicatorKind,
    /// What was seen.
    pub observed: CompactString,
    /// The indicator as its source has it: the network around the address, the domain above the host.
    pub indicator: CompactString,
    /// The list it stands on.
    pub source: CompactString,
    /// How sure the source is, 0 to 100.
    pub confidence: u8,
    /// What the source says of it.
    pub label: Option<CompactString>,
    /// Until when it is good.
    pub until: Option<EventTime>,
}
