//! The stories, in the records of the demonstration.

use picket::demo::{Audit, PushedFile, SignIn, application, push, service_principal};
use picket_detectors::event::EventTime;
use serde_json::{Value, json};

/// One story.
#[derive(Clone)]
pub(crate) struct Scenario {
    /// The detector it is about.
    pub(crate) detector: &'static str,
    /// `attack-…` or `benign-…`.
    pub(crate) name: &'static str,
    /// What happens, for the README.
    pub(crate) tells: &'static str,
    /// Indicators of compromise that the operator has given, as a list.
    pub(crate) indicators: &'static str,
    /// The inventory, if the story needs one.
    pub(crate) inventory: Vec<Value>,
    /// The records.
    pub(crate) events: Vec<Value>,
}

pub(crate) type Place = (&'static str, u32, &'static str, &'static str);

pub(crate) const HOME: Place = ("198.51.100.7", 64_496, "DE", "Frankfurt am Main");
pub(crate) const NEXT_DOOR: Place = ("198.51.107.8", 64_496, "DE", "Frankfurt am Main");
pub(crate) const HIDEOUT: Place = ("203.0.113.66", 24_940, "FI", "Helsinki");
const STORAGE: (&str, &str) = ("e406a681-f3d4-42a8-90b6-c2b029497af1", "Azure Storage");
pub(crate) const GRAPH: (&str, &str) = ("00000003-0000-0000-c000-000000000000", "Microsoft Graph");
pub(crate) const TENANT: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const JOB: &str = "d0000000-4000-8000-0000-000000000001";
pub(crate) const APP: &str = "b0000000-4000-8000-0000-000000000001";

pub(crate) fn at(day: i64, hour: i64, minute: i64) -> EventTime {
    let start = EventTime::from_civil(2026, 3, 1, 0, 0, 0, 0).expect("a date");
    start.plus(day * EventTime::DAY + hour * EventTime::HOUR + minute * EventTime::MINUTE)
}

pub(crate) fn job(time: EventTime) -> SignIn<'static> {
    SignIn {
        time,
        principal: 1,
        name: "nightly-export",
        key: Some(1),
        place: HOME,
        agent: "azsdk-net-Identity/1.10.4",
        resource: STORAGE,
    }
}

pub(crate) fn thief(time: EventTime) -> SignIn<'static> {
    SignIn { place: HIDEOUT, agent: "python-requests/2.31.0", resource: GRAPH, ..job(time) }
}

/// Twenty-one days at two and at fourteen o'clock, then more.
pub(crate) fn after_three_weeks(more: Vec<Value>) -> Vec<Value> {
    let usual = (0..21).flat_map(|day| [job(at(day, 2, 0)).record(), job(at(day, 14, 1)).record()]);
    usual.chain(more).collect()
}

fn key_change(
    time: EventTime,
    actor: Result<&'static str, (u128, &'static str)>,
    before: &[u128],
    after: &[u128],
) -> Value {
    Audit { time, principal: 1, name: "nightly-export", actor, before, after }.record()
}

fn secret() -> String {
    // Right in form and never one: put together here so that no scanner takes this file for a leak.
    let tail = (0..34_u8).map(|n| char::from(b'a' + n * 7 % 26));
    ["tEs8", "Q~"].concat().chars().chain(tail).collect()
}

fn inventory(hint: &str) -> Vec<Value> {
    vec![application(1, "nightly-export", &[(1, hint)]), service_principal(1, "nightly-export", "Application")]
}

fn pushed(secret: &str) -> Vec<Value> {
    let (id, secret) =
        ("AZURE_CLIENT_ID=b0000000-4000-8000-0000-000000000001", format!("AZURE_CLIENT_SECRET={secret}"));
    vec![push(at(3, 9, 0), "example/export", PushedFile { path: "deploy/.env", lines: &[id, &secret] })]
}

fn command(word: &str) -> Value {
    json!({ "command": word, "tenantId": TENANT, "servicePrincipalIds": [JOB], "initiatedBy": "analyst@example.org", "dateTime": at(21, 6, 0) })
}

fn expected_move() -> Value {
    json!({
        "command": "expectChange", "tenantId": TENANT, "servicePrincipalIds": [JOB], "initiatedBy": "ops@example.org",
        "reason": "the job moves to another provider", "dateTime": at(20, 20, 0), "from": at(21, 0, 0), "until": at(22, 0, 0),
    })
}

fn microsoft(state: &str) -> Value {
    json!({
        "time": at(21, 3, 0), "category": "ServicePrincipalRiskEvents", "tenantId": TENANT,
        "properties": {
            "id": "a1", "riskEventType": "leakedCredentials", "riskLevel": "high", "riskState": state, "riskDetail": "none",
            "activityDateTime": at(21, 3, 0), "detectedDateTime": at(21, 3, 0), "lastUpdatedDateTime": at(21, 3, 0),
            "servicePrincipalId": JOB, "servicePrincipalDisplayName": "nightly-export", "appId": "b0000000-4000-8000-0000-000000000001",
        }
    })
}

pub(crate) fn scenario(
    detector: &'static str,
    name: &'static str,
    tells: &'static str,
    events: Vec<Value>,
) -> Scenario {
    Scenario { detector, name, tells, indicators: "", inventory: Vec::new(), events }
}

/// All stories.
pub(crate) fn scenarios() -> Vec<Scenario> {
    [
        sign_ins(),
        additions(),
        leaks(),
        verdicts(),
        crate::administrators::stories(),
        crate::calls::stories(),
        crate::forgotten::stories(),
        crate::signals::stories(),
        crate::repositories::stories(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn sign_ins() -> Vec<Scenario> {
    let signs = "suspiciousSignins";
    let runner = |day: i64, address: &'static str, country: &'static str| {
        SignIn { place: (address, 8_075, country, "Anywhere"), agent: "AzureCLI/2.60.0", ..job(at(day, 9, 0)) }.record()
    };
    let addresses = ["20.30.1.1", "20.41.2.2", "20.52.3.3", "20.63.4.4", "20.74.5.5", "20.85.6.6", "20.96.7.7"];
    let countries = ["US", "NL", "IE"];
    let runs = (0..22).zip(addresses.into_iter().cycle()).zip(countries.into_iter().cycle());
    vec![
        scenario(
            signs,
            "attack-stolen-secret",
            "A job's secret is used from a rented server, with other software, for Microsoft Graph.",
            after_three_weeks((0..5).map(|n| thief(at(21, 4, n)).record()).collect()),
        ),
        scenario(
            signs,
            "attack-in-a-batch-of-its-own-work",
            "The thief copies the job's software and asks for the job's own API first, then goes on to Graph.",
            after_three_weeks(vec![
                SignIn { place: HIDEOUT, ..job(at(21, 14, 5)) }.record(),
                SignIn { place: HIDEOUT, resource: GRAPH, ..job(at(21, 14, 9)) }.record(),
            ]),
        ),
        scenario(
            signs,
            "benign-address-in-the-same-city",
            "The job's provider gives it another address block.",
            after_three_weeks(vec![SignIn { place: NEXT_DOOR, ..job(at(21, 2, 0)) }.record()]),
        ),
        scenario(
            signs,
            "benign-expected-move",
            "Somebody announces that the job moves to another provider on that day.",
            after_three_weeks(vec![expected_move(), thief(at(21, 4, 0)).record(), thief(at(21, 14, 1)).record()]),
        ),
        scenario(
            signs,
            "benign-sdk-upgrade",
            "The job's SDK is upgraded.",
            after_three_weeks(vec![SignIn { agent: "azsdk-net-Identity/1.12.0", ..job(at(21, 2, 0)) }.record()]),
        ),
        scenario(
            signs,
            "benign-runner",
            "A CI runner comes from a new address in another country every day, as always.",
            runs.map(|((day, address), country)| runner(day, address, country)).collect(),
        ),
        scenario(
            signs,
            "benign-new-service",
            "A service in its first days comes from two places: nothing is known yet.",
            vec![
                job(at(0, 2, 0)).record(),
                SignIn { place: HIDEOUT, ..job(at(1, 3, 0)) }.record(),
                job(at(1, 14, 0)).record(),
            ],
        ),
    ]
}

fn additions() -> Vec<Scenario> {
    let additions = "suspiciousCredentialAddition";
    let rotations = || {
        (0..4).map(|n| {
            key_change(at(n * 5, 10, 0), Ok("ops@example.org"), &[1], &[1, 100 + u128::from(n.unsigned_abs())])
        })
    };
    let intruder = key_change(at(21, 3, 0), Err((9, "helpdesk-bot")), &[1], &[1, 33]);
    let with_new_key = |place: Place| SignIn { key: Some(33), place, ..job(at(21, 3, 40)) }.record();
    let story = |more: Vec<Value>| after_three_weeks(rotations().chain(more).collect());
    vec![
        scenario(
            additions,
            "attack-rogue-secret-used-elsewhere",
            "Another application adds a secret to the job's service principal; it is used from a rented server.",
            story(vec![intruder.clone(), with_new_key(HIDEOUT)]),
        ),
        scenario(
            additions,
            "attack-used-before-it-was-logged",
            "The same, but the sign-in's record arrives before the audit record.",
            story(vec![with_new_key(HIDEOUT), intruder]),
        ),
        scenario(
            additions,
            "benign-rotation",
            "The usual administrator rotates the secret; the job goes on from home with the new one.",
            story(vec![key_change(at(21, 3, 0), Ok("ops@example.org"), &[1], &[33]), with_new_key(HOME)]),
        ),
    ]
}

fn leaks() -> Vec<Scenario> {
    let leaks = "leakedCredentials";
    let secret = secret();
    let hint = secret.get(..3).unwrap_or_default();
    let removal = key_change(at(5, 9, 0), Ok("ops@example.org"), &[1, 2], &[2]);
    vec![
        Scenario {
            inventory: inventory(hint),
            ..scenario(
                leaks,
                "attack-public-push",
                "The job's secret is pushed to a public repository next to its client id, and removed two days later.",
                [pushed(&secret), vec![removal]].concat(),
            )
        },
        Scenario {
            inventory: inventory(hint),
            ..scenario(
                leaks,
                "attack-leaked-then-used",
                "The job's secret is pushed to a public repository; two weeks later it is used from a rented server.",
                after_three_weeks(
                    [pushed(&secret), vec![SignIn { place: HIDEOUT, ..job(at(21, 14, 0)) }.record()]].concat(),
                ),
            )
        },
        Scenario {
            inventory: inventory("zzz"),
            ..scenario(
                leaks,
                "benign-secret-that-the-application-has-no-more",
                "A secret stands next to the client id, but the inventory lists the application's secrets and none begins so: it was removed before.",
                pushed(&secret),
            )
        },
        Scenario {
            inventory: inventory(hint),
            ..scenario(
                leaks,
                "benign-placeholder",
                "The file shows where the secret goes, not the secret.",
                pushed("<your-client-secret>"),
            )
        },
    ]
}

fn verdicts() -> Vec<Scenario> {
    let (confirmed, microsoft_says) = ("adminConfirmedServicePrincipalCompromised", "microsoftEntraIdProtection");
    vec![
        scenario(
            confirmed,
            "attack-confirmed",
            "An analyst confirms the compromise.",
            after_three_weeks(vec![command("confirmCompromised")]),
        ),
        scenario(
            confirmed,
            "benign-confirmed-safe",
            "An analyst says that all is well.",
            after_three_weeks(vec![command("confirmSafe")]),
        ),
        scenario(
            microsoft_says,
            "attack-microsoft-high",
            "Microsoft reports leaked credentials at level high.",
            after_three_weeks(vec![microsoft("atRisk")]),
        ),
        scenario(
            microsoft_says,
            "benign-microsoft-dismissed",
            "Microsoft's report was dismissed there.",
            after_three_weeks(vec![microsoft("dismissed")]),
        ),
    ]
}
