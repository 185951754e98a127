//! Users at risk and the agents that sign in for them, whichever record comes first.

use crate::support::*;
use picket_detectors::engine::Engine;
use picket_detectors::event::*;
use picket_detectors::observation::{EntityKey, Observation, Role};
use picket_detectors::risk::{Detection, RiskLevel, RiskState};
use picket_detectors::state::{EntityState, Section, StateError};
use picket_detectors::tenant::Peers;
use std::collections::BTreeMap;
use std::sync::Arc;

const USER: &str = "f0000000-0000-4000-8000-000000000007";

fn user() -> ObjectId {
    ObjectId::parse(USER).expect("an id")
}

fn to_user(event: &Arc<Event>) -> Observation {
    Observation {
        entity: EntityKey::user(&tenant(), &user()),
        id: user().0,
        tenant: tenant(),
        role: Role::Subject,
        ingested: event.time,
        event: Arc::clone(event),
    }
}

/// The agent signs in for the user: one observation to the agent, one to the user.
fn acts(time: EventTime) -> Vec<Observation> {
    acts_with(time, 0)
}

fn acts_with(time: EventTime, error: u32) -> Vec<Observation> {
    let to_agent = sign_in(time, |one| {
        one.kind = PrincipalKind::Agent;
        one.user = Some(user());
        one.error = error;
    });
    let to_user = to_user(&to_agent.event);
    vec![to_agent, to_user]
}

/// Microsoft's word on one detection, or on the user as a whole.
fn word(said: EventTime, detection: Option<&str>, grade: Option<UserRiskGrade>, since: EventTime) -> Vec<Observation> {
    let risk = UserRisk {
        user: user(),
        name: Some("someone@example.org".into()),
        detection: detection.and_then(Id::parse),
        risk_event_type: detection.map(|_| "passwordSpray".into()),
        grade,
        since,
    };
    let id = format!("word {said} {detection:?}");
    vec![to_user(&Arc::new(event(&id, said, Body::UserRisk(Box::new(risk)))))]
}

fn high(said: EventTime) -> Vec<Observation> {
    word(said, Some("r1"), Some(UserRiskGrade::High), at(0, 8, 0))
}

#[derive(Default)]
struct Run {
    stored: BTreeMap<(EntityKey, Section), Vec<u8>>,
    detections: Vec<Detection>,
    last: Option<RiskState>,
}

impl Run {
    fn of(groups: &[Vec<Observation>]) -> Self {
        let engine = Engine::builtin();
        let mut run = Self::default();
        for observation in groups.iter().flatten() {
            for derived in run.fold(&engine, observation) {
                run.fold(&engine, &derived);
            }
        }
        run
    }

    fn fold(&mut self, engine: &Engine, observation: &Observation) -> Vec<Observation> {
        let key = observation.entity;
        let read = |section| Ok::<_, StateError>(self.stored.get(&(key, section)).cloned());
        let mut state = EntityState::load(key, read).expect("stored state loads");
        let verdict = engine.fold(&mut state, &Peers::default(), observation);
        for (section, bytes) in state.take_changes() {
            match bytes {
                Some(bytes) => drop(self.stored.insert((key, section), bytes)),
                None => drop(self.stored.remove(&(key, section))),
            }
        }
        self.detections.extend(verdict.detections);
        self.last = verdict.risk_state.or(self.last.take());
        verdict.derived
    }

    fn told(&self) -> Vec<(uuid::Uuid, RiskLevel)> {
        self.detections.iter().map(|one| (one.id, one.level)).collect()
    }

    fn level(&self) -> RiskLevel {
        self.last.as_ref().map_or(RiskLevel::None, |state| state.level)
    }
}

#[test]
fn an_agent_that_acts_for_a_user_at_risk_is_found_whichever_is_told_first() {
    let risk_first = Run::of(&[high(at(0, 8, 30)), acts(at(0, 9, 0))]);
    assert_eq!(risk_first.detections.iter().map(|one| one.risk_event_type).collect::<Vec<_>>(), ["riskyUserSignIn"]);
    assert_eq!(risk_first.level(), RiskLevel::Medium);
    let sign_in_first = Run::of(&[acts(at(0, 9, 0)), high(at(0, 9, 5))]);
    assert_eq!(sign_in_first.told(), risk_first.told());
    assert_eq!(sign_in_first.detections[0].activity_time, at(0, 9, 0));
}

#[test]
fn one_story_is_told_once_and_again_when_it_is_graver() {
    let again = Run::of(&[high(at(0, 8, 30)), acts(at(0, 9, 0)), acts(at(0, 15, 0)), acts(at(3, 9, 0))]);
    assert_eq!(again.detections.len(), 1);
    let confirmed = word(at(0, 16, 0), None, Some(UserRiskGrade::Confirmed), at(0, 16, 0));
    let graver = Run::of(&[high(at(0, 8, 30)), acts(at(0, 9, 0)), acts(at(0, 15, 0)), confirmed]);
    assert_eq!(graver.detections.len(), 2, "the agent has acted for somebody who is now known to be taken over");
    assert_ne!(graver.detections[0].id, graver.detections[1].id);
}

#[test]
fn nothing_is_said_of_sign_ins_before_the_risk_or_that_failed() {
    assert!(Run::of(&[acts(at(0, 7, 0)), high(at(0, 8, 30))]).detections.is_empty());
    assert!(Run::of(&[high(at(0, 8, 30)), acts_with(at(0, 9, 0), 53_003)]).detections.is_empty());
}

#[test]
fn a_cleared_user_clears_the_agent_and_new_risk_is_a_new_story() {
    let safe = |detection| word(at(1, 0, 0), detection, None, at(1, 0, 0));
    for clear in [safe(Some("r1")), safe(None)] {
        let run = Run::of(&[high(at(0, 8, 30)), acts(at(0, 9, 0)), clear.clone(), acts(at(1, 9, 0))]);
        assert_eq!((run.detections.len(), run.level()), (1, RiskLevel::None));
        let anew = word(at(2, 8, 0), Some("r2"), Some(UserRiskGrade::High), at(2, 8, 0));
        let run = Run::of(&[high(at(0, 8, 30)), acts(at(0, 9, 0)), clear, anew, acts(at(2, 9, 0))]);
        assert_eq!((run.detections.len(), run.level()), (2, RiskLevel::Medium));
    }
}

#[test]
fn one_of_two_dismissed_detections_leaves_the_other() {
    let second = word(at(0, 8, 40), Some("r2"), Some(UserRiskGrade::Low), at(0, 8, 20));
    let dismissed = word(at(0, 8, 50), Some("r1"), None, at(0, 8, 0));
    let run = Run::of(&[high(at(0, 8, 30)), second, dismissed, acts(at(0, 9, 0))]);
    assert_eq!(run.told().iter().map(|(_, level)| *level).collect::<Vec<_>>(), [RiskLevel::None], "0.1 is below low");
}

#[test]
fn any_order_of_arrival_tells_the_same() {
    let pieces = [high(at(0, 8, 30)), acts(at(0, 8, 35)), acts(at(0, 8, 39))];
    let told = |order: [usize; 3]| {
        let run = Run::of(&order.map(|at| pieces[at].clone()));
        let ids: Vec<_> = run.detections.iter().map(|one| one.id).collect();
        (ids, run.level())
    };
    let expected = told([0, 1, 2]);
    assert_eq!(expected.0.len(), 1);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(told(order), expected, "{order:?}");
    }
}
