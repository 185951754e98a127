//! What a person changes in the directory: whoever is changed learns how usual the place is for that person, and how much
//! Microsoft holds the person at risk, then or later.

use crate::detect::ALLOWED_DISORDER;
use crate::event::{Body, DirectoryChange, Event, EventTime, KnownPerson, Operation, UserRiskGrade};
use crate::observation::{Observation, Onward, Role};
use crate::profile::{Habits, Property, prefix_value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A change by which somebody could stay, kept for what may yet be said of the person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Change {
    event: Arc<Event>,
    onward: Onward,
    ingested: EventTime,
}

/// A person's changes.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Administrator {
    /// By days with changes.
    places: Habits,
    /// Newest last.
    changes: Vec<Change>,
}

impl Administrator {
    /// The oldest is given up first.
    const CHANGES: usize = 16;
    /// Microsoft's word on a person comes within hours, or after an investigation of days.
    const AGE: i64 = 14 * EventTime::DAY;

    /// Passes a change on to whom it was done to, with what is known of the person; and learns of it.
    pub(super) fn pass_on(
        &mut self,
        change: &DirectoryChange,
        observation: &Observation,
        risk: Option<UserRiskGrade>,
    ) -> Option<Observation> {
        let Role::Person(onward) = &observation.role else { return None };
        let known = KnownPerson { risk, ..self.known(change, observation) };
        let event = Arc::new(with(&observation.event, change, known));
        self.learn(change, observation);
        let change = Change { event, onward: Onward::clone(onward), ingested: observation.ingested };
        let passed = change.addressed(observation);
        self.keep(change);
        Some(passed)
    }

    /// The person is held at risk since a time: whoever was changed since learns of it, unless it was told as much.
    pub(super) fn tell(&mut self, grade: UserRiskGrade, since: EventTime, by: &Observation) -> Vec<Observation> {
        let mut told = Vec::new();
        for change in self.changes.iter_mut().filter(|change| change.event.time >= since) {
            let Body::DirectoryChange(body) = &change.event.body else { continue };
            let known = body.actor.known.as_deref().copied().unwrap_or_default();
            if known.risk < Some(grade) {
                change.event = Arc::new(with(&change.event, body, KnownPerson { risk: Some(grade), ..known }));
                told.push(Observation { ingested: change.ingested.max(by.ingested), ..change.addressed(by) });
            }
        }
        told
    }

    /// What is known of the place by the days before.
    fn known(&self, change: &DirectoryChange, observation: &Observation) -> KnownPerson {
        let Some(prefix) = prefix_value(&change.actor.place) else { return KnownPerson::default() };
        let cutoff = observation.time().plus(-ALLOWED_DISORDER).day();
        let standing = self.places.standing(Property::AdministratorPrefix, prefix, cutoff);
        KnownPerson {
            risk: None,
            days: standing.active_days,
            days_here: standing.value_days,
            days_from_new: standing.new_days,
        }
    }

    fn learn(&mut self, change: &DirectoryChange, observation: &Observation) {
        if let Some(prefix) = prefix_value(&change.actor.place).filter(|_| change.succeeded) {
            let day = observation.time().day();
            self.places.be_active(day);
            self.places.learn(Property::AdministratorPrefix, prefix, day);
        }
    }

    fn keep(&mut self, change: Change) {
        let newest = change.ingested;
        self.changes.retain(|kept| newest.since(kept.ingested) < Self::AGE);
        let is_same = |kept: &Change| kept.event.id == change.event.id && kept.onward.entity == change.onward.entity;
        if !change.lets_somebody_stay() || self.changes.iter().any(is_same) {
            return;
        }
        if self.changes.len() >= Self::CHANGES {
            self.changes.remove(0);
        }
        self.changes.push(change);
    }

    pub(super) fn memory(&self) -> usize {
        self.changes.len() * 1_024 + self.places.memory()
    }
}

impl Change {
    /// Whether it brings a credential or a right.
    fn lets_somebody_stay(&self) -> bool {
        const GIVES: [Operation; 4] =
            [Operation::AppRoleGranted, Operation::Consent, Operation::RoleGranted, Operation::OwnerAdded];
        let Body::DirectoryChange(change) = &self.event.body else { return false };
        change.succeeded && (!change.credentials.added.is_empty() || GIVES.contains(&change.operation))
    }

    fn addressed(&self, by: &Observation) -> Observation {
        Observation {
            entity: self.onward.entity,
            id: self.onward.id.clone(),
            tenant: by.tenant.clone(),
            role: self.onward.role.clone(),
            ingested: self.ingested,
            event: Arc::clone(&self.event),
        }
    }
}

/// The event, with what is known of the person who made the change.
fn with(event: &Event, change: &DirectoryChange, known: KnownPerson) -> Event {
    let mut change = change.clone();
    change.actor.known = Some(Box::new(known));
    Event { body: Body::DirectoryChange(Box::new(change)), ..event.clone() }
}
