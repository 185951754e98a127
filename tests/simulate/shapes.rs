//! Records are what real exports hold.

use crate::world::{START, WORLD, World, options, texts};
use picket::decode::{Context, Limits, Outcome, decode};
use picket::simulate::{CampaignKind, Stream};
use picket_detectors::event::{Body, EventTime, TenantId};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[test]
fn a_seed_always_gives_the_same_world_and_another_seed_another() {
    let small = |seed| picket::simulate::Options { principals: 40, days: 6, ..options(seed) };
    let [one, again, other] = [1, 1, 2].map(|seed| World::new(&small(seed)));
    assert_eq!((&one.records, &one.labels), (&again.records, &again.labels));
    assert_ne!(one.records, other.records);
}

#[test]
fn records_come_in_the_order_of_arrival_late_out_of_order_and_repeated() {
    let world = &*WORLD;
    assert!(world.records.is_sorted_by_key(|delivered| delivered.arrived), "arrival goes forward");
    let mut seen: HashMap<String, u32> = HashMap::new();
    let (mut backwards, mut last, mut slow) = (0, String::new(), 0);
    for delivered in world.of(Stream::ServicePrincipals) {
        let record: Value = serde_json::from_str(&delivered.line).expect("JSON");
        let properties = &record["properties"];
        let created = properties["createdDateTime"].as_str().expect("a time").to_owned();
        *seen.entry(properties["id"].as_str().expect("an id").to_owned()).or_default() += 1;
        backwards += u32::from(created < last);
        slow += u32::from(created.get(..13) < record["time"].as_str().and_then(|time| time.get(..13)));
        last = created;
    }
    let repeated = seen.values().filter(|count| **count > 1).count() as f64 / seen.len() as f64;
    assert!((0.03..0.05).contains(&repeated), "{repeated} come again");
    assert_eq!(seen.values().max(), Some(&4), "up to four times");
    assert!(backwards > 100 && slow > 100, "{backwards} out of order, {slow} in a later hour");
}

#[test]
fn every_record_is_understood_and_every_kind_of_event_occurs() {
    let context =
        Context { default_tenant: TenantId::UNKNOWN, limits: Limits::default(), scrubber: Default::default() };
    let mut bodies: BTreeMap<&str, u32> = BTreeMap::new();
    for delivered in &WORLD.records {
        decode(delivered.line.as_bytes(), &context, &mut |decoded| match decoded.outcome {
            Outcome::Events(events) => events.iter().for_each(|event| {
                if let Body::SignIn(sign_in) = &event.body {
                    assert!(event.time >= START && sign_in.resource.is_some(), "{}", delivered.line);
                }
                *bodies.entry(event.body.category()).or_default() += 1;
            }),
            other => panic!("{other:?} of {}", delivered.line),
        });
    }
    for category in [
        "ServicePrincipalSignInLogs",
        "ManagedIdentitySignInLogs",
        "AuditLogs",
        "MicrosoftGraphActivityLogs",
        "CodeFinding",
    ] {
        assert!(bodies.get(category).is_some_and(|count| *count > 0), "no {category} among {bodies:?}");
    }
}

#[test]
fn credential_changes_are_named_as_entra_names_them() {
    let names: BTreeSet<String> = WORLD
        .of(Stream::Audit)
        .map(|delivered| serde_json::from_str::<Value>(&delivered.line).expect("JSON"))
        .map(|record| record["properties"]["activityDisplayName"].as_str().expect("a name").to_owned())
        .collect();
    // An en dash, and a space at the end.
    assert!(names.contains("Update application \u{2013} Certificates and secrets management "), "{names:?}");
    assert!(names.contains("Add app role assignment to service principal"), "{names:?}");
}

#[test]
fn tokens_join_calls_with_sign_ins() {
    let tokens: BTreeSet<String> = [Stream::ServicePrincipals, Stream::ManagedIdentities]
        .into_iter()
        .flat_map(|stream| WORLD.of(stream))
        .map(|delivered| serde_json::from_str::<Value>(&delivered.line).expect("JSON"))
        .filter_map(|record| record["properties"]["uniqueTokenIdentifier"].as_str().map(str::to_owned))
        .collect();
    let calls = WORLD.of(Stream::GraphActivity).take(5_000);
    let unknown = calls
        .map(|delivered| serde_json::from_str::<Value>(&delivered.line).expect("JSON"))
        .filter(|call| !tokens.contains(call["properties"]["signInActivityId"].as_str().unwrap_or_default()))
        .count();
    assert_eq!(unknown, 0, "every token was issued");
}

#[test]
fn every_campaign_is_labelled_with_events_that_are_in_the_logs() {
    let world = &*WORLD;
    let mut ids: BTreeSet<String> = BTreeSet::new();
    let azure = [Stream::AzureActivity, Stream::KeyVault];
    let entra = [Stream::ServicePrincipals, Stream::ManagedIdentities, Stream::Audit, Stream::GraphActivity];
    for stream in entra.into_iter().chain(azure) {
        for delivered in world.of(stream) {
            let record: Value = serde_json::from_str(&delivered.line).expect("JSON");
            ids.extend(record["correlationId"].as_str().filter(|_| azure.contains(&stream)).map(str::to_owned));
            let properties = &record["properties"];
            ids.extend(["id", "requestId"].iter().filter_map(|key| properties[key].as_str().map(str::to_owned)));
        }
    }
    let mut kinds = BTreeSet::new();
    for campaign in world.labels("campaign") {
        let kind = campaign["kind"].as_str().expect("a kind");
        kinds.insert(kind);
        assert!(!texts(&campaign["principalIds"]).is_empty(), "{campaign}");
        if kind.starts_with("leak") {
            continue;
        }
        let events = texts(&campaign["eventIds"]);
        assert!(!events.is_empty() || kind == "tokenReplay", "{campaign}");
        // What came after the last day is cut off with it.
        let known = events.iter().filter(|id| ids.contains(**id)).count();
        assert!(2 * known >= events.len(), "{known} of {} events of {campaign} are in the logs", events.len());
    }
    let all: BTreeSet<String> = CampaignKind::THEFTS.into_iter().map(CampaignKind::name).collect();
    let missing: Vec<_> = all.iter().filter(|kind| !kinds.contains(kind.as_str())).collect();
    assert!(missing.len() <= 2, "a small world may have no victim for a kind or two, not for {missing:?}");
    assert!(world.labels("change").count() > 200 && world.labels("principal").count() == 220);
    assert!(world.labels("lookAlike").count() >= 1);
}

#[test]
fn a_third_of_the_kinds_is_kept_aside() {
    let held_out = CampaignKind::THEFTS.iter().filter(|kind| kind.is_held_out()).count();
    assert_eq!(held_out * 3, CampaignKind::THEFTS.len());
}

#[test]
fn one_principal_can_make_nearly_all_of_the_traffic() {
    let options =
        picket::simulate::Options { principals: 20, days: 3, scanner: true, campaigns: Vec::new(), ..options(3) };
    let world = World::new(&options);
    let mut counts: HashMap<String, usize> = HashMap::new();
    for delivered in world.of(Stream::ServicePrincipals) {
        let record: Value = serde_json::from_str(&delivered.line).expect("JSON");
        *counts.entry(record["properties"]["servicePrincipalId"].to_string()).or_default() += 1;
    }
    let (most, all) = (counts.values().max().copied().unwrap_or_default(), counts.values().sum::<usize>());
    assert!(most as f64 / all as f64 > 0.9, "{most} of {all}");
    assert!(START.plus(EventTime::DAY) > START);
}
