//! What a detector finds: detections to be, and changes of what stands.

use super::scene::Occasion;
use super::{Mode, Scene};
use crate::event::{EventTime, Id, KeyId, Place};
use crate::profile::{Oddity, Property};
use crate::risk::Fact;
use crate::tenant::DoubtKind;
use compact_str::CompactString;

/// A risk detection to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The detector's `riskEventType`.
    pub risk_event_type: &'static str,
    /// What it is counted under.
    pub cause: CompactString,
    /// What its id is derived from, with tenant, principal and detector; sorted.
    pub identity: Vec<Id>,
    /// 0 to 1.
    pub weight: f64,
    /// Hours in which the weight fades by half; `None` while its ground stands.
    pub half_life_hours: Option<u32>,
    /// The credential whose removal remediates it.
    pub ground: Option<KeyId>,
    /// When its ground ends by itself.
    pub ends: Option<EventTime>,
    /// The credentials involved.
    pub keys: Vec<KeyId>,
    /// `signin` or `servicePrincipal`.
    pub activity: &'static str,
    /// The sign-in's id.
    pub request: Option<Id>,
    /// The correlation id.
    pub correlation: Option<Id>,
    /// Where from.
    pub place: Place,
    /// The evidence, in any order.
    pub facts: Vec<Fact>,
    /// The evidence's sum, where it is a likelihood ratio.
    pub total_bits: Option<f64>,
    /// Days of activity it rests on.
    pub active_days: Option<f64>,
    /// Two sentences a person understands.
    pub explanation: String,
}

impl Finding {
    /// A finding about the principal itself that stands until it is taken back; say what is different.
    pub(super) fn new(risk_event_type: &'static str, cause: CompactString, weight: f64) -> Self {
        Self {
            risk_event_type,
            cause,
            identity: Vec::new(),
            weight,
            half_life_hours: None,
            ground: None,
            ends: None,
            keys: Vec::new(),
            activity: "servicePrincipal",
            request: None,
            correlation: None,
            place: Place::default(),
            facts: Vec::new(),
            total_bits: None,
            active_days: None,
            explanation: String::new(),
        }
    }

    /// The Sigma rule that it is by.
    pub(crate) fn rule(&self) -> Option<&str> {
        self.facts.iter().find(|fact| fact.kind == "ruleId").map(|fact| fact.observed.as_str())
    }

    /// A finding about what has just happened: where, in which sign-in or act.
    pub(super) fn here(scene: &Scene<'_>, risk_event_type: &'static str, cause: CompactString, weight: f64) -> Self {
        let Occasion { activity, request, correlation, place } = scene.occasion();
        Self { activity, request, correlation, place, ..Self::new(risk_event_type, cause, weight) }
    }
}

/// A change of what stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// More of a cause that is told already, of this weight.
    Renew(CompactString, f64),
    /// A cause, and all that begin with it, have lost their ground.
    Remediate(CompactString),
    /// A credential is gone: what hangs on it has lost its ground.
    RemediateKey(KeyId),
    /// A value is not to be learned as normal, for the episode of that cause.
    Quarantine(Property, u32, CompactString),
    /// An oddity is to be weighed with others of its day.
    Note(Oddity),
    /// The tenant is to know that something was doubtful.
    Doubt(DoubtKind),
}

/// What the detectors found in one observation.
#[derive(Debug, Default)]
pub struct Findings {
    /// Detections to be.
    pub found: Vec<Finding>,
    /// Changes of what stands.
    pub asks: Vec<Ask>,
    /// What detectors in shadow found.
    pub shadowed: Vec<Finding>,
}

impl Findings {
    /// Takes in what a detector found that is not on. What it takes back is taken back all the same: it may have been on.
    pub(crate) fn take_apart(&mut self, apart: Self, mode: Mode) {
        let takes_back = |ask: &Ask| matches!(ask, Ask::Remediate(_) | Ask::RemediateKey(_));
        self.asks.extend(apart.asks.into_iter().filter(takes_back));
        if mode == Mode::Shadow {
            self.shadowed.extend(apart.found);
        }
    }

    /// Whether the observation was quiet.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty() && self.asks.is_empty() && self.shadowed.is_empty()
    }
}

/// A fact with its bits rounded to tenths.
pub(super) fn fact(kind: &str, observed: impl Into<CompactString>, usual: impl Into<CompactString>, bits: f64) -> Fact {
    Fact {
        kind: kind.into(),
        observed: observed.into(),
        usual: usual.into(),
        bits: (bits * 10.0).round() as f32 / 10.0,
    }
}
