//! Real audit records with anything done to them: nothing panics, and every record is an event, a counted ignore or a dead
//! letter.

use crate::samples::*;
use picket::decode::{Outcome, parse_time};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Records as they stand in our stories and, where they are at hand, in the published ones: one a line.
static RECORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut records = Vec::new();
    for folder in ["tests/scenarios", "rules/sigma", "../shared/data/events", "../shared/data/peer-cases"] {
        if !root.join(folder).exists() {
            println!("skipped: there is no {folder}");
        }
        let files = walkdir::WalkDir::new(root.join(folder)).sort_by_file_name().into_iter().filter_map(Result::ok);
        let texts = files.map(walkdir::DirEntry::into_path).filter(|path| is_json(path));
        let texts = texts.filter_map(|path: PathBuf| std::fs::read_to_string(path).ok());
        records.extend(texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()));
    }
    records.retain(|line| (100..20_000).contains(&line.len()) && line.contains("modifiedProperties"));
    assert!(records.len() > 20, "our own stories have audit records");
    records
});

/// Records of Exchange, of `SharePoint` and of repositories, as our rules' examples have them.
static OTHERS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/sigma");
    let texts = ["github", "office"].map(|part| {
        std::fs::read_to_string(folder.join(format!("{part}.examples.ndjson"))).expect("our rules have examples")
    });
    let lines = texts.iter().flat_map(|text| text.lines());
    lines.map(|line| serde_json::from_str::<Value>(line).expect("JSON")["record"].take()).collect()
});

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|kind| kind == "json" || kind == "ndjson")
}

/// The layers of text in a modified property that are read: old and new, lists in strings, descriptions, permissions.
const VALUES: [&str; 12] = [
    r#"["[KeyIdentifier=e0000000-0000-4000-8000-000000000001,KeyType=Password,KeyUsage=Verify,DisplayName=a, b]"]"#,
    r#"["[KeyIdentifier=e0000000-0000-4000-8000-000000000001,KeyType=AsymmetricX509Cert,KeyUsage=Verify,DisplayName=CN=x]","[KeyIdentifier=e0000000-0000-4000-8000-000000000002,KeyType=Symmetric,KeyUsage=Sign,DisplayName=]"]"#,
    "[KeyIdentifier=e0000000-0000-4000-8000-000000000001,KeyType=Password,KeyUsage=Verify,DisplayName=]",
    r#"[{"Name":"ci","Issuer":"https://token.actions.githubusercontent.com","Subject":"repo:o/r:ref:refs/heads/main","Audiences":["api://AzureADTokenExchange"],"Id":"e0000000-0000-4000-8000-000000000003"}]"#,
    r#"["{\"Name\":\"ci\",\"Issuer\":\"https://x.example\",\"Subject\":null,\"ClaimsMatchingExpression\":{\"Value\":\"claims['sub'] matches 'repo:o/*'\",\"LanguageVersion\":1}}"]"#,
    "[] => [[Id: x, ClientId: y, PrincipalId: , ResourceId: z, ConsentType: AllPrincipals, Scope:  Mail.Read User.ReadWrite.All, CreatedDateTime: , LastModifiedDateTime ]]; ",
    r#""Application.ReadWrite.All""#,
    r#"[{"ResourceAppId":"00000003-0000-0000-c000-000000000000","RequiredAppPermissions":[{"EntitlementId":"9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30","DirectAccessGrant":true}]}]"#,
    r#""62e90394-69f5-4237-9190-012177145e10""#,
    r#"["https://a.example/callback","urn:ietf:wg:oauth:2.0:oob"]"#,
    r#"[{"AddressType":0,"Address":"https://a.example","ReplyAddressClientType":1}]"#,
    "true",
];

const NAMES: [&str; 14] = [
    "KeyDescription",
    "FederatedIdentityCredentials",
    "ConsentAction.Permissions",
    "ConsentContext.IsAdminConsent",
    "DelegatedPermissionGrant.Scope",
    "AppRole.Value",
    "AppRole.Id",
    "RequiredResourceAccess",
    "Role.DisplayName",
    "Role.TemplateId",
    "AppAddress",
    "AccountEnabled",
    "DisabledByMicrosoftStatus",
    "Included Updated Properties",
];

const ACTIVITIES: [&str; 10] = [
    "Update application – Certificates and secrets management ",
    "Add service principal credentials",
    "Remove service principal credentials",
    "Update application",
    "Update service principal",
    "Consent to application",
    "Add delegated permission grant",
    "Add app role assignment to service principal",
    "Add member to role",
    "Add owner to service principal",
];

/// One thing done to a text, by where in it (0 to 1).
#[derive(Debug, Clone)]
enum Mutation {
    CutOff(f64),
    Remove(f64, usize),
    Insert(f64, String),
    Double(f64, usize),
    Flip(f64, u8),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let pieces = prop::sample::select(vec![
        "\"",
        "\\",
        "\\\"",
        "[",
        "]",
        "{",
        "}",
        ",",
        "=",
        "[[",
        "]]",
        "=>",
        ":",
        "null",
        "\u{2013}",
        "é",
        "\0",
        "\n",
        "%",
        "99999999999999999999",
        "-1",
        "1e999",
        "\\ud800",
        "KeyIdentifier=",
        "[]",
        "\"\"",
    ]);
    prop_oneof![
        (0.0..1.0).prop_map(Mutation::CutOff),
        (0.0..1.0, 1..40_usize).prop_map(|(at, len)| Mutation::Remove(at, len)),
        (0.0..1.0, pieces.prop_map(str::to_owned)).prop_map(|(at, text)| Mutation::Insert(at, text)),
        (0.0..1.0, "\\PC{0,12}").prop_map(|(at, text)| Mutation::Insert(at, text)),
        (0.0..1.0, 1..200_usize).prop_map(|(at, len)| Mutation::Double(at, len)),
        (0.0..1.0, 1..=255_u8).prop_map(|(at, bits)| Mutation::Flip(at, bits)),
    ]
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    proptest::collection::vec(mutation(), 0..5)
}

fn mutate(text: &str, mutations: &[Mutation]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for mutation in mutations {
        let place = |at: &f64| ((at * bytes.len() as f64) as usize).min(bytes.len());
        match mutation {
            Mutation::CutOff(at) => bytes.truncate(place(at)),
            Mutation::Remove(at, len) => {
                let at = place(at);
                bytes.drain(at..(at + len).min(bytes.len()));
            }
            Mutation::Insert(at, text) => {
                let at = place(at);
                bytes.splice(at..at, text.bytes());
            }
            Mutation::Double(at, len) => {
                let at = place(at);
                let part = bytes[at..(at + len).min(bytes.len())].to_vec();
                bytes.splice(at..at, part);
            }
            Mutation::Flip(at, bits) => {
                let at = place(at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= bits;
                }
            }
        }
    }
    bytes
}

/// Every byte that is no space is in some record's, each record is numbered, and has an outcome with what it needs.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let seen = all(bytes);
    let has_content = !bytes.trim_ascii().is_empty();
    prop_assert_eq!(!seen.is_empty(), has_content, "{:?}", String::from_utf8_lossy(bytes));
    for (number, one) in seen.iter().enumerate() {
        prop_assert_eq!(one.index as usize, number);
        match &one.outcome {
            Outcome::Events(events) => prop_assert!(!events.is_empty()),
            Outcome::Ignored(rule) => prop_assert!(!rule.is_empty()),
            Outcome::Dead(reason) => prop_assert!(!reason.detail.is_empty() && reason.detail.len() < 500),
        }
    }
    Ok(())
}

fn change_with(activity: &str, name: &str, old: &str, new: &str) -> Value {
    json!({
        "time": "2026-05-04T10:02:31Z", "category": "AuditLogs", "tenantId": TENANT,
        "properties": {
            "id": "a0000000-0000-4000-8000-00000000000a", "activityDateTime": "2026-05-04T10:00:02Z",
            "activityDisplayName": activity, "category": "ApplicationManagement", "result": "success",
            "correlationId": "c0000000-0000-4000-8000-00000000000a", "loggedByService": "Core Directory",
            "initiatedBy": {"user": {"id": "f0000000-0000-4000-8000-000000000001", "ipAddress": "203.0.113.7"}},
            "targetResources": [{"id": PRINCIPAL, "type": "ServicePrincipal", "displayName": "nightly-export",
                "modifiedProperties": [
                    {"displayName": name, "oldValue": old, "newValue": new},
                    {"displayName": "TargetId.ServicePrincipalNames", "oldValue": null, "newValue": APP},
                ]}],
        },
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_real_audit_record_with_anything_done_to_it_is_counted(
        record in prop::sample::select(&**RECORDS), mutations in mutations(),
    ) {
        check(&mutate(&record, &mutations))?;
    }

    #[test]
    fn a_modified_property_may_hold_anything(
        activity in prop::sample::select(&ACTIVITIES[..]),
        name in prop::sample::select(&NAMES[..]),
        (old, new) in (prop::sample::select(&VALUES[..]), prop::sample::select(&VALUES[..])),
        (old_mutations, new_mutations) in (mutations(), mutations()),
    ) {
        let text = |value, mutations: &[Mutation]| String::from_utf8_lossy(&mutate(value, mutations)).into_owned();
        let record = change_with(activity, name, &text(old, &old_mutations), &text(new, &new_mutations));
        check(record.to_string().as_bytes())?;
        let list = json!({"records": [sign_in_record(), record, sign_in_record()]}).to_string();
        let seen = all(list.as_bytes());
        prop_assert_eq!(seen.len(), 3);
        prop_assert!(matches!((&seen[0].outcome, &seen[2].outcome), (Outcome::Events(_), Outcome::Events(_))));
    }

    #[test]
    fn a_modified_property_may_be_of_any_type(
        activity in prop::sample::select(&ACTIVITIES[..]), name in prop::sample::select(&NAMES[..]),
        value in prop::sample::select(vec![json!(null), json!(1), json!(-1.5e300), json!([]), json!({}), json!([[[1]]]),
            json!({"a": [null]}), json!(""), json!(true)]),
        member in prop::sample::select(vec!["oldValue", "newValue", "displayName"]),
    ) {
        let mut record = change_with(activity, name, VALUES[0], VALUES[3]);
        record["properties"]["targetResources"][0]["modifiedProperties"][0][member] = value.clone();
        check(record.to_string().as_bytes())?;
        record["properties"]["targetResources"][0]["modifiedProperties"] = value;
        check(record.to_string().as_bytes())?;
    }

    #[test]
    fn a_record_of_another_log_with_anything_done_to_it_is_counted(
        record in prop::sample::select(&**OTHERS), mutations in mutations(),
    ) {
        check(&mutate(&record.to_string(), &mutations))?;
    }

    #[test]
    fn a_member_of_another_log_may_be_of_any_type(
        record in prop::sample::select(&**OTHERS), which in any::<prop::sample::Index>(),
        value in prop::sample::select(vec![json!(null), json!(1), json!(-1.5e300), json!(i64::MIN), json!([]), json!({}),
            json!([[[1]]]), json!([{"Name": [], "Value": {}}]), json!("[{\"Name\":1,\"Value\":null}]"), json!("\""), json!(""),
            json!("/"), json!("a/b/c"), json!("\u{0}@"), json!(true)]),
    ) {
        let mut record = record;
        let members = record.as_object_mut().expect("an object");
        let name = which.get(&members.keys().cloned().collect::<Vec<_>>()).clone();
        members.insert(name, value);
        check(record.to_string().as_bytes())?;
    }

    #[test]
    fn a_time_may_be_any_text(text in "\\PC{0,40}|[0-9:TZ.+ /APM-]{0,40}") {
        let time = parse_time(&text);
        prop_assert_eq!(time.and_then(|time| parse_time(&time.to_string())), time);
    }
}
