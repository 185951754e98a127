//! Consent to an application that nobody knows.

use crate::support::*;
use picket_detectors::event::{Operation, PrincipalId};
use picket_detectors::observation::Observation;
use picket_detectors::risk::RiskLevel;

fn consents(minute: i64, who: &str) -> Observation {
    credential_change(at(0, 9, minute), actor(who), vec![], vec![], |change| {
        change.operation = Operation::Consent;
        change.activity = "consent to application".into();
        change.principal = PrincipalId::parse(JOB);
        change.grants = vec!["Mail.Read".into(), "offline_access".into()];
    })
}

fn created() -> Observation {
    credential_change(at(0, 8, 59), actor("somebody@example.org"), vec![], vec![], |change| {
        change.operation = Operation::Created;
        change.activity = "add service principal".into();
        change.principal = PrincipalId::parse(JOB);
    })
}

#[test]
fn a_trap_is_sent_to_many() {
    let level = |people: &[&str]| {
        let consents = people.iter().zip(0..).map(|(who, minute)| consents(minute, who));
        World::run(&std::iter::once(created()).chain(consents).collect::<Vec<_>>()).level()
    };
    assert_eq!(level(&["ann@example.org"]), RiskLevel::Low);
    assert_eq!(level(&["ann@example.org", "ann@example.org", "ann@example.org", "ann@example.org"]), RiskLevel::Low);
    assert_eq!(level(&["ann@example.org", "ben@example.org", "cai@example.org", "dot@example.org"]), RiskLevel::Medium);
}
