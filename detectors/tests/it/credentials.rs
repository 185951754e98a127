//! Suspicious credential additions, the sequence with their use, and the benign twins.

use crate::support::*;
use picket_detectors::event::{Actor, ActorKind, Agent, Credential, CredentialKind, KeyId, PrincipalId, PrincipalKind};
use picket_detectors::observation::Observation;
use picket_detectors::risk::{RiskLevel, RiskStatus};

fn rotations() -> Vec<Observation> {
    (0..6)
        .map(|n| {
            credential_change(
                at(n * 5, 10, 0),
                actor("ops@example.org"),
                vec![secret(&format!("old key {n}"))],
                vec![],
                |_| {},
            )
        })
        .collect()
}

fn in_time(observations: Vec<Observation>) -> Vec<Observation> {
    let mut observations = observations;
    observations.sort_by_key(|observation| observation.event.time);
    observations
}

fn history() -> Vec<Observation> {
    in_time([a_quiet_month(), rotations()].concat())
}

fn intruder_adds() -> Observation {
    let actor = Actor { kind: ActorKind::Application, ..actor("f0000000-0000-4000-8000-00000000000f") };
    credential_change(at(30, 3, 0), actor, vec![secret(NEW_KEY)], vec![], |change| {
        change.principal = PrincipalId::parse(JOB);
    })
}

fn use_from(place: picket_detectors::event::Place, minute: i64) -> Observation {
    sign_in(at(30, 3, minute), |one| {
        one.place = place;
        one.key = KeyId::parse(NEW_KEY);
    })
}

#[test]
fn a_strange_addition_is_medium_and_its_use_from_elsewhere_high() {
    let mut world = World::new();
    world.fold_all(&history());
    assert_eq!(world.outcome, Outcome::default(), "rotation by the usual administrator is quiet");
    world.fold_all(&[intruder_adds()]);
    assert_eq!(world.outcome.types(), ["suspiciousCredentialAddition"]);
    assert_eq!(world.outcome.level(), RiskLevel::Medium);
    world.fold_all(&[use_from(hideout(), 20)]);
    assert_eq!(world.outcome.level(), RiskLevel::High);
    let causes: Vec<_> =
        world.outcome.last.iter().flat_map(|state| &state.contributions).map(|line| line.cause.to_string()).collect();
    assert!(causes.contains(&format!("credential:{NEW_KEY}:used")), "{causes:?}");
}

#[test]
fn the_sequence_fires_whichever_record_comes_first_and_has_one_id() {
    let forward = World::run(&[history(), vec![intruder_adds(), use_from(hideout(), 2)]].concat());
    let backward = World::run(&[history(), vec![use_from(hideout(), 2), intruder_adds()]].concat());
    let sequence = |outcome: &Outcome| {
        outcome
            .detections
            .iter()
            .find(|one| one.evidence.cause.ends_with(":used"))
            .map(|one| one.id)
            .expect("the sequence")
    };
    assert_eq!(sequence(&forward), sequence(&backward));
    assert_eq!(forward.level(), backward.level());
}

#[test]
fn removing_the_credential_remediates() {
    let removal = credential_change(at(30, 5, 0), actor("ops@example.org"), vec![], vec![secret(NEW_KEY)], |_| {});
    let outcome = World::run(&[history(), vec![intruder_adds(), use_from(home(), 20), removal]].concat());
    assert_eq!(
        outcome.last.as_ref().map(|state| (state.level, state.status)),
        Some((RiskLevel::None, RiskStatus::Remediated))
    );
}

#[test]
fn three_records_of_one_act_are_one_detection() {
    let records = (0..3).map(|n| {
        let mut record = intruder_adds();
        let mut event = (*record.event).clone();
        event.id = picket_detectors::event::EventId::parse(&format!("record {n}")).expect("an id");
        record.event = std::sync::Arc::new(event);
        record
    });
    let outcome = World::run(&[history(), records.collect()].concat());
    assert_eq!(outcome.types(), ["suspiciousCredentialAddition"]);
}

#[test]
fn a_rotation_used_from_home_is_quiet() {
    let rotation =
        credential_change(at(30, 3, 0), actor("ops@example.org"), vec![secret(NEW_KEY)], vec![secret(KEY)], |_| {});
    assert_eq!(World::run(&[history(), vec![rotation, use_from(home(), 20)]].concat()).types(), [""; 0]);
}

#[test]
fn a_workload_that_moves_days_after_it_took_its_new_secret_into_use_is_no_sequence() {
    let rotation = credential_change(at(28, 10, 0), actor("ops@example.org"), vec![secret(NEW_KEY)], vec![], |_| {});
    let use_at = |day, place: picket_detectors::event::Place| {
        sign_in(at(day, 12, 0), |one| (one.place, one.key) = (place, KeyId::parse(NEW_KEY)))
    };
    for (first, is_sequence) in [(home(), false), (hideout(), true)] {
        let uses = vec![rotation.clone(), use_at(28, first), use_at(30, hideout())];
        let outcome = World::run(&in_time([a_quiet_month(), uses].concat()));
        let is_told = outcome.detections.iter().any(|one| one.evidence.cause.ends_with(":used"));
        assert_eq!(is_told, is_sequence, "{:?}", outcome.types());
    }
}

#[test]
fn a_platform_certificate_for_a_managed_identity_is_quiet_but_nothing_else_in_its_name() {
    let added = |kind: CredentialKind, managed: bool| {
        let actor = Actor { kind: ActorKind::Application, ..actor("Managed Service Identity") };
        let credential = Credential { kind, ..secret(NEW_KEY) };
        let addition = credential_change(at(30, 3, 0), actor, vec![credential], vec![], |change| {
            change.principal = PrincipalId::parse(JOB);
        });
        let last = sign_in(at(30, 2, 0), |one| {
            one.kind = if managed { PrincipalKind::ManagedIdentity } else { PrincipalKind::Application };
        });
        World::run(&[history(), vec![last, addition]].concat()).types()
    };
    assert_eq!(added(CredentialKind::Certificate, true), [""; 0]);
    assert_eq!(added(CredentialKind::Secret, true), ["suspiciousCredentialAddition"]);
    assert_eq!(added(CredentialKind::Certificate, false), ["suspiciousCredentialAddition"]);
}

#[test]
fn a_trust_that_is_redirected_stands() {
    let federated = |issuer: &str| Credential {
        kind: CredentialKind::Federated,
        issuer: Some(issuer.into()),
        ..secret("the trust")
    };
    let by = Actor { kind: ActorKind::Application, ..actor("f0000000-0000-4000-8000-00000000000f") };
    let (before, after) =
        (federated("https://token.actions.githubusercontent.com"), federated("https://idp.attacker.example"));
    let redirected = credential_change(at(30, 3, 0), by, vec![after], vec![before], |_| {});
    assert!(World::run(&[history(), vec![redirected]].concat()).level() >= RiskLevel::Medium);
}

#[test]
fn a_removal_that_arrives_early_still_remediates() {
    let removal = credential_change(at(30, 3, 8), actor("ops@example.org"), vec![], vec![secret(NEW_KEY)], |_| {});
    let outcome = World::run(&[history(), vec![intruder_adds(), removal, use_from(hideout(), 4)]].concat());
    let standing: Vec<_> =
        outcome.last.iter().flat_map(|state| &state.contributions).map(|line| line.cause.to_string()).collect();
    assert!(!standing.iter().any(|cause| cause.starts_with("credential:")), "{standing:?}");
}

#[test]
fn a_rotation_of_a_runner_that_always_moves_is_no_sequence() {
    let runner = |day: i64, key: &str, n: i64| {
        sign_in(at(day, 9, n), |one| {
            one.place = place(
                &format!("20.{}.{}.5", day * 3 % 200, n),
                8_075,
                [*b"US", *b"NL", *b"IE", *b"SG", *b"BR"][(day % 5) as usize],
                "Anywhere",
            );
            one.place.asn = None;
            one.key = KeyId::parse(key);
        })
    };
    let month: Vec<_> = (0..30).map(|day| runner(day, KEY, 0)).collect();
    let rotation = credential_change(at(30, 8, 0), actor("ops@example.org"), vec![secret(NEW_KEY)], vec![], |_| {});
    let outcome =
        World::run(&[in_time([month, rotations()].concat()), vec![rotation, runner(30, NEW_KEY, 1)]].concat());
    assert_eq!(outcome.types(), [""; 0]);
}

#[test]
fn a_failed_attempt_adds_nothing() {
    let mut attempt = intruder_adds();
    let mut event = (*attempt.event).clone();
    if let picket_detectors::event::Body::DirectoryChange(change) = &mut event.body {
        change.succeeded = false;
    }
    attempt.event = std::sync::Arc::new(event);
    assert_eq!(World::run(&[history(), vec![attempt]].concat()).types(), [""; 0]);
}

#[test]
fn a_signing_key_is_no_login_credential() {
    let mut signing = secret(NEW_KEY);
    signing.verifies = false;
    let actor = Actor { kind: ActorKind::Application, ..actor("somebody new") };
    let change = credential_change(at(30, 3, 0), actor, vec![signing], vec![], |change| {
        change.principal = PrincipalId::parse(JOB);
    });
    assert_eq!(World::run(&[history(), vec![change]].concat()).types(), [""; 0]);
}

#[test]
fn a_foreign_issuer_is_named() {
    let federated = |issuer: &str| Credential {
        kind: CredentialKind::Federated,
        issuer: Some(issuer.into()),
        subject: Some("repo:example/app:ref:refs/heads/main".into()),
        ..secret(NEW_KEY)
    };
    let add = |issuer: &str| {
        credential_change(at(30, 3, 0), actor("new@example.org"), vec![federated(issuer)], vec![], |_| {})
    };
    let outcome = World::run(&[history(), vec![add("https://idp.attacker.example")]].concat());
    assert_eq!(outcome.fact("issuer").as_deref(), Some("https://idp.attacker.example"));
    let usual = World::run(&[history(), vec![add("https://token.actions.githubusercontent.com")]].concat());
    assert!(usual.level() < outcome.level());
}

#[test]
fn a_sign_in_with_the_new_key_and_other_software_from_home_raises_no_sequence() {
    let observation = sign_in(at(30, 3, 20), |one| {
        one.key = KeyId::parse(NEW_KEY);
        one.agent = Agent::new("python/3");
    });
    let outcome = World::run(&[history(), vec![intruder_adds(), observation]].concat());
    assert!(!outcome.detections.iter().any(|one| one.evidence.cause.ends_with(":used")));
}
