//! Suspicious sign-ins: the attack and its benign twins.

use crate::support::*;
use picket_detectors::event::{Agent, Id, Place, PrincipalKind};
use picket_detectors::observation::Observation;
use picket_detectors::risk::RiskLevel;

fn after_a_quiet_month(more: Vec<Observation>) -> Outcome {
    World::run(&[a_quiet_month(), more].concat())
}

fn theft(minute: i64) -> Observation {
    sign_in(at(30, 4, minute), |one| {
        one.place = hideout();
        one.agent = Agent::new("python-requests/2.31");
        one.resource = Id::parse(GRAPH);
        one.resource_name = Some("Microsoft Graph".into());
    })
}

#[test]
fn a_theft_is_found_at_its_first_sign_in_and_told_once() {
    let outcome = after_a_quiet_month((0..12).map(theft).collect());
    assert_eq!(outcome.types(), ["suspiciousSignins"]);
    assert_eq!(outcome.level(), RiskLevel::High);
    assert_eq!(outcome.fact("network").as_deref(), Some("AS24940 (Hetzner, FI)"));
    let explanation = &outcome.detections[0].explanation;
    assert!(explanation.starts_with("nightly-export signed in with"), "{explanation}");
    assert_eq!(explanation.matches(". ").count(), 1, "two sentences: {explanation}");
}

#[test]
fn the_old_place_going_on_speaks_for_theft_whichever_record_comes_first() {
    let elsewhere = sign_in(at(30, 2, 0), |one| one.place = hideout());
    let at_home = sign_in(at(30, 2, 9), |_| {});
    let forward = after_a_quiet_month(vec![elsewhere.clone(), at_home.clone()]);
    let backward = after_a_quiet_month(vec![at_home, elsewhere.clone()]);
    assert!(forward.fact("usedInParallelFrom").is_some());
    let ids =
        |outcome: &Outcome| outcome.detections.iter().map(|one| one.id).collect::<std::collections::BTreeSet<_>>();
    assert_eq!((ids(&forward), forward.level()), (ids(&backward), backward.level()));
    // Who moves leaves the old place.
    let moved = (0..3).map(|day| sign_in(at(30 + day, 2, 0), |one| one.place = hideout())).collect();
    assert!(after_a_quiet_month(moved).fact("usedInParallelFrom").is_none());
}

#[test]
fn a_quiet_month_is_quiet() {
    assert_eq!(after_a_quiet_month(vec![]), Outcome::default());
}

#[test]
fn another_address_in_the_same_city_is_no_theft() {
    let moved = sign_in(at(30, 2, 0), |one| one.place = place("198.51.7.9", 64_496, *b"DE", "Frankfurt am Main"));
    assert_eq!(after_a_quiet_month(vec![moved]).types(), [""; 0]);
}

#[test]
fn an_sdk_upgrade_is_no_theft() {
    let upgraded = sign_in(at(30, 2, 0), |one| one.agent = Agent::new("azsdk-net-Identity/1.12"));
    assert_eq!(after_a_quiet_month(vec![upgraded]).types(), [""; 0]);
}

#[test]
fn a_move_of_the_network_alone_stays_below_medium() {
    let moved = (0..5)
        .map(|day| sign_in(at(30 + day, 2, 0), |one| one.place = place("192.0.2.8", 64_999, *b"DE", "Berlin")))
        .collect();
    assert!(after_a_quiet_month(moved).level() < RiskLevel::Medium);
}

#[test]
fn a_runner_that_always_moves_may_move_again() {
    let runner = |day: i64| {
        sign_in(at(day, 9, 0), |one| {
            let n = (day * 7 % 250) as u8;
            one.place = place(
                &format!("20.{n}.{}.5", n / 2),
                8_075,
                [*b"US", *b"NL", *b"IE", *b"SG"][(day % 4) as usize],
                "Anywhere",
            );
        })
    };
    let month: Vec<_> = (0..30).map(runner).collect();
    let next = sign_in(at(30, 9, 0), |one| one.place = place("20.251.9.9", 8_075, *b"NL", "Elsewhere"));
    assert_eq!(World::run(&[month, vec![next]].concat()).types(), [""; 0]);
}

#[test]
fn nothing_is_judged_while_learning() {
    let beginnings: Vec<_> = (0..2).map(|day| sign_in(at(day, 2, 0), |_| {})).collect();
    let odd = sign_in(at(2, 4, 0), |one| one.place = hideout());
    assert_eq!(World::run(&[beginnings, vec![odd]].concat()).types(), [""; 0]);
}

#[test]
fn a_failed_sign_in_proves_nothing_but_a_blocked_one_does() {
    let failed = |error: u32| {
        sign_in(at(30, 4, 0), |one| {
            one.place = hideout();
            one.agent = Agent::new("curl/8.1");
            one.error = error;
        })
    };
    assert_eq!(after_a_quiet_month(vec![failed(7_000_215)]).types(), [""; 0]);
    assert_eq!(after_a_quiet_month(vec![failed(53_003)]).types(), ["suspiciousSignins"]);
}

#[test]
fn a_trusted_named_location_speaks_against_theft() {
    let visit = |trusted: bool| {
        sign_in(at(30, 2, 0), |one| {
            one.place = hideout();
            one.place.trusted = trusted;
            one.resource = Id::parse(GRAPH);
        })
    };
    assert_eq!(after_a_quiet_month(vec![visit(false)]).types(), ["suspiciousSignins"]);
    assert_eq!(after_a_quiet_month(vec![visit(true)]).types(), [""; 0]);
}

#[test]
fn a_credential_used_from_another_of_the_principals_networks_is_a_second_holder() {
    let branch = || place("192.0.2.10", 64_777, *b"FR", "Paris");
    let month: Vec<_> = (0..30)
        .flat_map(|day| {
            let here = sign_in(at(day, 2, 0), |_| {});
            let there = sign_in(at(day, 3, 0), |one| {
                one.place = branch();
                one.key = picket_detectors::event::KeyId::parse(NEW_KEY);
            });
            [here, there]
        })
        .collect();
    let crossed = sign_in(at(30, 2, 30), |one| {
        one.place = branch();
        one.resource = Id::parse(GRAPH);
    });
    let outcome = World::run(&[month, vec![crossed]].concat());
    assert!(outcome.fact("credentialNetwork").is_some(), "{:?}", outcome.types());
}

#[test]
fn the_level_falls_by_itself_at_a_computed_moment() {
    let mut world = World::new();
    world.fold_all(&a_quiet_month());
    world.fold_all(&[theft(0)]);
    assert_eq!(world.outcome.level(), RiskLevel::High);
    let ticks: Vec<_> = (0..60 * 24).map(|hour| tick(at(31, hour, 0))).collect();
    world.fold_all(&ticks);
    assert_eq!(world.outcome.level(), RiskLevel::None);
    let levels: Vec<_> = world.outcome.transitions.iter().map(|one| one.level).collect();
    assert_eq!(levels, [RiskLevel::High, RiskLevel::Medium, RiskLevel::Low, RiskLevel::None]);
    assert!(world.outcome.transitions.iter().all(|one| ticks.iter().all(|tick| tick.event.time != one.time)));
}

#[test]
fn a_thief_who_stays_is_not_learned_within_a_week_but_after_it() {
    let stay: Vec<_> = (0..6)
        .map(|day| {
            sign_in(at(30 + day, 4, 0), |one| {
                one.place = hideout();
                one.agent = Agent::new("curl/8");
            })
        })
        .collect();
    let outcome = after_a_quiet_month(stay);
    assert_eq!(outcome.types(), ["suspiciousSignins"], "one episode, told once");
}

#[test]
fn an_ordinary_profile_is_under_two_kibibytes() {
    let mut world = World::new();
    for observation in a_quiet_month() {
        world.fold_all(&[observation]);
        world.restart();
    }
    assert!(world.stored_bytes() < 2_048, "{} bytes", world.stored_bytes());
}

#[test]
fn a_rare_workload_is_judged_too() {
    let monthly = |day: i64| sign_in(at(day, 2, 0), |_| {});
    let year: Vec<_> = (0..12).map(|month| monthly(month * 30)).collect();
    let stolen = sign_in(at(345, 4, 0), |one| {
        one.place = hideout();
        one.agent = Agent::new("python-requests/2.31");
    });
    assert!(World::run(&[year, vec![stolen]].concat()).level() >= RiskLevel::Medium);
}

#[test]
fn a_workload_that_came_once_and_wakes_after_two_weeks_is_judged() {
    let wakes = |day: i64| {
        World::run(&[
            sign_in(at(0, 2, 0), |_| {}),
            sign_in(at(day, 4, 0), |one| {
                one.place = hideout();
                one.agent = Agent::new("python-requests/2.31");
            }),
        ])
    };
    assert_eq!(wakes(9).level(), RiskLevel::None, "it may just be new");
    assert!(wakes(20).level() >= RiskLevel::Medium, "{:?}", wakes(20).level());
}

#[test]
fn a_theft_that_goes_on_does_not_fade() {
    let visits: Vec<_> = (0..12)
        .map(|n| {
            sign_in(at(30 + 5 * n, 4, 0), |one| {
                one.place = hideout();
                one.agent = Agent::new("curl/8");
            })
        })
        .collect();
    // Five days apart: the seventh distinct day makes the place normal, until then it stands.
    let outcome = after_a_quiet_month(visits.into_iter().take(6).collect());
    assert!(outcome.level() >= RiskLevel::Medium, "{:?}", outcome.level());
}

#[test]
fn a_managed_identity_that_asks_for_another_api_stays_below_medium() {
    let machine = |day: i64, api: &str| {
        sign_in(at(day, 2, 0), |one| {
            one.kind = PrincipalKind::ManagedIdentity;
            one.place = Place::default();
            one.key = None;
            one.agent = Agent::default();
            one.resource = Id::parse(api);
        })
    };
    let month: Vec<_> = (0..30).map(|day| machine(day, STORAGE)).collect();
    assert!(
        World::run(&[month, vec![machine(30, "cfa8b339-82a2-471a-a3c9-0fc0be7a4093")]].concat()).level()
            < RiskLevel::Medium
    );
}

#[test]
fn a_burst_makes_nothing_late_that_is_not() {
    let burst: Vec<_> = (0..4_200)
        .map(|n| {
            let mut one = sign_in(at(30, 2, 0), |_| {});
            let mut event = (*one.event).clone();
            event.id = picket_detectors::event::EventId::parse(&format!("burst {n}")).expect("an id");
            one.event = std::sync::Arc::new(event);
            one
        })
        .collect();
    let before_the_hour = sign_in(at(30, 1, 59), |one| {
        one.place = hideout();
        one.agent = Agent::new("curl/8");
    });
    let outcome = after_a_quiet_month([burst, vec![before_the_hour]].concat());
    // Found, and the burst at home is after it.
    assert_eq!(outcome.types(), ["signInSpike", "suspiciousSignins", "suspiciousSignins"]);
}

#[test]
fn a_new_grid_of_landmarks_changes_no_verdict() {
    // 2027-10-29 is the day on which weights of days get a new landmark.
    let offset = 600;
    let days = (offset - 25)..(offset + 10);
    let story: Vec<_> =
        days.flat_map(|day| [sign_in(at(day, 2, 0), |_| {}), sign_in(at(day, 14, 1), |_| {})]).collect();
    assert_eq!(World::run(&story), Outcome::default());
}

#[test]
fn a_cloud_is_known_by_its_country_which_says_no_more_beside_it() {
    let in_cloud = |address: &str| place(address, 8_075, *b"NL", "Amsterdam");
    let month = (0..30).map(|day| sign_in(at(day, 2, 0), |one| one.place = in_cloud("20.50.10.3")));
    let moved = sign_in(at(30, 13, 37), |one| {
        (one.place, one.resource) = (in_cloud("20.50.99.3"), Id::parse(GRAPH));
        one.agent = Agent::new("curl/8.5.0");
    });
    let mut world = World::new();
    world.engine.scoring.suspicious_signins.report_bits = 0.0;
    world.fold_all(&month.chain([moved]).collect::<Vec<_>>());
    let facts: Vec<_> = world.outcome.detections.iter().flat_map(|one| &one.evidence.facts).collect();
    let of = |kind: &str| facts.iter().find(|fact| fact.kind == kind).map(|fact| fact.bits);
    assert!(of("network").is_some_and(|bits| bits < -3.0), "{facts:?}");
    assert!(of("country").is_none_or(|bits| bits.abs() < 0.05), "{facts:?}");
}
