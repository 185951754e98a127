//! What places give to events, and the program that reads them.

use crate::support::program::{Running, eventually, expect_code, picket, stderr};
use picket::decode::{Context, Decoder, Limits, Outcome};
use picket::geo::Geography;
use picket_detectors::event::{Body, Place, TenantId};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

const TABLE: &str = "start,end,country,city,asn\n203.0.113.0,203.0.113.255,DE,Cologne,64496\n";
const TENANT: &str = "11111111-1111-4111-8111-111111111111";
const PRINCIPAL: &str = "d0000000-0000-4000-8000-000000000001";

fn record(category: &str, outer: &Value, properties: &Value) -> String {
    let mut record =
        json!({"time": "2026-05-04T09:00:00Z", "category": category, "tenantId": TENANT, "properties": properties});
    record.as_object_mut().expect("an object").extend(outer.as_object().expect("an object").clone());
    record.to_string()
}

fn call(address: &str) -> String {
    let properties = json!({"requestId": "r", "timeGenerated": "2026-05-04T09:00:00Z", "servicePrincipalId": PRINCIPAL,
        "ipAddress": address, "requestMethod": "GET", "requestUri": "https://graph.microsoft.com/v1.0/users"});
    record("MicrosoftGraphActivityLogs", &json!({}), &properties)
}

fn sign_in(place: &Value) -> String {
    let mut properties = json!({"id": "s", "createdDateTime": "2026-05-04T09:00:00Z", "servicePrincipalId": PRINCIPAL, "status": {"errorCode": 0}});
    properties.as_object_mut().expect("an object").extend(place.as_object().expect("an object").clone());
    record("ServicePrincipalSignInLogs", &json!({}), &properties)
}

fn audit() -> String {
    let properties = json!({"id": "a", "activityDisplayName": "Add service principal", "activityDateTime": "2026-05-04T09:00:00Z", "result": "success",
        "initiatedBy": {"user": {"id": "u", "userPrincipalName": "ops@example.org", "ipAddress": "203.0.113.7"}},
        "targetResources": [{"id": PRINCIPAL, "type": "ServicePrincipal"}]});
    record("AuditLogs", &json!({}), &properties)
}

fn azure() -> String {
    let outer = json!({"operationName": "MICROSOFT.COMPUTE/VIRTUALMACHINES/READ", "resultType": "Success", "callerIpAddress": "203.0.113.7",
        "identity": {"authorization": {"evidence": {"principalType": "ServicePrincipal", "principalId": PRINCIPAL.replace('-', "")}},
            "claims": {"idtyp": "app", "http://schemas.microsoft.com/identity/claims/objectidentifier": PRINCIPAL,
                "http://schemas.microsoft.com/identity/claims/tenantid": TENANT, "appid": "b0000000-0000-4000-8000-000000000001"}}});
    record("AzureActivity", &outer, &json!({}))
}

/// The place of the record's event.
fn place(decoder: &Decoder, record: &str) -> Place {
    let mut places = Vec::new();
    decoder.current().decode(record.as_bytes(), &mut |decoded| {
        let Outcome::Events(events) = decoded.outcome else { panic!("{record}: {:?}", decoded.outcome) };
        places.extend(events.into_iter().map(|event| match event.body {
            Body::SignIn(sign_in) => sign_in.place,
            Body::ApiActivity(call) => call.place,
            Body::DirectoryChange(change) => change.actor.place,
            other => panic!("{other:?}"),
        }));
    });
    places.pop().expect("an event")
}

fn shown(place: &Place) -> (Option<&str>, Option<&str>, Option<u32>) {
    (place.country_code(), place.city.as_deref(), place.asn)
}

fn decoder(geography: Option<Geography>) -> Decoder {
    let context = Context { default_tenant: TenantId::UNKNOWN, limits: Limits::default(), scrubber: Arc::default() };
    Decoder { marks: geography.map(|places| Arc::new(places) as _).into_iter().collect(), ..context.into() }
}

fn table(folder: &Path) -> String {
    let path = folder.join("places.csv");
    std::fs::write(&path, TABLE).expect("writes");
    path.to_str().expect("text").to_owned()
}

#[test]
fn what_comes_without_a_place_gets_one_and_what_the_log_says_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let (with, without) =
        (decoder(Some(Geography::open(vec![table(folder.path()).into()]).expect("opens"))), decoder(None));
    let full = (Some("DE"), Some("Cologne"), Some(64496));
    for record in [call("203.0.113.7"), audit(), azure(), sign_in(&json!({"ipAddress": "203.0.113.7"}))] {
        assert_eq!(shown(&place(&with, &record)), full, "{record}");
        assert_eq!(shown(&place(&without, &record)), (None, None, None), "{record}");
    }
    let own = json!({"ipAddress": "203.0.113.7", "autonomousSystemNumber": 64497, "location": {"countryOrRegion": "FR", "city": "Paris"}});
    assert_eq!(shown(&place(&with, &sign_in(&own))), (Some("FR"), Some("Paris"), Some(64497)));
    let without_number = json!({"ipAddress": "203.0.113.7", "location": {"countryOrRegion": "FR"}});
    assert_eq!(
        shown(&place(&with, &sign_in(&without_number))),
        (Some("FR"), None, Some(64496)),
        "no city of another country"
    );
    let of_a_managed_identity = sign_in(&json!({"ipAddress": "", "location": {"countryOrRegion": "", "city": ""}}));
    assert!(place(&with, &of_a_managed_identity).is_unknown());
    assert_eq!(shown(&place(&with, &call("198.51.100.1"))), (None, None, None), "what no file knows is unknown");
}

#[test]
fn an_autonomous_system_on_a_list_is_seen_behind_the_address_of_a_call() {
    let folder = tempfile::tempdir().expect("a folder");
    let (events, list) = (folder.path().join("events.ndjson"), folder.path().join("list.txt"));
    std::fs::write(&events, call("203.0.113.7")).expect("writes");
    std::fs::write(&list, "# confidence: 90\nAS64496\n").expect("writes");
    let detections = |places: &str| {
        let out = folder.path().join("out");
        let mut command = picket(["--log-level", "error", "replay", "--out"]);
        command.arg(&out).arg(&events).env("PICKET__INTELLIGENCE__FILES", format!("[{list:?}]"));
        expect_code(command.env("PICKET__GEO__FILES", places), 0);
        std::fs::read_to_string(out.join("risk-detections.ndjson")).expect("an output")
    };
    assert_eq!(detections("[]"), "");
    let told = detections(&format!("[{:?}]", table(folder.path())));
    let told: Value = serde_json::from_str(told.trim()).expect("one detection");
    assert_eq!(told["riskEventType"], "investigationsThreatIntelligence");
    assert_eq!((&told["location"]["countryOrRegion"], &told["location"]["city"]), (&json!("DE"), &json!("Cologne")));
}

#[test]
fn a_file_that_is_broken_stops_the_start_and_not_what_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, out, path) = (folder.path().join("data"), folder.path().join("out"), table(folder.path()));
    let mut command = picket(["run", "--listen", "127.0.0.1:0"]);
    command.arg("--data").arg(&data).arg("--out").arg(&out).env("PICKET__GEO__FILES", format!("[{path:?}]"));
    let running = Running::spawn(command, &data);
    std::fs::write(&path, "203.0.113.0,203.0.1").expect("writes");
    eventually("a refusal", || {
        let page = running.request("GET", "/metrics", &[], b"").2;
        page.contains("picket_reloads_total{of=\"places\",outcome=\"refused\"} 1").then_some(())
    });
    assert_eq!(running.terminate(), Some(0));
    std::fs::write(folder.path().join("events.ndjson"), call("203.0.113.7")).expect("writes");
    let mut again = picket(["replay"]);
    again
        .arg(folder.path().join("events.ndjson"))
        .arg("--out")
        .arg(folder.path().join("other"))
        .env("PICKET__GEO__FILES", format!("[{path:?}]"));
    let said = stderr(&expect_code(&mut again, 2));
    assert!(said.contains("places.csv:1"), "{said}");
}
