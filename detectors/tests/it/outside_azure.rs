//! A managed identity calls from a place that it never called from: in Azure, or outside of it.

use crate::support::*;
use picket_detectors::event::{CredentialType, EventTime, Place, PrincipalKind};
use picket_detectors::observation::Observation;
use picket_detectors::risk::RiskLevel;

fn signs_in(time: EventTime) -> Observation {
    sign_in(time, |one| {
        one.kind = PrincipalKind::ManagedIdentity;
        one.place = Place::default();
        one.credential_type = CredentialType::ManagedIdentity;
        one.key = None;
    })
}

fn call(time: EventTime, endpoint: &str, address: &str, asn: Option<u32>) -> Observation {
    let place = Place { address: address.parse().ok(), asn, ..Place::default() };
    api_call(time, endpoint, |call| call.place = place)
}

/// A month of calls from Azure, then another call from there.
fn calls_from(address: &str, asn: Option<u32>) -> Outcome {
    let month = (0..30)
        .flat_map(|day| [signs_in(at(day, 2, 0)), call(at(day, 2, 1), "/organization", "192.0.2.1", Some(8_075))]);
    let last = [signs_in(at(30, 2, 0)), call(at(30, 2, 1), "/groups", address, asn)];
    World::run(&month.chain(last).collect::<Vec<_>>())
}

#[test]
fn from_outside_of_azure_is_worth_more_than_from_another_address_in_it() {
    let bits = |outcome: &Outcome| outcome.detections.first().and_then(|one| one.evidence.total_bits);
    let [inside, unknown, outside] = [Some(8_075), None, Some(3_215)].map(|asn| bits(&calls_from("203.0.113.9", asn)));
    assert!(inside < unknown && unknown < outside, "{inside:?} {unknown:?} {outside:?}");
    assert_eq!(calls_from("203.0.113.9", Some(3_215)).fact("outsideAzure").as_deref(), Some("AS3215"));
    assert_eq!(calls_from("192.0.2.1", Some(3_215)).fact("outsideAzure"), None, "it has always called from there");
}

/// A month without a call, then the first one, of what intruders look at.
fn begins_to_call_from(address: &str) -> Outcome {
    let month = (0..30).map(|day| signs_in(at(day, 2, 0)));
    let last = [signs_in(at(30, 2, 0)), call(at(30, 2, 1), "/applications", address, None)];
    World::run(&month.chain(last).collect::<Vec<_>>())
}

#[test]
fn who_never_called_is_told_by_the_networks_that_microsoft_announces() {
    let (inside, private, outside) = ("20.50.1.2", "10.0.0.4", "203.0.113.9");
    let [inside, private, outside] = [inside, private, outside].map(begins_to_call_from);
    assert_eq!(outside.fact("outsideAzure").as_deref(), Some("203.0.113.9"));
    assert_eq!(private.fact("outsideAzure"), None, "a private endpoint may be anywhere");
    assert!(outside.level() >= RiskLevel::Medium, "{:?}", outside.types());
    for quiet in [inside, private] {
        assert!(quiet.level() < RiskLevel::Medium, "{:?}", quiet.types());
    }
}

#[test]
fn who_always_called_from_azure_leaves_it_to_everybody_s_surprise() {
    let bits = |days: i64| {
        let month = (0..days)
            .flat_map(|day| [signs_in(at(day, 2, 0)), call(at(day, 2, 1), "/organization", "192.0.2.1", Some(8_075))]);
        let last = [signs_in(at(days, 2, 0)), call(at(days, 2, 1), "/groups", "203.0.113.9", Some(3_215))];
        let outcome = World::run(&month.chain(last).collect::<Vec<_>>());
        let facts = outcome.detections.iter().flat_map(|one| &one.evidence.facts);
        facts.filter(|fact| fact.kind == "outsideAzure").map(|fact| fact.bits).fold(0.0, f32::max)
    };
    assert!(bits(6) < bits(30), "{:?} {:?}", bits(6), bits(30));
}
