//! Stories of repositories whose workflows sign in, and of what applications do in Exchange.

use crate::stories::{APP, GRAPH, HIDEOUT, HOME, JOB, Place, Scenario, TENANT, after_three_weeks, at, job, scenario};
use picket::demo::{SignIn, application, service_principal};
use picket_detectors::event::EventTime;
use serde_json::{Value, json};

const REPOSITORY: &str = "example/export";

pub(crate) fn stories() -> Vec<Scenario> {
    [pipelines(), mailboxes(), exchange()].concat()
}

/// An entry of the organisation's audit log.
fn entry(time: EventTime, action: &str, actor: &str, more: &Value) -> Value {
    let mut entry = json!({
        "@timestamp": time.micros() / 1_000, "_document_id": format!("{action}-{}", time.micros()), "action": action,
        "actor": actor, "actor_ip": "198.51.100.20", "org": "example", "repo": REPOSITORY,
        "user_agent": "Mozilla/5.0",
    });
    let members = entry.as_object_mut().expect("an object");
    members.extend(more.as_object().cloned().unwrap_or_default());
    entry
}

fn run(time: EventTime, workflow: &str, secrets: &[&str]) -> Value {
    let reference = format!("{REPOSITORY}/.github/workflows/{workflow}.yml@refs/heads/main");
    let more = json!({ "job_name": workflow, "job_workflow_ref": reference, "secrets_passed": secrets,
        "workflow_run_id": time.micros() / 60_000_000, "actor_is_bot": false });
    entry(time, "workflows.prepared_workflow_job", "release-manager", &more)
}

/// A sign-in with a token of the pipeline's.
fn federated(time: EventTime, place: Place, agent: &'static str) -> Value {
    let mut record = SignIn { key: None, place, agent, ..job(time) }.record();
    let properties = record.pointer_mut("/properties").and_then(Value::as_object_mut).expect("properties");
    properties.insert("clientCredentialType".to_owned(), json!("federatedIdentityCredential"));
    record
}

const TOOL: &str = "AzureCLI/2.60.0";

/// Three weeks in which the pipeline deploys every day, and its maintainer changes its rules now and then.
fn three_weeks_of_deployments(more: Vec<Value>) -> Vec<Value> {
    let day = |day: i64| {
        let upkeep = (day % 6 == 3).then(|| {
            entry(at(day, 11, 0), "repository_ruleset.update", "release-manager", &json!({ "ruleset_name": "main" }))
        });
        let runs = [run(at(day, 9, 0), "deploy", &["REGISTRY_KEY"]), federated(at(day, 9, 1), HOME, TOOL)];
        runs.into_iter().chain(upkeep)
    };
    (0..21).flat_map(day).chain(more).collect()
}

/// The inventory says that the job trusts the repository.
fn trust() -> Vec<Value> {
    let mut application = application(1, "nightly-export", &[]);
    let members = application.as_object_mut().expect("an object");
    members.insert(
        "federatedIdentityCredentials".to_owned(),
        json!([{ "id": "77000000-0000-4000-8000-000000000001", "name": "deploy",
            "issuer": "https://token.actions.githubusercontent.com",
            "subject": format!("repo:{REPOSITORY}:ref:refs/heads/main") }]),
    );
    vec![application, service_principal(1, "nightly-export", "Application")]
}

/// Somebody lets the application trust the repository.
fn trusted(time: EventTime) -> Value {
    let trust = json!([{ "Name": "deploy", "Issuer": "https://token.actions.githubusercontent.com", "Id": "77000000-0000-4000-8000-000000000001",
        "Subject": format!("repo:{REPOSITORY}:ref:refs/heads/main"), "Audiences": ["api://AzureADTokenExchange"] }]);
    json!({
        "time": time, "category": "AuditLogs", "operationName": "Update application", "tenantId": TENANT,
        "properties": {
            "id": "trust", "activityDisplayName": "Update application", "activityDateTime": time, "result": "success",
            "loggedByService": "Core Directory",
            "initiatedBy": { "user": { "id": "f0000000-4000-8000-0000-000000000001", "userPrincipalName": "ops@example.org" } },
            "targetResources": [{ "id": "90000000-4000-8000-0000-000000000001", "displayName": "nightly-export", "type": "Application",
                "modifiedProperties": [{ "displayName": "FederatedIdentityCredentials", "oldValue": "[]", "newValue": trust.to_string() }] }],
            "additionalDetails": [{ "key": "AppId", "value": APP }],
        }
    })
}

fn story(name: &'static str, tells: &'static str, more: Vec<Value>) -> Scenario {
    Scenario {
        inventory: trust(),
        ..scenario("suspiciousPipelineActivity", name, tells, three_weeks_of_deployments(more))
    }
}

/// The pipeline's identity signs in from a rented server.
fn elsewhere() -> Value {
    federated(at(21, 4, 0), HIDEOUT, TOOL)
}

/// Somebody who never did so removes the protection of the main branch.
fn unguarded(hour: i64) -> Value {
    entry(at(21, hour, 0), "protected_branch.destroy", "newcomer", &json!({ "branch": "main" }))
}

fn debugging() -> Value {
    run(at(21, 3, 10), "debug", &["REGISTRY_KEY"])
}

fn pipelines() -> Vec<Scenario> {
    vec![
        story(
            "attack-guard-taken-down-then-used-elsewhere",
            "An account that never did so removes the protection of the main branch and runs a new workflow with secrets; an hour later the pipeline's identity signs in from a rented server.",
            vec![unguarded(3), debugging(), elsewhere()],
        ),
        story(
            "attack-told-afterwards",
            "The same, but GitHub's log comes after the sign-in's record.",
            vec![elsewhere(), unguarded(3), debugging()],
        ),
        Scenario {
            inventory: vec![
                application(1, "nightly-export", &[]),
                service_principal(1, "nightly-export", "Application"),
            ],
            events: [vec![trusted(at(0, 8, 0))], three_weeks_of_deployments(vec![unguarded(3), elsewhere()])].concat(),
            ..story(
                "attack-trust-known-from-the-audit-log",
                "The inventory says nothing of the trust; Entra's audit log told of it when it was added.",
                Vec::new(),
            )
        },
        story(
            "benign-sign-in-from-elsewhere",
            "The same sign-in, and nothing was done to the repository.",
            vec![elsewhere()],
        ),
        Scenario {
            inventory: Vec::new(),
            ..story(
                "benign-repository-that-nobody-trusts",
                "The same changes in a repository that no application trusts.",
                vec![unguarded(3), debugging()],
            )
        },
        lively_repository(),
        new_maintainer(),
    ]
}

fn lively_repository() -> Scenario {
    let app = json!({ "integration": "helper", "repo": null, "repositories_added_names": [REPOSITORY] });
    story(
        "benign-release-with-a-new-pipeline",
        "The usual maintainer opens the repository to the public, lets an app in and adds a workflow that deploys with another tool.",
        vec![
            entry(at(21, 10, 0), "repo.access", "release-manager", &json!({ "visibility": "public" })),
            entry(at(21, 10, 10), "integration_installation.repositories_added", "release-manager", &app),
            run(at(21, 11, 0), "publish", &["REGISTRY_KEY"]),
            federated(at(21, 11, 1), HOME, "HashiCorp Terraform/1.9.0"),
            run(at(21, 14, 0), "deploy", &["REGISTRY_KEY"]),
            federated(at(21, 14, 1), HOME, TOOL),
        ],
    )
}

fn new_maintainer() -> Scenario {
    let given = json!({ "user": "newcomer", "permission": "admin" });
    story(
        "benign-new-maintainer",
        "Somebody new is given the repository and removes an old protection; the pipeline goes on as ever.",
        vec![
            entry(at(21, 8, 0), "repo.update_member", "release-manager", &given),
            unguarded(12),
            run(at(21, 9, 0), "deploy", &["REGISTRY_KEY"]),
            federated(at(21, 9, 1), HOME, TOOL),
        ],
    )
}

/// A message opened by the job, as Exchange tells it.
fn mail(time: EventTime, mailbox: u8, client: &str, api: &str) -> Value {
    json!({
        "CreationTime": time.to_string().trim_end_matches('Z'), "Id": format!("aa000000-0000-4000-8000-{:012}", time.micros() / 1_000_000 % 1_000_000_000_000),
        "Operation": "MailItemsAccessed", "OrganizationId": TENANT, "RecordType": 50, "ResultStatus": "Succeeded",
        "UserType": 5, "UserId": "S-1-5-18", "Workload": "Exchange", "AppId": api, "ClientAppId": APP,
        "ClientIPAddress": HOME.0, "ClientInfoString": client, "MailboxOwnerUPN": format!("person{mailbox}@example.org"),
        "OperationProperties": [{ "Name": "MailAccessType", "Value": "Bind" }],
    })
}

fn mailboxes() -> Vec<Scenario> {
    let inventory = vec![application(1, "nightly-export", &[]), service_principal(1, "nightly-export", "Application")];
    let ews = "Client=WebServices;ExchangeWebServices;python-requests/2.31.0;";
    let usual = |day| mail(at(day, 2, 5), 1, "Client=REST;Client=RESTSystem;;", GRAPH.0);
    vec![
        Scenario {
            inventory: inventory.clone(),
            ..scenario(
                "sigmaRuleMatch",
                "attack-mailbox-after-mailbox",
                "The job opens eight mailboxes within minutes over an interface that it never used.",
                after_three_weeks((0..8).map(|n| mail(at(21, 4, i64::from(n)), n, ews, APP)).collect()),
            )
        },
        Scenario {
            inventory,
            ..scenario(
                "sigmaRuleMatch",
                "benign-mailbox-of-its-own",
                "The job reads its mailbox through Graph every day, as Exchange tells it too.",
                after_three_weeks((0..22).map(usual).collect()),
            )
        },
    ]
}

/// A command of Exchange's.
fn command(time: EventTime, name: &str, who: &str, kind: u8, parameters: &[(&str, &str)]) -> Value {
    let parameters: Vec<Value> =
        parameters.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    json!({
        "CreationTime": time.to_string().trim_end_matches('Z'), "Id": format!("ac000000-0000-4000-8000-{:012}", time.micros() / 1_000_000 % 1_000_000_000_000),
        "Operation": name, "OrganizationId": TENANT, "RecordType": 1, "ResultStatus": "True", "UserType": kind,
        "UserId": who, "Workload": "Exchange", "AppId": if kind == 2 { "" } else { APP }, "ClientIP": "198.51.100.7:50123",
        "Parameters": parameters,
    })
}

fn exchange() -> Vec<Scenario> {
    let granted = "suspiciousPrivilegeGrant";
    let itself = format!("ServicePrincipal_{JOB}");
    let role = |who: &str, kind, role| {
        command(at(21, 4, 0), "New-ManagementRoleAssignment", who, kind, &[("Role", role), ("App", JOB)])
    };
    vec![
        scenario(
            granted,
            "attack-impersonation-in-exchange",
            "The job gives itself the role in Exchange that opens all mailboxes.",
            after_three_weeks(vec![role(&itself, 6, "ApplicationImpersonation")]),
        ),
        scenario(
            granted,
            "benign-role-in-exchange",
            "An administrator makes the job known to Exchange and lets it read contacts.",
            after_three_weeks(vec![
                command(
                    at(21, 3, 50),
                    "New-ServicePrincipal",
                    "ops@example.org",
                    2,
                    &[("AppId", APP), ("ObjectId", JOB), ("DisplayName", "nightly-export")],
                ),
                role("ops@example.org", 2, "Application Contacts.Read"),
            ]),
        ),
    ]
}
