//! Stories of what stands in one record: rules that match it, indicators that it shows.

use crate::stories::{Scenario, TENANT, after_three_weeks, at, job, scenario};
use picket::demo::SignIn;
use serde_json::{Value, json};

pub(crate) fn stories() -> Vec<Scenario> {
    [rules(), indicators()].concat()
}

/// An administrator changes the job's service principal.
fn upkeep(minute: i64, activity: &str, property: [&str; 3]) -> Value {
    let [name, old, new] = property;
    json!({
        "time": at(21, 9, minute), "category": "AuditLogs", "operationName": activity, "tenantId": TENANT,
        "properties": {
            "id": format!("upkeep-{minute}"), "activityDisplayName": activity, "activityDateTime": at(21, 9, minute),
            "result": "success", "loggedByService": "Core Directory",
            "initiatedBy": { "user": { "id": "f0000000-4000-8000-0000-000000000001", "userPrincipalName": "ops@example.org" } },
            "targetResources": [{
                "id": "d0000000-4000-8000-0000-000000000001", "displayName": "nightly-export", "type": "ServicePrincipal",
                "modifiedProperties": [{ "displayName": name, "oldValue": old, "newValue": new }],
            }],
        }
    })
}

fn rules() -> Vec<Scenario> {
    let matched = "sigmaRuleMatch";
    vec![
        scenario(
            matched,
            "attack-tool",
            "The job's secret is tried with a tool that maps directories for attackers, from the job's own network.",
            after_three_weeks(vec![SignIn { agent: "azurehound/v2.1.7", ..job(at(21, 4, 0)) }.record()]),
        ),
        scenario(
            matched,
            "benign-upkeep",
            "On one day the usual administrator adds an owner, changes the reply address and what the application asks for.",
            after_three_weeks(vec![
                upkeep(
                    0,
                    "Add owner to service principal",
                    ["ServicePrincipal.ObjectID", "", "\"d0000000-4000-8000-0000-000000000001\""],
                ),
                upkeep(
                    10,
                    "Update service principal",
                    ["AppAddress", "[]", "[{\"Address\":\"https://export.example.org/cb\"}]"],
                ),
                upkeep(20, "Update service principal", ["RequiredResourceAccess", "[]", "[{\"ResourceAppId\":\"x\"}]"]),
                upkeep(30, "Update service principal", ["AppIdentifierUri", "[]", "[\"api://export\"]"]),
            ]),
        ),
    ]
}

fn indicators() -> Vec<Scenario> {
    let seen = "investigationsThreatIntelligence";
    let visitor = |time| SignIn { place: ("203.0.113.66", 24_940, "FI", "Helsinki"), ..job(time) }.record();
    vec![
        Scenario {
            indicators: "# source: our incidents\n# confidence: 85\n203.0.113.0/24 # relay of last month's incident\n",
            ..scenario(
                seen,
                "attack-listed-network",
                "The job's secret is used from a network that the operator has listed after an incident.",
                after_three_weeks(vec![visitor(at(21, 4, 0))]),
            )
        },
        Scenario {
            indicators: "# source: an old list\n# confidence: 85\n# until: 2026-03-01T00:00:00Z\n198.51.100.0/24\nAS64496\n",
            ..scenario(
                seen,
                "benign-expired-indicator",
                "The job's own network stood on a list long ago; what was said of it has ended.",
                after_three_weeks(vec![job(at(21, 4, 0)).record()]),
            )
        },
    ]
}
