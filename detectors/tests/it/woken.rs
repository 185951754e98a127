//! Principals that were there all along and sign in for the first time.

use crate::peers::Tenant;
use crate::support::*;
use picket_detectors::event::{Id, Place};
use picket_detectors::observation::{Observation, Role};
use picket_detectors::risk::{Detection, RiskLevel};

/// A tenant that is watched for so many days, in which the job signs in for the first time then, from a place.
fn first_sign_in(created: i64, days: i64, from: Place) -> Tenant {
    let mut tenant = Tenant::new();
    tenant.fold(to_principal(event("listed", at(created, 0, 0), listed_job(None)), Role::Subject));
    for day in 0..days {
        tenant.pass(at(day, 1, 0));
        for other in 0..40 {
            tenant.sign_in_as(other, at(day, 2, 0), home());
            tenant.call_as(other, at(day, 2, 1), "sites");
        }
    }
    tenant.pass(at(days, 1, 0));
    tenant.outcome = Outcome::default();
    tenant.fold(signs_in(days, from));
    tenant
}

fn signs_in(day: i64, from: Place) -> Observation {
    sign_in(at(day, 3, 0), |one| {
        one.place = from;
        one.resource = Id::parse(GRAPH);
    })
}

fn told(detections: &[Detection]) -> Vec<&str> {
    detections.iter().flat_map(|one| &one.evidence.facts).map(|fact| fact.kind.as_str()).collect()
}

#[test]
fn a_forgotten_application_that_comes_to_life_on_a_rented_server_is_doubted() {
    let woken = first_sign_in(-400, 45, hideout()).outcome;
    assert_eq!(woken.types(), ["suspiciousSignins"]);
    assert!(told(&woken.detections).contains(&"neverSignedIn"), "{woken:?}");
}

#[test]
fn one_that_comes_to_life_where_the_others_are_is_left_alone() {
    assert!(first_sign_in(-400, 45, home()).outcome.detections.is_empty());
}

#[test]
fn nothing_is_said_of_one_that_came_since_nor_before_the_tenant_is_known() {
    assert!(first_sign_in(20, 45, hideout()).outcome.detections.is_empty(), "it is new, and has to begin somewhere");
    assert!(first_sign_in(-400, 10, hideout()).outcome.detections.is_empty(), "ten days tell nothing");
}

/// It looks around: the kinds of objects that intruders list.
fn looks_around(day: i64) -> Vec<Observation> {
    let kinds =
        ["users", "applications", "serviceprincipals", "groups", "directoryroles", "rolemanagement", "organization"];
    let call = |(minute, kind): (i64, &str)| api_call(at(day, 3, minute), &format!("/v1.0/{kind}"), |_| {});
    (5..).zip(kinds).map(call).collect()
}

#[test]
fn one_that_looks_around_when_it_comes_to_life_is_an_alarm() {
    let quiet = first_sign_in(-400, 45, hideout()).outcome;
    let mut tenant = first_sign_in(-400, 45, hideout());
    for call in looks_around(45) {
        tenant.fold(call);
    }
    assert_eq!((quiet.detections.len(), tenant.outcome.detections.len()), (1, 2), "{:?}", tenant.outcome);
    let last = tenant.outcome.detections.last().expect("a detection");
    assert_eq!(last.level, RiskLevel::Medium, "{last:?}");
}

#[test]
fn what_has_woken_is_told_once() {
    let mut tenant = first_sign_in(-400, 45, hideout());
    for day in 45..50 {
        tenant.fold(signs_in(day, hideout()));
    }
    assert_eq!(tenant.outcome.detections.len(), 1);
}
