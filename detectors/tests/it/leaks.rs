//! Leaked credentials: confidence, ends, remediation.

use crate::support::*;
use picket_detectors::event::{AlertState, CredentialOwner, Exposure, OwnerKind};
use picket_detectors::observation::Confidence;
use picket_detectors::risk::{RiskLevel, RiskStatus};

#[test]
fn confidence_makes_the_level() {
    let level = |confidence| World::run(&[leak(at(1, 0, 0), confidence, |_, _| {})]).level();
    assert_eq!(level(Confidence::Matched), RiskLevel::High);
    assert_eq!(level(Confidence::Attributed), RiskLevel::Medium);
    assert_eq!(level(Confidence::Low), RiskLevel::Low);
}

#[test]
fn a_dead_credential_is_told_but_does_not_alarm() {
    let outcome = World::run(&[leak(at(1, 0, 0), Confidence::Matched, |_, owner| owner.expires = Some(at(0, 0, 0)))]);
    assert_eq!(outcome.types(), ["leakedCredentials"]);
    assert_eq!(outcome.level(), RiskLevel::None);
    assert!(outcome.detections[0].explanation.contains("already expired"));
}

#[test]
fn removing_the_leaked_credential_remediates_and_the_leak_does_not_fade_before() {
    let mut world = World::new();
    world.fold_all(&[leak(at(1, 0, 0), Confidence::Matched, |_, _| {})]);
    world.fold_all(&[tick(at(400, 0, 0))]);
    assert_eq!(world.outcome.level(), RiskLevel::High);
    world.fold_all(&[credential_change(at(400, 1, 0), actor("ops@example.org"), vec![], vec![secret(KEY)], |_| {})]);
    assert_eq!(
        world.outcome.last.map(|state| (state.level, state.status)),
        Some((RiskLevel::None, RiskStatus::Remediated))
    );
}

#[test]
fn a_resolved_alert_remediates() {
    let resolved = leak(at(2, 0, 0), Confidence::Matched, |leak, _| leak.state = AlertState::Resolved);
    let outcome = World::run(&[leak(at(1, 0, 0), Confidence::Matched, |_, _| {}), resolved]);
    assert_eq!(outcome.level(), RiskLevel::None);
}

#[test]
fn one_secret_in_many_places_is_one_leak() {
    let sightings: Vec<_> = (0..5)
        .map(|day| leak(at(day, 0, 0), Confidence::Matched, |leak, _| leak.path = Some(format!("file {day}").into())))
        .collect();
    assert_eq!(World::run(&sightings).types(), ["leakedCredentials"]);
}

#[test]
fn an_internal_repository_weighs_less() {
    let internal = World::run(&[leak(at(1, 0, 0), Confidence::Matched, |leak, _| leak.exposure = Exposure::Internal)]);
    assert_eq!(internal.level(), RiskLevel::Medium);
}

#[test]
fn an_expired_credential_ends_the_leak_and_an_unmatched_leak_fades() {
    let mut world = World::new();
    world.fold_all(&[leak(at(1, 0, 0), Confidence::Matched, |_, owner| owner.expires = Some(at(10, 0, 0)))]);
    world.fold_all(&[tick(at(11, 0, 0))]);
    assert_eq!(world.outcome.level(), RiskLevel::None);
    let mut unmatched = World::new();
    unmatched.fold_all(&[leak(at(1, 0, 0), Confidence::Attributed, |_, owner| owner.key = None)]);
    unmatched.fold_all(&[tick(at(200, 0, 0))]);
    assert_eq!(unmatched.outcome.level(), RiskLevel::None);
}

#[test]
fn a_reopened_alert_rises_again_and_a_dead_secret_takes_it_back() {
    let resolved = leak(at(2, 0, 0), Confidence::Matched, |leak, _| leak.state = AlertState::Resolved);
    let mut world = World::new();
    world.fold_all(&[
        leak(at(1, 0, 0), Confidence::Matched, |_, _| {}),
        resolved,
        leak(at(3, 0, 0), Confidence::Matched, |_, _| {}),
    ]);
    assert_eq!(world.outcome.level(), RiskLevel::High);
    world.fold_all(&[leak(at(4, 0, 0), Confidence::Matched, |leak, _| leak.valid = Some(false))]);
    assert_eq!(world.outcome.level(), RiskLevel::None);
}

#[test]
fn a_leak_of_an_owner_outside_the_directory_is_told_with_that_owner() {
    let owner = CredentialOwner { kind: OwnerKind::StorageAccount, name: "contososhop".into() };
    let outcome = World::run(&[leak(at(1, 0, 0), Confidence::Attributed, |leak, attribution| {
        leak.owner = Some(owner);
        attribution.key = None;
    })]);
    assert_eq!(outcome.types(), ["leakedCredentials"]);
    let told = &outcome.detections[0].explanation;
    assert!(told.contains("A credential of the storage account contososhop was found"), "{told}");
}
