//! Records in the shapes that Entra and GitHub send, in few words. All names, ids and addresses are made up.

use picket_detectors::event::EventTime;
use serde_json::{Value, json};
use uuid::Uuid;

/// The tenant of the story.
pub(super) const TENANT: &str = "11111111-1111-4111-8111-111111111111";

/// A GUID of the story: the kind makes it recognisable, the number tells it apart.
pub(super) fn guid(kind: u8, number: u128) -> String {
    Uuid::from_u128(u128::from(kind) << 124 | 0x4000_8000_u128 << 64 | number).to_string()
}

/// A sign-in of a service principal or managed identity.
#[derive(Debug, Clone)]
pub struct SignIn<'a> {
    /// When.
    pub time: EventTime,
    /// Number of the principal.
    pub principal: u128,
    /// Its display name.
    pub name: &'a str,
    /// Number of the credential; `None` for a managed identity.
    pub key: Option<u128>,
    /// Address, network, country, city.
    pub place: (&'a str, u32, &'a str, &'a str),
    /// Client software.
    pub agent: &'a str,
    /// App id and name of the API.
    pub resource: (&'a str, &'a str),
}

impl SignIn<'_> {
    /// The record in the Azure Monitor envelope's form.
    pub fn record(&self) -> Value {
        let (address, asn, country, city) = self.place;
        let category = if self.key.is_some() { "ServicePrincipalSignInLogs" } else { "ManagedIdentitySignInLogs" };
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{}{}{address}", self.time, self.principal).as_bytes());
        json!({
            "time": self.time.plus(90 * EventTime::SECOND), "category": category, "operationName": "Sign-in activity",
            "tenantId": TENANT, "resultType": "0", "callerIpAddress": address, "Level": 4,
            "properties": {
                "id": id, "createdDateTime": self.time, "appId": guid(0xb, self.principal),
                "servicePrincipalId": guid(0xd, self.principal), "servicePrincipalName": self.name,
                "servicePrincipalCredentialKeyId": self.key.map(|key| guid(0xe, key)).unwrap_or_default(),
                "clientCredentialType": if self.key.is_some() { "clientSecret" } else { "managedIdentity" },
                "ipAddress": address, "autonomousSystemNumber": asn, "userAgent": self.agent,
                "location": { "city": city, "state": "", "countryOrRegion": country },
                "status": { "errorCode": 0 }, "resourceId": self.resource.0, "resourceDisplayName": self.resource.1,
            }
        })
    }
}

/// A change of credentials in the audit log.
#[derive(Debug, Clone)]
pub struct Audit<'a> {
    /// When.
    pub time: EventTime,
    /// Number of the principal it is done to.
    pub principal: u128,
    /// Its display name.
    pub name: &'a str,
    /// Who does it: a person's name, or number and name of an application.
    pub actor: Result<&'a str, (u128, &'a str)>,
    /// Numbers of the credentials before.
    pub before: &'a [u128],
    /// Numbers of the credentials after.
    pub after: &'a [u128],
}

impl Audit<'_> {
    /// The record in the Azure Monitor envelope's form.
    pub fn record(&self) -> Value {
        let act = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{}{}", self.time, self.principal).as_bytes());
        let initiated_by = match self.actor {
            Ok(person) => {
                json!({ "user": { "id": guid(0xf, 1), "userPrincipalName": person, "ipAddress": "198.51.100.9" } })
            }
            Err((number, name)) => {
                json!({ "app": { "appId": null, "displayName": name, "servicePrincipalId": guid(0xd, number) } })
            }
        };
        let activity = if self.after.len() > self.before.len() {
            "Add service principal credentials"
        } else {
            "Remove service principal credentials"
        };
        json!({
            "time": self.time, "category": "AuditLogs", "operationName": activity, "tenantId": TENANT, "Level": 4,
            "properties": {
                "id": format!("Directory_{act}_DEMO1_1"), "category": "ApplicationManagement", "correlationId": act,
                "result": "success", "activityDisplayName": activity, "activityDateTime": self.time,
                "loggedByService": "Core Directory", "operationType": "Update", "initiatedBy": initiated_by,
                "targetResources": [{
                    "id": guid(0xd, self.principal), "displayName": self.name, "type": "ServicePrincipal",
                    "modifiedProperties": [{
                        "displayName": "KeyDescription", "oldValue": key_description(self.before), "newValue": key_description(self.after),
                    }]
                }],
                "additionalDetails": [{ "key": "AppId", "value": guid(0xb, self.principal) }]
            }
        })
    }
}

/// A list of non-JSON strings, as JSON in a string: the form in which Entra writes credentials.
fn key_description(keys: &[u128]) -> String {
    let describe = |key: &u128| {
        format!("[KeyIdentifier={},KeyType=Password,KeyUsage=Verify,DisplayName=key {key}]", guid(0xe, *key))
    };
    json!(keys.iter().map(describe).collect::<Vec<_>>()).to_string()
}

/// An application of the inventory, with the first characters of its secrets.
pub fn application(principal: u128, name: &str, secrets: &[(u128, &str)]) -> Value {
    let credentials: Vec<Value> = secrets
        .iter()
        .map(|(key, hint)| json!({ "keyId": guid(0xe, *key), "hint": hint, "displayName": format!("key {key}") }))
        .collect();
    json!({
        "@odata.type": "#microsoft.graph.application", "id": guid(0x9, principal), "appId": guid(0xb, principal),
        "displayName": name, "passwordCredentials": credentials, "keyCredentials": [],
    })
}

/// A service principal of the inventory, with the permissions it holds.
pub fn service_principal(principal: u128, name: &str, kind: &str) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.servicePrincipal", "id": guid(0xd, principal), "appId": guid(0xb, principal),
        "displayName": name, "servicePrincipalType": kind, "accountEnabled": true, "appOwnerOrganizationId": TENANT,
        "tenantId": TENANT,
    })
}

/// A file in a push.
#[derive(Debug, Clone, Copy)]
pub struct PushedFile<'a> {
    /// Its path.
    pub path: &'a str,
    /// Its added lines.
    pub lines: &'a [&'a str],
}

/// A push to a public repository with one commit, patches included as code-scan relays send them.
pub fn push(time: EventTime, repository: &str, file: PushedFile<'_>) -> Value {
    let commit = "9f2c1d7a6b3e4f508192a3b4c5d6e7f801234567";
    let patch = format!("@@ -0,0 +1,{} @@\n+{}", file.lines.len(), file.lines.join("\n+"));
    json!({
        "ref": "refs/heads/main", "before": "0".repeat(40), "after": commit,
        "repository": { "full_name": repository, "private": false, "visibility": "public", "pushed_at": time },
        "commits": [{
            "id": commit, "message": "Add settings", "timestamp": time, "added": [file.path], "removed": [], "modified": [],
            "files": [{ "filename": file.path, "status": "added", "patch": patch }],
        }],
        "head_commit": { "id": commit, "message": "Add settings", "timestamp": time },
        "pusher": { "name": "someone" }, "sender": { "login": "someone" },
    })
}
