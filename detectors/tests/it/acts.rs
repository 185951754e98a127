//! What an application does in the directory.

use crate::support::*;
use picket_detectors::event::*;
use picket_detectors::observation::{Observation, Role};

/// The job deletes an application.
fn deletes(time: EventTime, object: u128) -> Observation {
    let by = Actor { kind: ActorKind::Application, ..actor(JOB) };
    let change = credential_change(time, by, vec![], vec![secret(KEY)], |change| {
        change.operation = Operation::Other;
        change.activity = "delete application".into();
        change.application_object = Some(ObjectId(Id::Guid(uuid::Uuid::from_u128(object))));
    });
    Observation { role: Role::Actor, ..change }
}

/// So many on a day.
fn deleted(day: i64, many: u128) -> impl Iterator<Item = Observation> {
    (0..many).map(move |one| deletes(at(day, 3, 0).plus(one as i64 * EventTime::MINUTE), one))
}

#[test]
fn a_bot_that_deletes_far_more_than_ever_is_told_of() {
    let after = |usual: u128, last: u128| {
        let days = (0..30).flat_map(|day| deleted(day, usual)).chain(deleted(30, last));
        let mut month: Vec<Observation> = a_quiet_month().into_iter().chain(days).collect();
        month.sort_by_key(Observation::time);
        let outcome = World::run(&month);
        (outcome.fact("reach").is_some(), outcome.types().len())
    };
    assert_eq!(after(3, 3), (false, 0));
    assert_eq!(after(40, 45), (false, 0), "it does so every day");
    let (is_told, detections) = after(3, 120);
    assert!(is_told && detections <= 4, "told {is_told} in {detections}");
}
