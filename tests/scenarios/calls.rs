//! Stories of API calls, of what is done to the directory, and of agents.

use crate::stories::{
    APP, GRAPH, HIDEOUT, HOME, JOB, NEXT_DOOR, Place, Scenario, TENANT, after_three_weeks, at, job, scenario, thief,
};
use picket::demo::SignIn;
use picket_detectors::event::EventTime;
use serde_json::{Value, json};

/// A token as sign-ins name it, and calls.
fn token(number: i64) -> String {
    format!("70000000-0000-4000-8000-{number:012}")
}

/// A call of Microsoft Graph.
fn call(time: EventTime, address: &str, path: &str, status: u16, token_number: i64) -> Value {
    let digest = time.micros() / EventTime::SECOND;
    json!({
        "time": time, "category": "MicrosoftGraphActivityLogs", "operationName": "Microsoft Graph Activity",
        "tenantId": TENANT, "callerIpAddress": address,
        "properties": {
            "timeGenerated": time, "requestId": format!("9{:07x}-0000-4000-8000-{digest:012}", path.len()),
            "servicePrincipalId": JOB, "appId": APP, "ipAddress": address, "requestMethod": "GET",
            "requestUri": format!("https://graph.microsoft.com/v1.0/{path}"), "responseStatusCode": status,
            "userAgent": "azsdk-net-Identity/1.10", "C_Idtyp": "app", "signInActivityId": token(token_number),
        }
    })
}

/// A sign-in whose token is known.
fn with_token(sign_in: &SignIn<'_>, number: i64) -> Value {
    with(sign_in.record(), &[("/properties/uniqueTokenIdentifier", json!(token(number)))])
}

/// Sets members of a record.
pub(crate) fn with(mut record: Value, members: &[(&str, Value)]) -> Value {
    for (path, value) in members {
        let (parent, name) = path.rsplit_once('/').expect("a path");
        let parent = record.pointer_mut(parent).expect("a member").as_object_mut().expect("an object");
        parent.insert(name.to_owned(), value.clone());
    }
    record
}

/// Three weeks of sign-ins, each followed by one call.
fn three_weeks_of_calls() -> Vec<Value> {
    let day = |day: i64| {
        [with_token(&job(at(day, 2, 0)), day), call(at(day, 2, 1), HOME.0, "users/ops@example.org", 200, day)]
    };
    (0..21).flat_map(day).collect()
}

pub(crate) fn stories() -> Vec<Scenario> {
    [
        traffic(),
        tokens(),
        spikes(),
        guesses(),
        acts(),
        grants(),
        azure_roles(),
        azure_trusts(),
        consents(),
        disabled(),
        agents(),
        risky_users(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn traffic() -> Vec<Scenario> {
    let traffic = "suspiciousAPITraffic";
    let paths = [
        "applications",
        "servicePrincipals",
        "groups",
        "directoryRoles",
        "users",
        "policies",
        "domains",
        "roleManagement/directory/roleAssignments",
        "users/ops@example.org/messages",
        "sites",
        "devices",
        "organization",
    ];
    let look_around = paths.iter().zip(0..).map(|(path, n)| call(at(21, 2, 2 + n), HOME.0, path, 200, 21));
    let usual = || three_weeks_of_calls().into_iter().chain([with_token(&job(at(21, 2, 0)), 21)]);
    vec![
        scenario(
            traffic,
            "attack-looking-around",
            "Whoever holds the job's token lists a dozen parts of the directory within minutes.",
            usual().chain(look_around).collect(),
        ),
        scenario(
            traffic,
            "benign-new-endpoint",
            "A release of the job calls one more endpoint.",
            usual().chain([call(at(21, 2, 2), HOME.0, "users/ops@example.org/manager", 200, 21)]).collect(),
        ),
    ]
}

fn tokens() -> Vec<Scenario> {
    let replay = "tokenReplay";
    let issued = with_token(&job(at(21, 2, 0)), 21);
    let stolen = call(at(21, 2, 9), HIDEOUT.0, "users/ops@example.org", 200, 21);
    let story = |more: Vec<Value>| three_weeks_of_calls().into_iter().chain(more).collect();
    // A workload whose calls leave by another network than its sign-ins, day by day.
    let split = (0..22).flat_map(|day| {
        let exit = if day % 2 == 0 { "192.0.2.8" } else { "192.0.2.200" };
        [with_token(&job(at(day, 2, 0)), day), call(at(day, 2, 1), exit, "users/ops@example.org", 200, day)]
    });
    vec![
        scenario(
            replay,
            "attack-token-used-elsewhere",
            "The job's token is used from a rented server nine minutes after it was issued.",
            story(vec![issued.clone(), stolen.clone()]),
        ),
        scenario(
            replay,
            "attack-used-before-it-was-logged",
            "The same, but the call's record arrives before the sign-in's.",
            story(vec![stolen, issued]),
        ),
        scenario(
            replay,
            "benign-split-egress",
            "The job's calls leave by another network than its sign-ins, as always.",
            split.collect(),
        ),
    ]
}

fn spikes() -> Vec<Scenario> {
    let spike = "signInSpike";
    let burst = |count: i64| (0..count).map(|n| job(at(21, 2, 0).plus(n * 20 * EventTime::SECOND)).record()).collect();
    vec![
        scenario(
            spike,
            "attack-a-hundred-in-an-hour",
            "The job, which signs in twice a day, does so a hundred and fifty times in an hour.",
            after_three_weeks(burst(150)),
        ),
        scenario(spike, "benign-retries", "The job is started again a few times.", after_three_weeks(burst(6))),
    ]
}

fn refused(sign_in: &SignIn<'_>) -> Value {
    with(
        sign_in.record(),
        &[("/properties/status", json!({ "errorCode": 7_000_215 })), ("/resultType", json!("7000215"))],
    )
}

fn guesses() -> Vec<Scenario> {
    let guessing = "credentialGuessing";
    let tries = |place: Place| (0..5).map(move |n| refused(&SignIn { place, ..thief(at(21, 4, n)) }));
    vec![
        scenario(
            guessing,
            "attack-a-list-of-old-secrets",
            "A rented server is refused five times and then let in.",
            after_three_weeks(tries(HIDEOUT).chain([thief(at(21, 4, 6)).record()]).collect()),
        ),
        scenario(
            guessing,
            "benign-typing-error-at-home",
            "The secret is mistyped where the job always runs, then corrected.",
            after_three_weeks(tries(HOME).chain([job(at(21, 4, 6)).record()]).collect()),
        ),
        scenario(
            guessing,
            "attack-secrets-tried-on-many",
            "From one address of the job's own provider four workloads are refused within minutes, and the job is let in.",
            after_three_weeks(tried_on(4).chain([job_next_door()]).collect()),
        ),
        scenario(
            guessing,
            "benign-one-configuration-gone-wrong",
            "The job moves with another workload; both have the wrong secret first, and the job's is corrected.",
            after_three_weeks(tried_on(2).chain([job_next_door()]).collect()),
        ),
    ]
}

/// So many principals, the job last, are refused next door.
fn tried_on(principals: u128) -> impl Iterator<Item = Value> {
    let tried = (1..=principals).rev().zip(0..);
    tried.map(|(principal, minute)| refused(&SignIn { principal, place: NEXT_DOOR, ..job(at(21, 4, minute)) }))
}

fn job_next_door() -> Value {
    SignIn { place: NEXT_DOOR, ..job(at(21, 4, 9)) }.record()
}

/// Any act in the audit log; `actor` is a person, or the object id of an application.
fn act(
    time: EventTime,
    activity: &str,
    actor: Result<&str, &str>,
    target: (&str, &str),
    properties: &[(&str, &str)],
) -> Value {
    let by = match actor {
        Ok(person) => json!({ "user": { "id": "f0000000-0000-4000-8000-000000000001", "userPrincipalName": person } }),
        Err(principal) => {
            json!({ "app": { "appId": null, "displayName": "an application", "servicePrincipalId": principal } })
        }
    };
    let id = format!("{activity} {time}");
    let properties: Vec<Value> = properties
        .iter()
        .map(|(name, new)| json!({ "displayName": name, "oldValue": null, "newValue": new }))
        .collect();
    json!({
        "time": time, "category": "AuditLogs", "operationName": activity, "tenantId": TENANT,
        "properties": {
            "id": id, "correlationId": id, "result": "success", "activityDisplayName": activity, "activityDateTime": time,
            "loggedByService": "Core Directory", "initiatedBy": by,
            "targetResources": [{ "id": target.0, "displayName": target.1, "type": "ServicePrincipal", "modifiedProperties": properties }],
            "additionalDetails": []
        }
    })
}

const OTHER: (&str, &str) = ("d0000000-4000-8000-0000-0000000000ff", "payroll");

fn acts() -> Vec<Scenario> {
    let anomalous = "anomalousServicePrincipalActivity";
    let key =
        r#"["[KeyIdentifier=e0000000-4000-8000-0000-0000000000aa,KeyType=Password,KeyUsage=Verify,DisplayName=x]"]"#;
    let add = |day: i64, target| {
        act(at(day, 3, 0), "Add service principal credentials", Err(JOB), target, &[("KeyDescription", key)])
    };
    let rotations = (0..21).map(|day| {
        add(
            day,
            (
                if day % 2 == 0 {
                    "d0000000-4000-8000-0000-0000000000f0"
                } else {
                    "d0000000-4000-8000-0000-0000000000f1"
                },
                "one of many",
            ),
        )
    });
    vec![
        scenario(
            anomalous,
            "attack-first-act-is-a-credential",
            "A job that never touched the directory adds a secret to another service principal.",
            after_three_weeks(vec![add(21, OTHER)]),
        ),
        scenario(
            anomalous,
            "benign-rotation-service",
            "A service that rotates other principals' secrets every day rotates one more.",
            after_three_weeks(rotations.chain([add(21, OTHER)]).collect()),
        ),
    ]
}

/// The beginning of a call of Resource Manager that gives the job a role on a subscription.
fn azure_role(time: EventTime, actor: Result<&str, &str>, role: &str) -> Value {
    let digest = time.micros() / EventTime::SECOND;
    let (who, kind) = match actor {
        Ok(person) => (json!({"idtyp": "user", "upn": person, "oid": "a0000000-4000-8000-0000-000000000077"}), "User"),
        Err(principal) => (json!({"idtyp": "app", "appid": APP, "oid": principal}), "ServicePrincipal"),
    };
    let request = json!({"Properties": {"PrincipalId": JOB, "PrincipalType": "ServicePrincipal", "Scope": "/subscriptions/s",
        "RoleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}")}});
    json!({
        "time": time, "category": "Administrative", "tenantId": TENANT, "callerIpAddress": HOME.0, "resultType": "Start",
        "operationName": "MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE", "resultSignature": "Started.",
        "correlationId": format!("c0000000-0000-4000-8000-{digest:012}"),
        "resourceId": format!("/SUBSCRIPTIONS/S/PROVIDERS/MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/{digest}"),
        "identity": {"claims": who, "authorization": {"evidence": {"principalType": kind}}},
        "properties": {"requestbody": request.to_string()},
    })
}

fn azure_roles() -> Vec<Scenario> {
    let (grant, owner, contributor) =
        ("suspiciousPrivilegeGrant", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "b24988ac-6180-42a0-ab88-20f7382dd24c");
    let given = |day| azure_role(at(day, 9, 0), Ok("ops@example.org"), contributor);
    vec![
        scenario(
            grant,
            "attack-owns-the-subscription",
            "A pipeline makes itself the owner of the subscription.",
            after_three_weeks(vec![azure_role(at(21, 3, 0), Err(JOB), owner)]),
        ),
        scenario(
            grant,
            "benign-administrator-of-a-subscription",
            "An administrator who looks after the job lets it change the subscription once more.",
            after_three_weeks([2, 9, 16, 21].map(given).into()),
        ),
    ]
}

/// The path of a managed identity.
const IDENTITY: &str =
    "/subscriptions/s/resourcegroups/prod/providers/Microsoft.ManagedIdentity/userAssignedIdentities/vm-batch";

/// The beginning of a call of Resource Manager that puts a trust on the managed identity.
fn azure_trust(time: EventTime, person: (&str, &str, &str), (issuer, subject): (&str, &str)) -> Value {
    let (name, object, address) = person;
    let digest = time.micros() / EventTime::SECOND;
    let request = json!({"properties": {"issuer": issuer, "subject": subject,
        "audiences": ["api://AzureADTokenExchange"]}});
    json!({
        "time": time, "category": "Administrative", "tenantId": TENANT, "callerIpAddress": address, "resultType": "Start",
        "operationName": "MICROSOFT.MANAGEDIDENTITY/USERASSIGNEDIDENTITIES/FEDERATEDIDENTITYCREDENTIALS/WRITE",
        "resultSignature": "Started.", "correlationId": format!("c0000000-0000-4000-8000-{digest:012}"),
        "resourceId": format!("{}/FEDERATEDIDENTITYCREDENTIALS/CI{digest}", IDENTITY.to_ascii_uppercase()),
        "identity": {"claims": {"idtyp": "user", "upn": name, "oid": object},
            "authorization": {"evidence": {"principalType": "User"}}},
        "properties": {"requestbody": request.to_string()},
    })
}

fn azure_trusts() -> Vec<Scenario> {
    let (addition, code_host) = ("suspiciousCredentialAddition", "https://token.actions.githubusercontent.com");
    let keeper = ("ops@example.org", "a0000000-4000-8000-0000-000000000077", HOME.0);
    let other = ("web@example.org", "a0000000-4000-8000-0000-000000000078", HIDEOUT.0);
    let identity = |time| SignIn { key: None, name: "vm-batch", ..job(time) }.record();
    let days = (0..21).flat_map(|day| [identity(at(day, 2, 0)), identity(at(day, 14, 1))]);
    let kept =
        [4, 11].map(|day| azure_trust(at(day, 9, 0), keeper, (code_host, "repo:contoso/batch:ref:refs/heads/main")));
    let usual: Vec<Value> = days.chain(kept).collect();
    let listed = json!({"@odata.type": "#microsoft.graph.servicePrincipal", "id": JOB, "appId": APP, "displayName": "vm-batch",
        "servicePrincipalType": "ManagedIdentity", "alternativeNames": ["isExplicit=True", IDENTITY]});
    let story = |name, tells, trust| Scenario {
        inventory: vec![listed.clone()],
        ..scenario(addition, name, tells, usual.iter().cloned().chain([trust]).collect())
    };
    vec![
        story(
            "attack-trust-on-a-managed-identity",
            "Somebody who never changed it lets an issuer of his own sign in as a managed identity, from a rented server.",
            azure_trust(at(21, 3, 0), other, ("https://idp.stranger.example", "batch")),
        ),
        story(
            "benign-trust-on-a-managed-identity",
            "The administrator of a managed identity lets one more branch of the same repository sign in as it.",
            azure_trust(at(21, 9, 0), keeper, (code_host, "repo:contoso/batch:ref:refs/heads/release")),
        ),
    ]
}

fn grants() -> Vec<Scenario> {
    let grant = "suspiciousPrivilegeGrant";
    let role = |value: &'static str| [("AppRole.Value", value), ("ServicePrincipal.ObjectID", JOB)];
    let given = |actor, value: &'static str| {
        act(at(21, 3, 0), "Add app role assignment to service principal", actor, (JOB, "nightly-export"), &role(value))
    };
    vec![
        scenario(
            grant,
            "attack-grants-itself-the-tenant",
            "The job assigns itself the permission to give away roles.",
            after_three_weeks(vec![given(Err(JOB), "RoleManagement.ReadWrite.Directory")]),
        ),
        scenario(
            grant,
            "benign-administrator-grants-little",
            "An administrator lets the job read a calendar.",
            after_three_weeks(vec![given(Ok("ops@example.org"), "Calendars.Read")]),
        ),
    ]
}

fn consents() -> Vec<Scenario> {
    let suspicious = "suspiciousApplication";
    let trap = ("d0000000-4000-8000-0000-0000000000ee", "Outlook Sync");
    let created = act(at(21, 2, 0), "Add service principal", Ok("someone@example.org"), trap, &[]);
    let consent = |target: (&str, &str), scopes| {
        act(
            at(21, 2, 5),
            "Add delegated permission grant",
            Ok("someone@example.org"),
            target,
            &[("DelegatedPermissionGrant.Scope", scopes), ("ServicePrincipal.ObjectID", target.0)],
        )
    };
    vec![
        scenario(
            suspicious,
            "attack-consent-trap",
            "A person consents to mail and offline access for an application that is minutes old and borrows a name.",
            vec![created, consent(trap, "Mail.ReadWrite offline_access")],
        ),
        scenario(
            suspicious,
            "benign-known-application",
            "An application in use for weeks is given access to mail.",
            after_three_weeks(vec![consent((JOB, "nightly-export"), "Mail.Read")]),
        ),
    ]
}

fn disabled() -> Vec<Scenario> {
    let malicious = "maliciousApplication";
    let update = |status| {
        act(
            at(21, 3, 0),
            "Update service principal",
            Ok("ops@example.org"),
            (JOB, "nightly-export"),
            &[("DisabledByMicrosoftStatus", status)],
        )
    };
    vec![
        scenario(
            malicious,
            "attack-disabled-by-microsoft",
            "Microsoft disables the application for a violation of its terms.",
            after_three_weeks(vec![update("\"DisabledDueToViolationOfServicesAgreement\"")]),
        ),
        scenario(
            malicious,
            "benign-not-disabled",
            "The record says that it is not disabled.",
            after_three_weeks(vec![update("\"NotDisabled\"")]),
        ),
    ]
}

/// An agent's sign-in.
fn agent(sign_in: &SignIn<'_>, error: u32) -> Value {
    with(
        sign_in.record(),
        &[
            (
                "/properties/agent",
                json!({ "agentType": "agenticAppInstance", "parentAppId": "b0000000-4000-8000-0000-0000000000bb" }),
            ),
            ("/properties/status", json!({ "errorCode": error })),
        ],
    )
}

fn agents() -> Vec<Scenario> {
    let weeks = || (0..21).map(|day| agent(&job(at(day, 9, 0)), 0));
    let asks = |error| agent(&SignIn { resource: GRAPH, ..job(at(21, 9, 0)) }, error);
    vec![
        scenario(
            "unfamiliarResourceAccess",
            "attack-new-resource",
            "An agent that has used one API for three weeks asks for Microsoft Graph.",
            weeks().chain([asks(0)]).collect(),
        ),
        scenario(
            "unfamiliarResourceAccess",
            "benign-usual-resource",
            "The agent goes on as always.",
            weeks().chain([agent(&job(at(21, 9, 0)), 0)]).collect(),
        ),
        scenario(
            "failedAccessAttempt",
            "attack-refused",
            "The agent is refused a token for a resource it never used.",
            weeks().chain([asks(50_105)]).collect(),
        ),
        scenario(
            "failedAccessAttempt",
            "benign-usual-resource-fails",
            "The agent's own resource is out of order for a while.",
            weeks().chain([agent(&job(at(21, 9, 0)), 90_033), agent(&job(at(21, 9, 5)), 0)]).collect(),
        ),
    ]
}

const PERSON: &str = "f0000000-4000-8000-0000-000000000007";

/// An agent's sign-in for a person.
fn for_person(time: EventTime) -> Value {
    with(
        agent(&job(time), 0),
        &[
            ("/category", json!("NonInteractiveUserSignInLogs")),
            ("/properties/userId", json!(PERSON)),
            ("/properties/userPrincipalName", json!("someone@example.org")),
        ],
    )
}

/// Microsoft's word on a detection about that person.
fn person_risk(time: EventTime, state: &str) -> Value {
    json!({
        "time": time, "category": "UserRiskEvents", "tenantId": TENANT,
        "properties": {
            "id": "u1", "userId": PERSON, "userPrincipalName": "someone@example.org", "riskEventType": "passwordSpray",
            "riskLevel": "high", "riskState": state, "riskDetail": "none", "activity": "signin",
            "activityDateTime": at(21, 8, 0), "detectedDateTime": at(21, 8, 10), "lastUpdatedDateTime": time,
        }
    })
}

fn risky_users() -> Vec<Scenario> {
    let risky = "riskyUserSignIn";
    let weeks = || (0..21).map(|day| for_person(at(day, 9, 0)));
    let (acts, risk) = (for_person(at(21, 9, 0)), person_risk(at(21, 8, 10), "atRisk"));
    vec![
        scenario(
            risky,
            "attack-after-a-password-spray",
            "A person's password was sprayed; an hour later an agent signs in for that person, as on every day.",
            weeks().chain([risk.clone(), acts.clone()]).collect(),
        ),
        scenario(
            risky,
            "attack-told-afterwards",
            "The same, but Microsoft tells of the risk after the agent has signed in.",
            weeks().chain([acts.clone(), person_risk(at(21, 9, 30), "atRisk")]).collect(),
        ),
        scenario(
            risky,
            "benign-risk-was-dismissed",
            "An administrator had dismissed the risk before the agent signed in.",
            weeks().chain([risk, person_risk(at(21, 8, 30), "dismissed"), acts]).collect(),
        ),
    ]
}
