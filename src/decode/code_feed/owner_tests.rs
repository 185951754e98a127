//! Leaks of what is no application in Entra: told with the owner that they name. Secrets are made at run time.

use super::decode_record;
use crate::decode::{Context, Limits, Outcome};
use picket_detectors::event::{Body, CodeFinding, TenantId};
use std::sync::Arc;

/// Letters and digits that look generated.
fn random(length: usize, seed: usize) -> String {
    const ALPHABET: &[u8] = b"q7Rk2ZpW9sXv4NbT8mLcH3yGfD6jUaE5oKiQw1BrVtCzYxJ0nMgPhSdFlAu";
    (0..length).map(|at| char::from(ALPHABET[(at * 17 + at * at * 3 + seed * 29) % ALPHABET.len()])).collect()
}

fn push(text: &str) -> String {
    let patch: String = text.lines().flat_map(|line| ["+", line, "\n"]).collect();
    let patch = serde_json::to_string(&format!("@@ -0,0 +1,9 @@\n{patch}")).expect("text is JSON");
    format!(
        r#"{{"ref":"refs/heads/main","after":"0a1b","repository":{{"full_name":"contoso/shop","private":false}},
        "head_commit":{{"id":"0a1b","timestamp":"2026-03-01T10:00:00Z"}},
        "commits":[{{"id":"0a1b","timestamp":"2026-03-01T10:00:00Z","message":"x","files":[{{"filename":".env","patch":{patch}}}]}}]}}"#
    )
}

/// What is told of a text that was pushed.
fn told(text: &str) -> Vec<CodeFinding> {
    let context = Context { default_tenant: TenantId::UNKNOWN, limits: Limits::default(), scrubber: Arc::default() };
    let events = match decode_record(push(text).as_bytes(), &context) {
        Outcome::Events(events) => events.into_vec(),
        Outcome::Ignored(_) => Vec::new(),
        Outcome::Dead(reason) => panic!("{reason:?} of {text}"),
    };
    let finding = |body: Body| match body {
        Body::CodeFinding(finding) => *finding,
        other => panic!("no finding: {other:?}"),
    };
    events.into_iter().map(|event| finding(event.body)).collect()
}

fn pem() -> String {
    let lines = [format!("MIIE{}", random(60, 1)), random(64, 2), random(64, 3)].join("\\n");
    ["-----BEGIN", &format!(" PRIVATE KEY-----\\n{lines}\\n-----END"), " PRIVATE KEY-----\\n"].concat()
}

#[test]
fn a_leak_is_told_with_the_owner_that_it_names() {
    let key = random(86, 4) + "==";
    let aws = ["ASIA", "QNZGKIQY56JQ7WML"].concat();
    let mail = "deploy@shop-prod.iam.gserviceaccount.com";
    let client = "client_id: 7d3c1a52-0e4f-4b6a-9c8d-5f1e2a3b4c5d";
    for (text, owner, key_id) in [
        (
            format!(
                "DefaultEndpointsProtocol=https;AccountName=contososhop;AccountKey={key};EndpointSuffix=core.windows.net"
            ),
            "storage-account/contososhop",
            None,
        ),
        (
            format!("AZURE_STORAGE_ACCOUNT=contososhop\nAZURE_STORAGE_KEY={key}\n{client}"),
            "storage-account/contososhop",
            None,
        ),
        (
            format!(
                "Endpoint=sb://contoso-bus.servicebus.windows.net/;SharedAccessKeyName=root;SharedAccessKey={}=",
                random(43, 5)
            ),
            "service-bus-namespace/contoso-bus",
            None,
        ),
        (
            format!("AccountEndpoint=https://contoso-db.documents.azure.com:443/;AccountKey={key};"),
            "cosmos-account/contoso-db",
            None,
        ),
        (
            format!("aws_access_key_id = {aws}\naws_secret_access_key = {}", random(40, 6)),
            "aws-account/029608264753",
            Some(aws.as_str()),
        ),
        (
            format!(
                r#"{{"type": "service_account", "project_id": "shop-prod", "private_key_id": "{}", "private_key": "{}", "client_email": "{mail}"}}"#,
                "0a1b2c3d4e".repeat(4),
                pem()
            ),
            "gcp-service-account/deploy@shop-prod.iam.gserviceaccount.com",
            Some("0a1b2c3d4e0a1b2c3d4e0a1b2c3d4e0a1b2c3d4e"),
        ),
        (format!("GITHUB_APP_ID=812345\nGITHUB_APP_PRIVATE_KEY=\"{}\"", pem()), "github-app/812345", None),
    ] {
        let told = told(&text);
        let found = told.iter().find(|finding| finding.owner.is_some());
        let finding = found.unwrap_or_else(|| panic!("{told:?} of {text}"));
        assert_eq!(finding.owner.as_ref().map(|owner| owner.id().to_string()).as_deref(), Some(owner), "{text}");
        assert_eq!(finding.key.as_ref().map(|key| key.0.to_string()).as_deref(), key_id, "{text}");
        assert!(finding.apps.is_empty(), "no application is accused of {text}");
    }
}

#[test]
fn the_nearest_account_is_the_owner() {
    let strings: Vec<String> = ["first", "second", "third"]
        .into_iter()
        .enumerate()
        .map(|(at, name)| format!("{name}: AccountName=contoso{name};AccountKey={}==", random(86, at + 7)))
        .collect();
    let names: Vec<String> =
        told(&strings.join("\n")).iter().filter_map(|finding| Some(finding.owner.as_ref()?.name.to_string())).collect();
    assert_eq!(names, ["contosofirst", "contososecond", "contosothird"]);
}

#[test]
fn what_names_nobody_is_told_of_nobody() {
    assert!(told(&format!("STORAGE_KEY={}==", random(86, 11))).is_empty());
    assert!(told(&format!("app_id: 812345\nkey: \"{}\"", pem())).is_empty(), "any application may have a number");
}
