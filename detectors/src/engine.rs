//! The fold: one observation into one entity's state, giving what follows from it.

use crate::detect::Modes;
use crate::expectations::Expectations;
use crate::observation::Observation;
use crate::reference::Reference;
use crate::risk::{Detection, Incident, RiskState, Transition};
use crate::scoring::Scoring;
use crate::state::EntityState;
use crate::tenant::Peers;

/// What one observation led to.
#[derive(Debug, Default)]
pub struct Verdict {
    /// New risk detections, in the order of the registry.
    pub detections: Vec<Detection>,
    /// Changes of the risk state, in order of time.
    pub transitions: Vec<Transition>,
    /// The risk state after it, if it changed.
    pub risk_state: Option<RiskState>,
    /// The incident that it belongs to, where that is news.
    pub incident: Option<Incident>,
    /// What is passed on: by directory entities to others, by principals to their tenant.
    pub derived: Vec<Observation>,
    /// What detectors in shadow would have told, by `riskEventType`.
    pub shadowed: Vec<&'static str>,
    /// What became of the observation.
    pub fate: Fate,
}

/// What became of an observation, for the counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Fate {
    /// Judged and learned from.
    #[default]
    Folded,
    /// Seen before.
    Duplicate,
    /// Later than the allowed disorder: judged by what needs no order, not learned from.
    Late,
}

/// Everything a fold needs besides state: numbers and lists, the same for every entity.
#[derive(Debug, Clone)]
pub struct Engine {
    /// Weights, half-lives, levels.
    pub scoring: Scoring,
    /// Privileges, hosting networks, well-known applications.
    pub reference: Reference,
    /// Whether what a detector finds counts.
    pub modes: Modes,
    /// Changes that the configuration expects.
    pub expected: Expectations,
    /// How many alerts the operator is ready to look at, by 1,000 principals and day.
    pub alerts_per_1000_principals_day: f64,
}

impl Engine {
    /// The numbers and lists that Picket ships, with every detector on.
    pub fn builtin() -> Self {
        let scoring = Scoring::builtin();
        Self {
            alerts_per_1000_principals_day: scoring.alerts.per_1000_principals_day,
            scoring,
            reference: Reference::builtin(),
            modes: Modes::default(),
            expected: Expectations::default(),
        }
    }

    /// Judges the observation by the state as it stands, beside what the tenant's principals share, then learns from it.
    pub fn fold(&self, state: &mut EntityState, peers: &Peers, observation: &Observation) -> Verdict {
        match state {
            EntityState::Principal(profile) => crate::fold::principal(self, profile, peers, observation),
            EntityState::Directory(entity) => entity.fold(observation),
        }
    }
}
