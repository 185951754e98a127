//! Stories of people who change the directory: from where, and what Microsoft says of them.

use crate::calls::with;
use crate::stories::{HIDEOUT, NEXT_DOOR, Scenario, TENANT, after_three_weeks, at, scenario};
use picket::demo::Audit;
use picket_detectors::event::EventTime;
use serde_json::{Value, json};

/// Gives a principal a secret beside the one that it has; `from` is an address.
fn adds(time: EventTime, principal: u128, from: &str) -> Value {
    let audit =
        Audit { time, principal, name: "nightly-export", actor: Ok("ops@example.org"), before: &[1], after: &[1, 33] };
    with(audit.record(), &[("/properties/initiatedBy/user/ipAddress", json!(from))])
}

/// Microsoft's word on the administrator.
fn at_risk(time: EventTime) -> Value {
    json!({
        "time": time, "category": "RiskyUsers", "tenantId": TENANT,
        "properties": {
            "id": "f0000000-4000-8000-0000-000000000001", "userPrincipalName": "ops@example.org", "riskLevel": "high",
            "riskState": "atRisk", "riskDetail": "none", "riskLastUpdatedDateTime": at(21, 8, 0),
        }
    })
}

pub(crate) fn stories() -> Vec<Scenario> {
    let additions = "suspiciousCredentialAddition";
    let office = NEXT_DOOR.0;
    let for_others = || (0..20_u8).map(|day| adds(at(day.into(), 10, 0), 50 + u128::from(day), office));
    let story = |more: Vec<Value>| after_three_weeks(for_others().chain(more).collect());
    vec![
        scenario(
            additions,
            "attack-administrator-from-elsewhere",
            "An administrator who rotates secrets from the office adds one to a job that nobody ever changed, at night and from a \
             rented server.",
            story(vec![adds(at(21, 3, 0), 1, HIDEOUT.0)]),
        ),
        scenario(
            additions,
            "attack-administrator-at-risk",
            "An administrator adds a secret from the office; hours later Microsoft says that the account is at risk since before.",
            story(vec![adds(at(21, 9, 0), 1, office), at_risk(at(21, 15, 0))]),
        ),
        scenario(
            additions,
            "benign-administrator-from-the-office",
            "An administrator who rotates the secrets of others adds one to a job that nobody ever changed, from the office.",
            story(vec![adds(at(21, 9, 0), 1, office)]),
        ),
    ]
}
