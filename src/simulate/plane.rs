//! What tokens are used for in Azure: calls of Resource Manager and of key vaults, in the shapes of their own logs.

use super::random::Random;
use super::resource::{ARM, Resource, VAULT};
use super::sink::Stream;
use super::stage::{Stage, Stand};
use super::stamp::Stamp;
use super::wire::token_text;
use super::workload::{Token, Workload};
use picket_detectors::event::EventTime;
use serde_json::{Value, json};

/// What deployments and services do. Resource Manager logs no reading.
const OPERATIONS: [&str; 12] = [
    "MICROSOFT.RESOURCES/DEPLOYMENTS/WRITE",
    "MICROSOFT.RESOURCES/DEPLOYMENTS/WRITE",
    "MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE",
    "MICROSOFT.COMPUTE/VIRTUALMACHINES/START/ACTION",
    "MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION",
    "MICROSOFT.WEB/SITES/CONFIG/WRITE",
    "MICROSOFT.WEB/SITES/RESTART/ACTION",
    "MICROSOFT.WEB/SITES/PUBLISHXML/ACTION",
    "MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/LISTCLUSTERUSERCREDENTIAL/ACTION",
    "MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/WRITE",
    "MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE",
    "MICROSOFT.COMPUTE/VIRTUALMACHINES/RUNCOMMAND/ACTION",
];

/// What thieves do.
const SOUGHT: [&str; 6] = [
    "MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION",
    "MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE",
    "MICROSOFT.COMPUTE/VIRTUALMACHINES/RUNCOMMAND/ACTION",
    "MICROSOFT.COMPUTE/DISKS/BEGINGETACCESS/ACTION",
    "MICROSOFT.WEB/SITES/PUBLISHXML/ACTION",
    "MICROSOFT.RESOURCES/DEPLOYMENTS/WRITE",
];

/// Some operations that a workload is used to.
pub(super) fn operations(random: &mut Random) -> Vec<&'static str> {
    (0..random.whole(1, 3)).map(|_| random.pick(&OPERATIONS)).collect()
}

/// One call of Azure.
#[derive(Debug, Clone, Copy)]
struct AzureCall<'a> {
    at: EventTime,
    stand: Stand,
    token: &'a Token,
    operation: &'a str,
}

/// What an honest session does with a token.
pub(super) fn use_token(
    stage: &mut Stage<'_>,
    workload: &mut Workload,
    at: EventTime,
    stand: Stand,
    (resource, token): (&Resource, &Token),
) {
    let mut time = at;
    let calls = workload.random.whole(0, 2);
    for _ in 0..calls {
        time = time.plus(workload.random.whole(400, 60_000) * 1_000);
        if *resource == VAULT {
            let vault = workload.vault.clone();
            stage.vault(workload, AzureCall { at: time, stand, token, operation: "SecretGet" }, &vault);
        } else if *resource == ARM {
            let Some(operation) = workload.random.choose(&workload.operations.clone()).copied() else { return };
            stage.resource_manager(workload, AzureCall { at: time, stand, token, operation });
        }
    }
}

/// What a thief does with a token.
pub(super) fn abuse_token(
    stage: &mut Stage<'_>,
    workload: &mut Workload,
    at: EventTime,
    stand: Stand,
    (resource, token): (&Resource, &Token),
) {
    let mut time = at;
    for n in 0..workload.random.whole(2, 12) {
        time = time.plus(workload.random.whole(400, 60_000) * 1_000);
        if *resource == VAULT {
            let vault = workload.vault.clone();
            let operation = if n == 0 { "SecretList" } else { "SecretGet" };
            stage.vault(workload, AzureCall { at: time, stand, token, operation }, &vault);
        } else if *resource == ARM {
            let operation = workload.random.pick(&SOUGHT);
            stage.resource_manager(workload, AzureCall { at: time, stand, token, operation });
        }
    }
}

impl Stage<'_> {
    fn claims(&self, workload: &Workload, token: &Token) -> Value {
        json!({
            "http://schemas.microsoft.com/identity/claims/objectidentifier": workload.principal, "idtyp": "app",
            "http://schemas.microsoft.com/identity/claims/tenantid": self.estate.id, "appid": workload.app,
            "uti": token_text(token.id),
        })
    }

    fn resource_manager(&mut self, workload: &mut Workload, call: AzureCall<'_>) {
        let AzureCall { at, stand, token, operation } = call;
        let correlation = workload.random.guid();
        let subscription = self.estate.subscription.to_string().to_uppercase();
        let provider = operation.split('/').take(2).collect::<Vec<_>>().join("/");
        let scope = format!("/subscriptions/{}", self.estate.subscription);
        let evidence = json!({ "role": "Contributor", "principalType": "ServicePrincipal" });
        let identity = json!({
            "authorization": { "scope": scope, "evidence": evidence }, "claims": self.claims(workload, token),
        });
        let record = json!({
            "time": format!("{}Z", Stamp(at)), "category": "Administrative", "level": "Information",
            "resourceId": format!("/SUBSCRIPTIONS/{subscription}/RESOURCEGROUPS/APPS/PROVIDERS/{provider}/{}", workload.name),
            "operationName": operation, "resultType": "Success", "resultSignature": "Succeeded.OK",
            "callerIpAddress": stand.place.map(|place| place.address), "correlationId": correlation,
            "identity": identity, "properties": { "statusCode": "OK" },
        });
        self.happened(Stream::AzureActivity, at, (correlation.to_string(), record.to_string()));
    }

    fn vault(&mut self, workload: &mut Workload, call: AzureCall<'_>, vault: &str) {
        let AzureCall { at, stand, token, operation } = call;
        let correlation = workload.random.guid();
        let subscription = self.estate.subscription.to_string().to_uppercase();
        let record = json!({
            "time": format!("{}Z", Stamp(at)), "category": "AuditEvent", "operationName": operation,
            "resourceId": format!("/SUBSCRIPTIONS/{subscription}/RESOURCEGROUPS/APPS/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/{}", vault.to_uppercase()),
            "resultType": "Success", "callerIpAddress": stand.place.map(|place| place.address),
            "correlationId": correlation, "identity": { "claim": self.claims(workload, token) },
            "properties": {
                "id": format!("https://{vault}.vault.azure.net/secrets/s{}", workload.random.below(9)),
                "clientInfo": stand.client.agent(), "httpStatusCode": 200,
            },
        });
        self.happened(Stream::KeyVault, at, (correlation.to_string(), record.to_string()));
    }
}
