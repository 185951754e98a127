//! Microsoft's own verdicts, taken in as a signal.

use crate::support::{JOB, World, at, event, to_principal};
use picket_detectors::event::{Body, EventTime, MicrosoftRisk, PrincipalId};
use picket_detectors::observation::{Observation, Role};

fn verdict(time: EventTime, level: &str) -> Observation {
    let risk = MicrosoftRisk {
        principal: PrincipalId::parse(JOB).expect("an id"),
        app: None,
        name: None,
        agent: false,
        risk_event_type: Some("suspiciousSignins".into()),
        risk_level: level.into(),
        risk_state: "atRisk".into(),
    };
    to_principal(event(&format!("{level} at {time}"), time, Body::MicrosoftRisk(Box::new(risk))), Role::Subject)
}

#[test]
fn the_same_verdict_is_told_once_a_day() {
    let same = [verdict(at(0, 1, 0), "low"), verdict(at(0, 9, 0), "low"), verdict(at(0, 23, 0), "low")];
    assert_eq!(World::run(&same).detections.len(), 1);
    let other_day = [verdict(at(0, 1, 0), "low"), verdict(at(1, 1, 0), "low")];
    assert_eq!(World::run(&other_day).detections.len(), 2);
}

#[test]
fn a_graver_verdict_of_the_same_day_is_told() {
    let graver = [verdict(at(0, 1, 0), "low"), verdict(at(0, 9, 0), "high")];
    assert_eq!(World::run(&graver).detections.len(), 2);
}
