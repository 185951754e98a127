//! What is called, and where tokens go.

use crate::support::*;
use picket_detectors::event::{Actor, ActorKind, Agent, EventTime, Id, Operation, Place, PrincipalKind, Service, hash};
use picket_detectors::observation::Observation;
use picket_detectors::risk::RiskLevel;

/// A month of sign-ins and of calls of one endpoint, and then this.
fn after_a_month_of_calls(more: &[Observation]) -> Outcome {
    World::run(&a_month_of_calls_and(more))
}

fn a_month_of_calls_and(more: &[Observation]) -> Vec<Observation> {
    let calls = (0..30).map(|day| api_call(at(day, 2, 1), "/organization", |_| {}));
    let mut month: Vec<Observation> = a_quiet_month().into_iter().chain(calls).chain(more.to_vec()).collect();
    month.sort_by_key(Observation::time);
    month
}

fn calls_of(endpoints: &[&str], status: u16) -> Vec<Observation> {
    let twice = endpoints.iter().chain(endpoints).zip(2..);
    twice.map(|(endpoint, minute)| api_call(at(30, 2, minute), endpoint, |call| call.status = status)).collect()
}

#[test]
fn several_doors_that_are_sought_and_shut_are_more_than_several_of_either_kind() {
    let most = |endpoints: &[&str], status| {
        let outcome = after_a_month_of_calls(&calls_of(endpoints, status));
        let breadth =
            outcome.detections.iter().filter(|one| one.evidence.facts.iter().any(|fact| fact.kind.ends_with("readth")));
        breadth.filter_map(|one| one.evidence.total_bits).fold(0.0, f32::max)
    };
    let (sought, plain) = (["/users", "/groups", "/applications", "/policies"], ["/a", "/b", "/c", "/d"]);
    let (open, shut, both) = (most(&sought, 200), most(&plain, 403), most(&sought, 403));
    assert!(both > open.max(shut), "{both} against {open} and {shut}");
}

#[test]
fn a_known_door_that_jams_is_not_counted_among_the_shut_ones() {
    let score = |doors: &[&str]| {
        let outcome = after_a_month_of_calls(&calls_of(doors, 403));
        outcome.last.map(|state| state.score).unwrap_or_default()
    };
    let (two, three) = (score(&["/devices", "/places"]), score(&["/domains", "/devices", "/places"]));
    let known = score(&["/organization", "/devices", "/places"]);
    assert!((known - two).abs() < 0.5 && known < three, "{known} beside {two} and {three}");
}

fn from(address: &str) -> Place {
    place(address, 64_499, *b"DE", "Frankfurt am Main")
}

fn token() -> Option<Id> {
    Id::parse("a-token")
}

fn gets_a_token(time: EventTime, address: &str) -> Observation {
    sign_in(time, |one| (one.place, one.token) = (from(address), token()))
}

fn uses_it(time: EventTime, address: &str) -> Observation {
    api_call(time, "/organization", |call| (call.place, call.token) = (from(address), token()))
}

#[test]
fn a_token_that_was_issued_on_new_ground_is_no_copy() {
    let (home, new_ground) = ("198.51.100.7", "192.0.2.9");
    for (issued, is_copy) in [(home, true), (new_ground, false)] {
        let outcome =
            after_a_month_of_calls(&[gets_a_token(at(30, 2, 0), issued), uses_it(at(30, 2, 9), "203.0.113.66")]);
        assert_eq!(outcome.types().contains(&"tokenReplay"), is_copy, "issued to {issued}: {:?}", outcome.types());
        assert_eq!(outcome.level() >= RiskLevel::Medium, is_copy);
    }
}

#[test]
fn a_token_that_is_used_where_it_was_issued_and_elsewhere_is_a_copy_on_new_ground_too() {
    let name = |day: i64| Id::parse(&format!("token-{day}"));
    let issued = |day, address| sign_in(at(day, 2, 0), |one| (one.place, one.token) = (from(address), name(day)));
    let used = |day, minute, address| {
        api_call(at(day, 2, minute), "/organization", |call| (call.place, call.token) = (from(address), name(day)))
    };
    let (home, new_ground, hideout) = ("20.50.1.7", "20.50.99.7", "203.0.113.66");
    let month = || (0..30).flat_map(|day| [issued(day, home), used(day, 1, home)]);
    let is_copy =
        |last: Vec<Observation>| World::run(&month().chain(last).collect::<Vec<_>>()).types().contains(&"tokenReplay");
    let (gets, stays, leaves) = (issued(30, new_ground), used(30, 5, new_ground), used(30, 9, hideout));
    assert!(!is_copy(vec![gets.clone(), leaves.clone()]), "it has moved");
    assert!(is_copy(vec![gets.clone(), stays.clone(), leaves.clone()]));
    assert!(is_copy(vec![stays.clone(), gets.clone(), leaves]), "the call was told first");
    assert!(!is_copy(vec![gets, stays, used(30, 9, "20.50.7.7")]), "a pool of addresses");
}

/// A month of builds, each on another machine, with a token that is used there (or at `gate`); then one from elsewhere.
fn after_a_month_of_builds(gate: Option<&str>, used: &str) -> Outcome {
    let build = |day: i64, used: &str| {
        let machine = format!("20.50.{}.7", 2 * day);
        let token = Id::parse(&format!("token-{day}"));
        let used = if used.is_empty() { &machine } else { used };
        [
            sign_in(at(day, 2, 0), |one| (one.place, one.token) = (from(&machine), token.clone())),
            api_call(at(day, 2, 1), "/organization", |call| (call.place, call.token) = (from(used), token.clone())),
        ]
    };
    let month = (0..30).flat_map(|day| build(day, gate.unwrap_or_default()));
    World::run(&month.chain(build(30, used)).collect::<Vec<_>>())
}

#[test]
fn a_token_of_a_build_is_at_home_on_the_machine_that_it_was_issued_to() {
    let is_copy = |gate, used| after_a_month_of_builds(gate, used).types().contains(&"tokenReplay");
    assert!(!is_copy(None, ""), "another machine every day");
    assert!(is_copy(None, "203.0.113.66"));
    assert!(!is_copy(Some("192.0.2.1"), "203.0.113.66"), "its calls have always left elsewhere");
}

#[test]
fn a_token_that_stays_within_the_cloud_is_less_of_a_copy() {
    let (azure, another) = ("20.50.10.3", "20.113.10.3");
    let after_a_month_in_azure = |used| {
        let mut month: Vec<Observation> = (0..30)
            .flat_map(|day| {
                let place = place(azure, 8_075, *b"NL", "Amsterdam");
                let call = place.clone();
                [
                    sign_in(at(day, 2, 0), |one| one.place = place),
                    api_call(at(day, 2, 1), "/organization", |one| one.place = call),
                ]
            })
            .collect();
        month.extend([gets_a_token(at(30, 2, 0), azure), uses_it(at(30, 2, 9), used)]);
        let outcome = World::run(&month);
        let told = outcome.detections.iter().find(|one| one.risk_event_type == "tokenReplay");
        told.and_then(|one| one.evidence.total_bits).unwrap_or_default()
    };
    assert!(after_a_month_in_azure(another) < after_a_month_in_azure("203.0.113.66") - 2.0);
}

#[test]
fn an_agent_that_meets_the_same_closed_door_every_day_is_told_of_once() {
    let as_agent = |day, minute, error| {
        sign_in(at(day, 2, minute), |one| {
            one.kind = PrincipalKind::Agent;
            if error != 0 {
                (one.error, one.resource) = (error, Id::parse(GRAPH));
            }
        })
    };
    let month: Vec<Observation> = (0..30).map(|day| as_agent(day, 0, 0)).collect();
    let refused = |day| [as_agent(day, 0, 0), as_agent(day, 5, 500_011)];
    let called = |day| [as_agent(day, 0, 0), api_call(at(day, 2, 5), "/applications", |call| call.status = 403)];
    let told = |days: Vec<[Observation; 2]>| {
        let outcome = World::run(&[month.clone(), days.concat()].concat());
        outcome.types().iter().filter(|kind| **kind == "failedAccessAttempt").count()
    };
    assert_eq!(told((30..35).map(refused).collect()), 1, "no token");
    assert_eq!(told((30..35).map(called).collect()), 1, "no answer");
    assert_eq!(told(vec![refused(30), called(31)]), 2, "another door");
}

/// Somebody gives it a permission.
fn granted(time: EventTime, what: &str, by: Actor) -> Observation {
    credential_change(time, by, vec![], vec![], |change| {
        change.operation = Operation::AppRoleGranted;
        change.activity = "add app role assignment to service principal".into();
        change.grants = vec![what.into()];
    })
}

#[test]
fn what_a_permission_was_given_for_is_used_without_alarm() {
    let uses = calls_of(&["/users", "/groups", "/applications"], 200);
    let ops = || actor("ops@example.org");
    let known = granted(at(3, 10, 0), "User.Read", ops());
    let beside = |grant: Option<Observation>| {
        let grants = [known.clone()].into_iter().chain(grant);
        let outcome = after_a_month_of_calls(&grants.chain(uses.clone()).collect::<Vec<_>>());
        outcome.types().contains(&"suspiciousAPITraffic")
    };
    let (takes_all, stranger) = ("RoleManagement.ReadWrite.Directory", "f0000000-0000-4000-8000-00000000000f");
    let stranger = Actor { kind: ActorKind::Application, ..actor(stranger) };
    assert!(beside(None), "nobody gave it anything");
    assert!(!beside(Some(granted(at(29, 10, 0), "Directory.Read.All", ops()))));
    assert!(beside(Some(granted(at(20, 10, 0), "Directory.Read.All", ops()))), "long ago");
    assert!(beside(Some(granted(at(29, 10, 0), "User.Read", actor("somebody@example.org")))), "anybody may consent");
    assert!(beside(Some(granted(at(29, 10, 0), "Directory.Read.All", actor(JOB)))), "it itself");
    assert!(beside(Some(granted(at(29, 10, 0), takes_all, stranger))), "what raises doubt explains nothing");
}

/// Reads so many mailboxes on a day.
fn mailboxes(day: i64, many: u32) -> impl Iterator<Item = Observation> {
    (0..many).map(move |one| {
        let micros = at(day, 3, 0).plus(i64::from(one) * EventTime::HOUR / 900);
        api_call(micros, "/users/{id}/messages", |call| call.object = Some(hash(&format!("/users/{one}"))))
    })
}

#[test]
fn far_more_things_than_ever_are_told_of_and_of_a_restless_principal_fewer() {
    let after = |usual: fn(i64) -> u32| {
        let reads = (0..30).flat_map(move |day| mailboxes(day, usual(day))).chain(mailboxes(30, 200));
        let mut month: Vec<Observation> = a_quiet_month().into_iter().chain(reads).collect();
        month.sort_by_key(Observation::time);
        let outcome = World::run(&month);
        let of_reach = outcome.detections.iter().filter(|one| {
            one.activity_time >= at(30, 0, 0) && one.evidence.facts.iter().any(|fact| fact.kind == "reach")
        });
        of_reach.filter_map(|one| one.evidence.total_bits).fold(0.0, f32::max)
    };
    let (steady, restless) = (after(|_| 3), after(|day| [1, 2, 60][day as usize % 3]));
    assert!(steady > 7.0, "{steady}");
    assert!(restless < steady - 3.0, "{restless} against {steady}");
    assert!(after(|day| if day == 9 { 180 } else { 3 }) <= 0.0, "it has done so before");
}

#[test]
fn known_work_in_another_resource_group_is_an_odd_act() {
    let call = |day, minute, scope: &str| {
        api_call(at(day, 2, minute), "microsoft.compute/virtualmachines/runcommand/action", |call| {
            (call.service, call.scope) = (Service::ResourceManager, Some(scope.into()));
        })
    };
    let calls = (0..30).map(|day| call(day, 1, "prod in s"));
    let mut month: Vec<Observation> = a_quiet_month().into_iter().chain(calls).collect();
    month.sort_by_key(Observation::time);
    let from_elsewhere = sign_in(at(30, 2, 0), |one| one.place = hideout());
    let beside = |scope| World::run(&[month.clone(), vec![from_elsewhere.clone(), call(30, 5, scope)]].concat());
    assert_eq!(beside("prod in s").fact("oddAct"), None);
    assert!(beside("vault in s").fact("oddAct").is_some());
}

#[test]
fn another_interface_is_called_with_a_library_of_its_own() {
    let first_call = |service| {
        let outcome = after_a_month_of_calls(&[2, 3, 4].map(|minute| {
            api_call(at(30, 2, minute), "/backups/secretget", |call| {
                (call.service, call.agent) = (service, Agent::new("python-requests/2.32"));
            })
        }));
        (outcome.fact("endpoint").is_some(), outcome.fact("client").is_some())
    };
    assert_eq!(first_call(Service::Graph), (true, true));
    assert_eq!(first_call(Service::KeyVault), (true, false));
}

#[test]
fn what_honest_work_hardly_ever_begins_with_is_graver_than_what_it_may() {
    let first = |endpoint: &str| {
        let outcome = after_a_month_of_calls(&[api_call(at(30, 2, 5), endpoint, |call| {
            call.service = Service::ResourceManager;
        })]);
        let told = outcome.detections.iter().find(|one| one.risk_event_type == "suspiciousAPITraffic");
        told.and_then(|one| one.evidence.total_bits).unwrap_or_default()
    };
    let sought = first("microsoft.web/sites/config/list/action");
    let grave = first("microsoft.insights/diagnosticsettings/delete");
    assert!(first("microsoft.web/sites/write") < sought);
    assert!(sought < grave, "{sought} against {grave}");
}

#[test]
fn several_of_what_honest_work_hardly_ever_begins_with_count_together() {
    let breadth = |endpoints: &[&str], kind: &str| {
        let calls = endpoints.iter().zip(5..).map(|(endpoint, minute)| {
            api_call(at(30, 2, minute), endpoint, |call| call.service = Service::ResourceManager)
        });
        let mut world = World::new();
        world.engine.scoring.suspicious_api_traffic.episodes.new_detection_bits = 0.0;
        world.fold_all(&a_month_of_calls_and(&calls.collect::<Vec<_>>()));
        world.outcome.fact(kind)
    };
    let (deleted, blinded) = ("microsoft.compute/snapshots/delete", "microsoft.insights/diagnosticsettings/delete");
    let all = [deleted, blinded, "microsoft.recoveryservices/vaults/delete"];
    assert!(breadth(&all, "graveBreadth").is_some());
    assert_eq!(breadth(&[deleted; 3], "graveBreadth"), None);
    let sought = [deleted, "listkeys/action", "roleassignments/write"];
    assert!(breadth(&sought, "graveBreadth").is_none() && breadth(&sought, "soughtBreadth").is_some());
}

#[test]
fn of_graph_it_is_the_writing_that_is_grave() {
    let score = |method: &str| {
        let call = api_call(at(30, 2, 5), "/rolemanagement/directory/roleassignments", |call| {
            call.method = method.into();
        });
        let outcome = after_a_month_of_calls(&[call]);
        let told = outcome.detections.iter().find(|one| one.risk_event_type == "suspiciousAPITraffic");
        told.and_then(|one| one.evidence.total_bits).unwrap_or_default()
    };
    assert!(score("GET") + 1.0 < score("POST"), "{} against {}", score("GET"), score("POST"));
}
