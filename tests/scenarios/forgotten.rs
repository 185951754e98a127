//! Stories of applications that were there all along and sign in for the first time.

use crate::calls::with;
use crate::stories::{GRAPH, HIDEOUT, HOME, Place, Scenario, at, job, scenario};
use picket::demo::{SignIn, service_principal};
use serde_json::{Value, json};

const JOBS: u128 = 12;
const DAYS: i64 = 45;

/// Weeks in which the others sign in; then the forgotten one does.
fn after_weeks(from: Place, agent: &'static str) -> Vec<Value> {
    let others = |day| (2..2 + JOBS).map(move |principal| SignIn { principal, ..job(at(day, 2, 0)) }.record());
    let first = SignIn { name: "legacy-test-app", place: from, agent, resource: GRAPH, ..job(at(DAYS, 4, 0)) };
    (0..DAYS).flat_map(others).chain([first.record()]).collect()
}

/// The inventory says since when it is there.
fn listed() -> Vec<Value> {
    let created = [("/createdDateTime", json!(at(-500, 9, 0)))];
    vec![with(service_principal(1, "legacy-test-app", "Application"), &created)]
}

pub(crate) fn stories() -> Vec<Scenario> {
    let signs = "suspiciousSignins";
    let all = [
        scenario(
            signs,
            "attack-forgotten-application",
            "An application that nobody has used for as long as the tenant is watched signs in from a rented server, for \
             Microsoft Graph.",
            after_weeks(HIDEOUT, "python-requests/2.31.0"),
        ),
        scenario(
            signs,
            "benign-yearly-job",
            "A job that runs once a year comes from where the tenant's other workloads are.",
            after_weeks(HOME, "azsdk-net-Identity/1.10.4"),
        ),
    ];
    all.into_iter().map(|one| Scenario { inventory: listed(), ..one }).collect()
}
