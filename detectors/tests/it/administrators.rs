//! People who change principals: from where each of them does it, and what Microsoft says of them, then or later.

use crate::peers::Tenant;
use crate::support::*;
use picket_detectors::event::{
    Actor, Body, EventTime, Id, KeyId, Operation, Place, PrincipalId, UserRisk, UserRiskGrade,
};
use picket_detectors::observation::{EntityKey, Observation, Role};
use picket_detectors::risk::{Detection, RiskLevel};

const OPS: &str = "f0000000-0000-4000-8000-00000000000a";

fn ops(from: Place) -> Actor {
    Actor { place: from, ..actor(OPS) }
}

/// Somebody adds a secret to one of the tenant's principals.
fn adds(principal: u128, time: EventTime, by: Actor) -> Observation {
    let principal = PrincipalId(Id::Guid(uuid::Uuid::from_u128(principal)));
    let added = credential_change(time, by, vec![secret(&format!("key {time}"))], vec![], |change| {
        change.principal = Some(principal.clone());
    });
    let entity = EntityKey::principal(&added.tenant, &principal);
    Observation { entity, id: principal.0, ..added }.through_its_person()
}

/// An administrator rotates the secrets of others for weeks, each day from where `from` says; then adds one to a principal
/// that nobody changed before.
fn after_weeks(from: impl Fn(u8) -> Place, last: Place) -> Tenant {
    let mut tenant = Tenant::new();
    for day in 0..25_u8 {
        tenant.pass(at(day.into(), 1, 0));
        tenant.fold(adds(u128::from(day) + 100, at(day.into(), 9, 0), ops(from(day))));
    }
    tenant.outcome = Outcome::default();
    tenant.fold(adds(1, at(26, 3, 0), ops(last)));
    tenant
}

fn from_elsewhere(detections: &[Detection]) -> f32 {
    let facts = detections.iter().flat_map(|one| &one.evidence.facts);
    facts.filter(|fact| fact.kind == "addedFrom").map(|fact| fact.bits).fold(0.0, f32::max)
}

#[test]
fn an_administrator_from_elsewhere_is_doubted_where_nobody_was_before() {
    assert!(after_weeks(|_| home(), home()).outcome.detections.is_empty());
    let stolen = after_weeks(|_| home(), hideout()).outcome;
    assert_eq!(stolen.types(), ["suspiciousCredentialAddition"]);
    assert!(from_elsewhere(&stolen.detections) > 3.0, "{stolen:?}");
}

#[test]
fn who_comes_from_another_place_each_day_is_no_stranger_anywhere() {
    let hotel = |day: u8| place(&format!("10.{day}.0.7"), 64_500, *b"DE", "Berlin");
    assert!(after_weeks(hotel, hideout()).outcome.detections.is_empty());
}

#[test]
fn a_stranger_is_told_by_name_and_not_by_place() {
    let mut tenant = after_weeks(|_| home(), home());
    tenant.fold(adds(2, at(26, 4, 0), Actor { place: hideout(), ..actor("f0000000-0000-4000-8000-00000000000b") }));
    assert!(from_elsewhere(&tenant.outcome.detections) < 0.1);
}

/// Microsoft's word on the administrator.
fn word(said: EventTime, grade: UserRiskGrade, since: EventTime) -> Observation {
    let user = picket_detectors::event::ObjectId::parse(OPS).expect("an id");
    let risk = UserRisk {
        user: user.clone(),
        name: Some("ops@example.org".into()),
        detection: Id::parse("r1"),
        risk_event_type: Some("anomalousToken".into()),
        grade: Some(grade),
        since,
    };
    let told = to_principal(event(&format!("word {said}"), said, Body::UserRisk(Box::new(risk))), Role::Subject);
    Observation { entity: EntityKey::user(&told.tenant, &user), id: user.0, ..told }
}

/// The observations, after weeks of ordinary work.
fn told(observations: Vec<Observation>) -> Vec<Detection> {
    let mut tenant = after_weeks(|_| home(), home());
    for observation in observations {
        tenant.fold(observation);
    }
    tenant.outcome.detections
}

#[test]
fn what_a_person_at_risk_adds_is_found_whichever_is_told_first() {
    let addition = || adds(3, at(27, 9, 0), ops(home()));
    let high = || word(at(27, 9, 30), UserRiskGrade::High, at(27, 8, 0));
    let [first, second] = [told(vec![high(), addition()]), told(vec![addition(), high()])];
    let [one] = first.as_slice() else { panic!("{first:?}") };
    assert_eq!(one.risk_event_type, "suspiciousCredentialAddition");
    assert!(one.evidence.facts.iter().any(|fact| fact.kind == "personAtRisk"));
    assert_eq!(one.keys, [KeyId::parse(&format!("key {}", at(27, 9, 0))).expect("an id")]);
    assert_eq!(second.iter().map(|other| other.id).collect::<Vec<_>>(), [one.id]);
    assert_eq!(told(vec![addition(), high(), addition(), high()]).len(), 1, "repeats are no news");
}

#[test]
fn what_was_added_before_the_risk_began_is_left_alone() {
    let addition = adds(3, at(27, 7, 0), ops(home()));
    assert!(told(vec![addition, word(at(27, 9, 30), UserRiskGrade::High, at(27, 8, 0))]).is_empty());
}

#[test]
fn an_addition_is_told_again_when_the_person_is_found_to_be_taken_over() {
    let taken =
        told(vec![adds(3, at(27, 9, 0), ops(hideout())), word(at(28, 9, 0), UserRiskGrade::Confirmed, at(27, 8, 0))]);
    let levels: Vec<_> = taken.iter().map(|one| one.level).collect();
    assert_eq!(levels, [RiskLevel::Medium, RiskLevel::High]);
    assert_ne!(taken[0].id, taken[1].id);
    assert_eq!(taken[0].evidence.cause, taken[1].evidence.cause, "it counts once");
}

#[test]
fn a_role_that_a_person_at_risk_gives_is_doubted_too() {
    let grants = |time| {
        let given = credential_change(time, ops(home()), vec![], vec![], |change| {
            change.operation = Operation::RoleGranted;
            change.grants = vec!["RoleManagement.ReadWrite.Directory".into()];
            change.principal = PrincipalId::parse(JOB);
        });
        given.through_its_person()
    };
    assert!(told(vec![grants(at(27, 9, 0))]).is_empty());
    let later = told(vec![grants(at(27, 9, 0)), word(at(27, 10, 0), UserRiskGrade::High, at(27, 8, 0))]);
    assert_eq!(later.iter().map(|one| one.risk_event_type).collect::<Vec<_>>(), ["suspiciousPrivilegeGrant"]);
}
