//! What a detector sees: the observation, the profile before it, the numbers.

use crate::engine::Engine;
use crate::event::{Body, Day, DirectoryChange, EventTime, Id, Place, SignIn};
use crate::expectations::Suspicion;
use crate::observation::{Observation, Role};
use crate::profile::{Profile, SignInValues};
use crate::risk::{Entry, Fate};
use crate::tenant::{Peers, Snapshot};

/// How late records may come without being late: Entra delivers its categories minutes apart.
pub const ALLOWED_DISORDER: i64 = 10 * EventTime::MINUTE;

/// One observation before the profile it goes to.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// Numbers and lists.
    pub engine: &'a Engine,
    /// What happened.
    pub observation: &'a Observation,
    /// What is known of the principal.
    pub profile: &'a Profile,
    /// What the tenant's principals share.
    pub peers: &'a Snapshot,
    /// When it happened, clamped to ingest time.
    pub time: EventTime,
    /// The newest event time of the principal, this event included: when all evidence was there.
    pub now: EventTime,
    /// Habits are judged by the days before this one: whatever the arrival order within the allowed disorder, those
    /// days are complete.
    pub cutoff: Day,
    /// Later than memory reaches: judged by what needs no order, not learned from.
    pub late: bool,
    /// The values of a sign-in.
    pub values: Option<SignInValues>,
}

/// How a detection names what happened, in Graph's members.
#[derive(Debug, Clone)]
pub(super) struct Occasion {
    /// `signin` or `servicePrincipal`.
    pub(super) activity: &'static str,
    /// The sign-in's id.
    pub(super) request: Option<Id>,
    /// The correlation id.
    pub(super) correlation: Option<Id>,
    /// Where from.
    pub(super) place: Place,
}

impl<'a> Scene<'a> {
    /// Prepares the scene of an observation.
    pub fn new(
        engine: &'a Engine,
        observation: &'a Observation,
        profile: &'a Profile,
        peers: &'a Peers,
        late: bool,
    ) -> Self {
        let time = observation.time();
        let values = match &observation.event.body {
            Body::SignIn(sign_in) => Some(SignInValues::of(sign_in, time, &engine.reference)),
            _ => None,
        };
        Self {
            engine,
            observation,
            profile,
            peers: peers.at(time),
            time,
            now: time.max(profile.head.newest),
            cutoff: time.plus(-ALLOWED_DISORDER).day(),
            late,
            values,
        }
    }

    /// The sign-in, with its values, if the observation is one.
    pub fn sign_in(&self) -> Option<(&'a SignIn, SignInValues)> {
        match (&self.observation.event.body, self.values) {
            (Body::SignIn(sign_in), Some(values)) => Some((sign_in, values)),
            _ => None,
        }
    }

    /// The weight that a cause was told with, not faded: within its day, the same said again is no news. A cause that was
    /// remediated may be told again by what is younger.
    pub fn told_weight(&self, cause: &str) -> Option<f64> {
        let (entry, _) = self.profile.findings.ledger.find(cause, self.now)?;
        match entry.fate {
            Fate::Stands => self.told(entry, entry.weight),
            Fate::Remediated | Fate::Waived => self.standing_weight(cause),
        }
    }

    /// What was told while a change was expected is told: to what was seen then for good, to all else until the window
    /// closes.
    fn told(&self, entry: &Entry, weight: f64) -> Option<f64> {
        let expected = || self.is_expected(&entry.risk_event_type);
        let still = entry.held > 0.0 && (self.profile.findings.quarantine.holds_for(&entry.cause) || expected());
        let told = if still { weight.max(entry.held) } else { weight };
        (entry.weight > 0.0 || told > 0.0).then_some(told)
    }

    /// Whether a finding of this type that the observation leads to is held.
    pub(crate) fn is_expected(&self, kind: &str) -> bool {
        self.profile.expected(&self.engine.expected, &Suspicion::of(kind, self.observation)).is_some()
    }

    /// What novelty of what is asked for or done says: little, where somebody has just given it permissions.
    pub(super) fn unless_granted(&self, bits: f64) -> f64 {
        let numbers = &self.engine.scoring.habits;
        let recent = |granted: EventTime| self.time.since(granted) <= numbers.granted_days * EventTime::DAY;
        if self.profile.head.granted.is_some_and(recent) { bits.min(numbers.granted.bits()) } else { bits }
    }

    /// What was done to the principal or its application, if the observation is such a change.
    pub(crate) fn done_to_it(&self) -> Option<&'a DirectoryChange> {
        match (&self.observation.event.body, &self.observation.role) {
            (Body::DirectoryChange(change), Role::Target | Role::OfApplication) => Some(change),
            _ => None,
        }
    }

    /// What happened, as a detection names it.
    pub(super) fn occasion(&self) -> Occasion {
        let event = &self.observation.event;
        let (request, correlation, place) = match &event.body {
            Body::SignIn(sign_in) => (Some(event.id.0.clone()), sign_in.correlation.clone(), sign_in.place.clone()),
            Body::DirectoryChange(change) => (None, change.correlation.clone(), change.actor.place.clone()),
            Body::ApiActivity(call) => (None, None, call.place.clone()),
            Body::RepositoryAct(act) => (None, None, act.place.clone()),
            Body::OfficeAct(act) => (None, None, act.place.clone()),
            _ => (None, None, Place::default()),
        };
        let activity = if request.is_some() { "signin" } else { "servicePrincipal" };
        Occasion { activity, request, correlation, place }
    }

    /// The weight that stands under a cause now, faded as it has. A waived cause is told for good; a remediated one only
    /// to what is no younger.
    pub fn standing_weight(&self, cause: &str) -> Option<f64> {
        let (entry, weight) = self.profile.findings.ledger.find(cause, self.now)?;
        match entry.fate {
            Fate::Stands => self.told(entry, weight),
            Fate::Remediated => (self.time <= entry.since).then_some(1.0),
            Fate::Waived => Some(1.0),
        }
    }
}
