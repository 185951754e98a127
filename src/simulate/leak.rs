//! Secrets in public repositories, as GitHub tells of them.

use super::random::Random;
use super::stamp::Stamp;
use super::workload::{Key, Workload};
use picket_detectors::event::EventTime;
use serde_json::{Value, json};
use uuid::Uuid;

/// The secret that belongs to a credential, in the form of Entra's client secrets. It follows from the credential's id
/// and is made when it is needed: no scanner takes this file for a leak.
pub(super) fn secret_text(key: &Key) -> String {
    const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let id = key.id.as_u128();
    let mut random = Random::of(id as u64, &[(id >> 64) as u64]);
    let mut letters = |count: usize| (0..count).map(|_| char::from(random.pick(LETTERS))).collect::<String>();
    format!("{}8Q~{}", letters(3), letters(34))
}

/// The first characters, which Graph shows.
pub(super) fn hint(key: &Key) -> String {
    secret_text(key).chars().take(3).collect()
}

fn time(at: EventTime) -> String {
    Stamp(at).to_string().chars().take(19).chain(['Z']).collect()
}

fn repository(workload: &Workload, at: EventTime) -> Value {
    json!({
        "id": workload.app.as_u128() as u32, "name": workload.name, "full_name": format!("contoso/{}", workload.name),
        "private": false, "visibility": "public", "html_url": format!("https://github.com/contoso/{}", workload.name),
        "pushed_at": time(at), "owner": { "login": "contoso", "type": "Organization" },
    })
}

/// A push to a public repository, patches included as code-scan relays send them.
pub(super) fn push(workload: &Workload, key: &Key, at: EventTime) -> String {
    let commit = format!("{:032x}{:08x}", key.id.as_u128(), key.id.as_u128() as u32);
    let lines = [format!("AZURE_CLIENT_ID={}", workload.app), format!("AZURE_CLIENT_SECRET={}", secret_text(key))];
    let patch = format!("@@ -0,0 +1,2 @@\n+{}\n+{}", lines[0], lines[1]);
    let file = json!({ "filename": "deploy/.env", "status": "added", "patch": patch });
    json!({
        "ref": "refs/heads/main", "before": "0".repeat(40), "after": commit, "repository": repository(workload, at),
        "commits": [{
            "id": commit, "message": "Add settings", "timestamp": time(at), "added": ["deploy/.env"], "removed": [],
            "modified": [], "files": [file],
        }],
        "head_commit": { "id": commit, "message": "Add settings", "timestamp": time(at) },
        "pusher": { "name": "dev" }, "sender": { "login": "dev" },
    })
    .to_string()
}

/// A secret-scanning alert of the REST interface, with the secret and the line before it.
pub(super) fn alert(workload: &Workload, key: &Key, at: EventTime) -> String {
    json!({
        "number": 1 + key.id.as_u128() as u16, "created_at": time(at), "updated_at": time(at), "state": "open",
        "secret_type": "azure_active_directory_application_secret",
        "secret_type_display_name": "Azure Active Directory Application Secret", "secret": secret_text(key),
        "validity": "unknown", "publicly_leaked": true, "resolution": null, "resolved_at": null,
        "html_url": format!("https://github.com/contoso/{}/security/secret-scanning/1", workload.name),
        "repository": repository(workload, at),
    })
    .to_string()
}

/// What an inventory export says of a workload: its application, and its service principal. What was there at the start of
/// the time that is simulated is up to four years older.
pub(super) fn inventory(workload: &Workload, start: EventTime, owner: (Uuid, &str), tenant: Uuid) -> [String; 2] {
    use super::workload::KeyKind;
    let entry = |key: &Key| match key.kind {
        KeyKind::Secret => json!({ "keyId": key.id, "hint": hint(key), "displayName": key.name }),
        KeyKind::Certificate => {
            json!({ "keyId": key.id, "type": "AsymmetricX509Cert", "usage": "Verify", "displayName": key.name })
        }
        KeyKind::Federated => json!({ "id": key.id, "name": key.name, "issuer": key.issuer, "subject": key.subject }),
    };
    let of = |kind: KeyKind| workload.keys.iter().filter(|key| key.kind == kind).map(entry).collect::<Vec<_>>();
    let age = 1 + (workload.object.as_u128() % (4 * 365)) as i64;
    let created = if workload.born > start { workload.born } else { start.plus(-age * EventTime::DAY) };
    let created = time(created);
    let kind = if workload.kind.is_managed() { "ManagedIdentity" } else { "Application" };
    let application = json!({
        "@odata.type": "#microsoft.graph.application", "id": workload.object, "appId": workload.app,
        "displayName": workload.name, "passwordCredentials": of(KeyKind::Secret), "tenantId": tenant,
        "keyCredentials": of(KeyKind::Certificate), "federatedIdentityCredentials": of(KeyKind::Federated),
        "owners": [{ "id": owner.0, "userPrincipalName": owner.1 }], "createdDateTime": created,
    });
    let roles: Vec<Value> = workload.roles.iter().map(|role| json!({ "appRoleValue": role })).collect();
    let principal = json!({
        "@odata.type": "#microsoft.graph.servicePrincipal", "id": workload.principal, "appId": workload.app,
        "displayName": workload.name, "servicePrincipalType": kind, "accountEnabled": true,
        "appOwnerOrganizationId": tenant, "tenantId": tenant, "appRoleAssignments": roles,
        "createdDateTime": created,
    });
    [application.to_string(), principal.to_string()]
}
