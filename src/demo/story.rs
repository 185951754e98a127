//! The story: six weeks, five workloads, three of them attacked or careless and two that only look so.

use super::records::{Audit, PushedFile, SignIn, application, guid, push, service_principal};
use picket_detectors::event::EventTime;
use serde_json::Value;

/// Days before anything happens.
const QUIET_DAYS: i64 = 30;
/// Days in all.
const DAYS: i64 = 44;

const STORAGE: (&str, &str) = ("e406a681-f3d4-42a8-90b6-c2b029497af1", "Azure Storage");
const GRAPH: (&str, &str) = ("00000003-0000-0000-c000-000000000000", "Microsoft Graph");
const VAULT: (&str, &str) = ("cfa8b339-82a2-471a-a3c9-0fc0be7a4093", "Azure Key Vault");
const OFFICE: (&str, u32, &str, &str) = ("198.51.100.7", 64_496, "DE", "Frankfurt am Main");
const HIDEOUT: (&str, u32, &str, &str) = ("203.0.113.66", 24_940, "FI", "Helsinki");
const NOWHERE: (&str, u32, &str, &str) = ("", 0, "", "");

/// Everything that the demonstration feeds to Picket.
#[derive(Debug)]
pub struct Story {
    /// Graph export of applications and service principals.
    pub inventory: Vec<Value>,
    /// Sign-ins, audit records and a push, by time.
    pub records: Vec<Value>,
    /// Who is in it, and what is about to happen to each.
    pub cast: Vec<(&'static str, &'static str)>,
    /// The first and the day after the last.
    pub days: (EventTime, EventTime),
}

/// The moment `minute` minutes into a day of the story.
fn at(day: i64, minute: i64) -> EventTime {
    // 2026-03-01T00:00:00Z
    EventTime::from_micros(1_772_323_200 * EventTime::SECOND).plus(day * EventTime::DAY + minute * EventTime::MINUTE)
}

/// Tells the story.
pub fn story() -> Story {
    let leaked = made_up_secret();
    let mut dated = everyday();
    dated.extend(theft());
    dated.extend(rogue_credential());
    dated.extend(leak(&leaked));
    dated.sort_by_key(|(time, _)| *time);
    let hint = leaked.get(..3).unwrap_or_default();
    Story {
        inventory: vec![
            application(1, "nightly-export", &[(1, "q1w")]),
            application(2, "ci-deployer", &[(2, "zz9")]),
            application(3, "billing-sync", &[(3, "m4n")]),
            application(4, "report-mailer", &[(4, hint)]),
            service_principal(1, "nightly-export", "Application"),
            service_principal(2, "ci-deployer", "Application"),
            service_principal(3, "billing-sync", "Application"),
            service_principal(4, "report-mailer", "Application"),
            service_principal(5, "vm-batch-01", "ManagedIdentity"),
        ],
        records: dated.into_iter().map(|(_, record)| record).collect(),
        cast: vec![
            ("nightly-export", "its secret is stolen and used from a rented server"),
            ("billing-sync", "another application gives it a second secret, which is then used from elsewhere"),
            ("report-mailer", "its secret is pushed to a public repository, and removed two days later"),
            ("ci-deployer", "signs in from a new address every day, as it always did"),
            ("vm-batch-01", "a managed identity: no address, only rhythm and resources"),
        ],
        days: (at(0, 0), at(DAYS, 0)),
    }
}

type Dated = Vec<(EventTime, Value)>;

fn dated(sign_in: &SignIn<'_>) -> (EventTime, Value) {
    (sign_in.time, sign_in.record())
}

/// What all of them do every day.
fn everyday() -> Dated {
    let mut records = Dated::new();
    for day in 0..DAYS {
        let job = |principal: u128, name: &'static str, minute: i64| SignIn {
            time: at(day, minute),
            principal,
            name,
            key: Some(principal),
            place: OFFICE,
            agent: "azsdk-net-Identity/1.10.4",
            resource: STORAGE,
        };
        records.push(dated(&job(1, "nightly-export", 121)));
        records.push(dated(&SignIn { resource: VAULT, ..job(1, "nightly-export", 122) }));
        records.extend((0..24).step_by(4).map(|hour| dated(&job(3, "billing-sync", 60 * hour + 7))));
        if day <= QUIET_DAYS + 3 {
            records.extend((8..18).step_by(3).map(|hour| dated(&job(4, "report-mailer", 60 * hour + 31))));
        }
        let address = format!("20.{}.{}.{}", 30 + day % 60, day * 7 % 250, day * 13 % 250);
        let (country, city) = match day % 3 {
            0 => ("US", "Boydton"),
            1 => ("NL", "Amsterdam"),
            _ => ("IE", "Dublin"),
        };
        let runner = SignIn {
            place: (&address, 8_075, country, city),
            agent: "AzureCLI/2.60.0 (GITHUB_ACTIONS)",
            resource: ("797f4846-ba00-4fd7-ba43-dac1f8f63013", "Azure Resource Manager"),
            ..job(2, "ci-deployer", 600 + day * 37 % 300)
        };
        records.push(dated(&runner));
        let machine = SignIn { key: None, place: NOWHERE, agent: "", resource: VAULT, ..job(5, "vm-batch-01", 0) };
        records.extend((0..24).map(|hour| dated(&SignIn { time: at(day, 60 * hour + 2), ..machine.clone() })));
    }
    records
}

/// Day 30, 04:12: somebody else holds nightly-export's secret.
fn theft() -> Dated {
    let step = |minute: i64, resource| SignIn {
        time: at(QUIET_DAYS, 4 * 60 + minute),
        principal: 1,
        name: "nightly-export",
        key: Some(1),
        place: HIDEOUT,
        agent: "python-requests/2.31.0",
        resource,
    };
    (0..6).map(|n| dated(&step(12 + 9 * n, if n == 0 { STORAGE } else { GRAPH }))).collect()
}

/// Day 32: ci-deployer, which never did so, adds a secret to billing-sync; it is used forty minutes later.
fn rogue_credential() -> Dated {
    let time = at(QUIET_DAYS + 2, 23 * 60);
    let audit = Audit {
        time,
        principal: 3,
        name: "billing-sync",
        actor: Err((2, "ci-deployer")),
        before: &[3],
        after: &[3, 33],
    };
    let used = SignIn {
        time: time.plus(40 * EventTime::MINUTE),
        principal: 3,
        name: "billing-sync",
        key: Some(33),
        place: HIDEOUT,
        agent: "azsdk-net-Identity/1.10.4",
        resource: STORAGE,
    };
    vec![(time, audit.record()), dated(&used)]
}

/// Day 31: report-mailer's secret stands in a public repository; day 33: an administrator removes it.
fn leak(secret: &str) -> Dated {
    let client_id = format!("AZURE_CLIENT_ID={}", guid(0xb, 4));
    let client_secret = format!("AZURE_CLIENT_SECRET={secret}");
    let pushed = at(QUIET_DAYS + 1, 9 * 60 + 30);
    let file = PushedFile { path: "deploy/.env", lines: &[&client_id, &client_secret] };
    let removed = at(QUIET_DAYS + 3, 14 * 60);
    let removal = Audit {
        time: removed,
        principal: 4,
        name: "report-mailer",
        actor: Ok("ops@example.org"),
        before: &[4, 44],
        after: &[44],
    };
    vec![(pushed, push(pushed, "example/report-mailer", file)), (removed, removal.record())]
}

/// A secret that never was one: right in form, made when it is needed, so that no scanner takes this file for a leak.
fn made_up_secret() -> String {
    let tail = (0..34_u32).map(|n| char::from(b'a' + (n * 7 % 26) as u8));
    ["dEm8", "Q~"].concat().chars().chain(tail).collect()
}
