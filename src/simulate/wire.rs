//! Records in the shapes in which Azure Monitor sends them, from the opening of the object after the envelope's time.

use super::client::Client;
use super::estate::{Estate, Person};
use super::resource::{Call, Resource};
use super::site::Place;
use super::stamp::Stamp;
use super::workload::{Key, KeyKind, Workload};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use picket_detectors::event::EventTime;
use std::fmt::Write as _;
use uuid::Uuid;

/// Writing into a string never fails.
macro_rules! put {
    ($text:expr, $($part:tt)*) => { write!($text, $($part)*).unwrap_or_default() };
}

/// A sign-in.
#[derive(Debug)]
pub(super) struct SignIn<'a> {
    pub(super) id: Uuid,
    pub(super) at: EventTime,
    pub(super) estate: &'a Estate,
    pub(super) workload: &'a Workload,
    pub(super) place: Option<Place>,
    pub(super) client: Client,
    pub(super) resource: &'a Resource,
    /// The credential; `None` for managed identities and where Entra does not name it.
    pub(super) key: Option<&'a Key>,
    pub(super) error: u32,
}

/// Token ids are the GUID's bytes in Microsoft's order.
pub(super) fn token_text(id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(id.to_bytes_le())
}

impl SignIn<'_> {
    /// The record.
    pub(super) fn record(&self) -> String {
        let mut text = String::with_capacity(2_048);
        self.envelope(&mut text);
        self.identity(&mut text);
        self.write_place(&mut text);
        self.rest(&mut text);
        text
    }

    fn envelope(&self, text: &mut String) {
        let tenant = self.estate.id;
        let managed = self.workload.kind.is_managed();
        let category = if managed { "ManagedIdentitySignInLogs" } else { "ServicePrincipalSignInLogs" };
        put!(
            text,
            r#""resourceId":"/tenants/{tenant}/providers/Microsoft.aadiam","operationName":"Sign-in activity","#
        );
        put!(text, r#""operationVersion":"1.0","category":"{category}","tenantId":"{tenant}","#);
        put!(
            text,
            r#""resultType":"{}","resultSignature":"{}","#,
            self.error,
            if self.error == 0 { "SUCCESS" } else { "FAILURE" }
        );
        if let Some(reason) = reason(self.error) {
            put!(text, r#""resultDescription":"{reason}","#);
        }
        text.push_str(r#""durationMs":0,"#);
        let country = self.place().map_or("", |place| place.region.country);
        if let Some(place) = self.place() {
            put!(text, r#""callerIpAddress":"{}","#, place.address);
        }
        put!(text, r#""correlationId":"{}","Level":4,"location":"{country}","#, self.correlation());
    }

    /// Managed identities have no address.
    fn place(&self) -> Option<Place> {
        self.place.filter(|_| !self.workload.kind.is_managed())
    }

    /// Managed identities ask by way of Azure, which names no software.
    fn agent(&self) -> String {
        if self.workload.kind.is_managed() { String::new() } else { self.client.agent() }
    }

    fn correlation(&self) -> Uuid {
        Uuid::from_u128(self.id.as_u128() ^ 0x55_5555_5555_5555)
    }

    fn identity(&self, text: &mut String) {
        let workload = self.workload;
        put!(text, r#""properties":{{"id":"{}","createdDateTime":"{}+00:00","#, self.id, Stamp(self.at));
        put!(text, r#""userDisplayName":"","userPrincipalName":"","userId":"","appId":"{}","#, workload.app);
        put!(
            text,
            r#""appDisplayName":"","servicePrincipalId":"{}","servicePrincipalName":"{}","#,
            workload.principal,
            workload.name
        );
        if workload.kind.is_managed() {
            self.managed_identity(text);
            return;
        }
        let key = self.key.map(|key| if key.kind == KeyKind::Federated { Uuid::nil() } else { key.id });
        put!(text, r#""servicePrincipalCredentialKeyId":"{}","#, key.map(|key| key.to_string()).unwrap_or_default());
        let kind = self.key.map(|key| key.kind);
        let thumbprint = self.key.filter(|key| key.kind == KeyKind::Certificate).map(thumbprint);
        put!(text, r#""servicePrincipalCredentialThumbprint":"{}","#, thumbprint.unwrap_or_default());
        let kind = match kind {
            Some(KeyKind::Secret) => "clientSecret",
            Some(KeyKind::Certificate) => "certificate",
            Some(KeyKind::Federated) => "federatedIdentityCredential",
            None => "none",
        };
        let federated = self.key.filter(|key| key.kind == KeyKind::Federated).map(|key| key.id.to_string());
        put!(text, r#""clientCredentialType":"{kind}","federatedCredentialId":"{}","#, federated.unwrap_or_default());
        if let Some(blueprint) = workload.blueprint {
            put!(
                text,
                r#""agent":{{"agentType":"agenticAppInstance","agentSubjectType":"notAgentic","parentAppId":"{blueprint}"}},"#
            );
        }
    }

    fn managed_identity(&self, text: &mut String) {
        let (subscription, name) = (self.estate.subscription, &self.workload.name);
        let (kind, resource) = if self.workload.kind == super::kind::WorkloadKind::SystemIdentity {
            ("systemAssigned", "Microsoft.Compute/virtualMachines")
        } else {
            ("userAssigned", "Microsoft.ManagedIdentity/userAssignedIdentities")
        };
        put!(text, r#""clientCredentialType":"managedIdentity","managedServiceIdentity":{{"msiType":"{kind}","#);
        put!(
            text,
            r#""associatedResourceId":"/subscriptions/{subscription}/resourcegroups/apps/providers/{resource}/{name}"}},"#
        );
    }

    fn write_place(&self, text: &mut String) {
        let Some(Place { address, region, trusted }) = self.place() else {
            text.push_str(r#""ipAddress":"","location":{"city":"","state":"","countryOrRegion":"","geoCoordinates":{"latitude":0.0,"longitude":0.0}},"networkLocationDetails":[],"#);
            return;
        };
        put!(text, r#""ipAddress":"{address}","autonomousSystemNumber":{},"#, region.asn);
        put!(text, r#""location":{{"city":"{}","state":"","countryOrRegion":"{}","#, region.city, region.country);
        put!(text, r#""geoCoordinates":{{"latitude":{},"longitude":{}}}}},"#, region.latitude, region.longitude);
        if trusted {
            text.push_str(
                r#""networkLocationDetails":[{"networkType":"trustedNamedLocation","networkNames":["Offices"]}],"#,
            );
        } else {
            text.push_str(r#""networkLocationDetails":[],"#);
        }
    }

    fn rest(&self, text: &mut String) {
        put!(text, r#""status":{{"errorCode":{}"#, self.error);
        if let Some(reason) = reason(self.error) {
            put!(text, r#","failureReason":"{reason}""#);
        }
        text.push_str(r#"},"conditionalAccessStatus":"notApplied","appliedConditionalAccessPolicies":[],"#);
        text.push_str(r#""authenticationProcessingDetails":["#);
        let library = if self.workload.kind.is_managed() { String::new() } else { self.client.library() };
        if !library.is_empty() {
            put!(text, r#"{{"key":"Azure AD App Authentication Library","value":"{library}"}},"#);
        }
        put!(text, r#"{{"key":"Is CAE Token","value":"False"}}],"userAgent":"{}","#, self.agent());
        put!(text, r#""resourceDisplayName":"{}","resourceId":"{}","#, self.resource.name, self.resource.app);
        put!(text, r#""resourceTenantId":"{0}","homeTenantId":"{0}","appOwnerTenantId":"{0}","#, self.estate.id);
        put!(text, r#""uniqueTokenIdentifier":"{}","correlationId":"{}","#, token_text(self.id), self.correlation());
        text.push_str(r#""incomingTokenType":"none","authenticationProtocol":"none","tokenIssuerType":"AzureAD","crossTenantAccessType":"none","isInteractive":false,"flaggedForReview":false,"riskDetail":"none","riskState":"none","riskLevelAggregated":"low","riskLevelDuringSignIn":"low"}}"#);
    }
}

/// What Entra says of an error.
fn reason(error: u32) -> Option<&'static str> {
    match error {
        0 => None,
        7_000_215 => Some("Invalid client secret is provided."),
        7_000_222 => Some("The provided client secret keys are expired."),
        700_016 => Some("Application not found in the directory/tenant."),
        700_213 => Some("No matching federated identity record found for presented assertion."),
        _ => Some("Other."),
    }
}

/// The SHA-1 of a certificate is as random as its id.
fn thumbprint(key: &Key) -> String {
    format!("{:032X}{:08X}", key.id.as_u128(), key.id.as_u128() as u32 ^ 0x9e37_79b9)
}

/// One call to Microsoft Graph.
#[derive(Debug)]
pub(super) struct GraphCall<'a> {
    pub(super) id: Uuid,
    pub(super) at: EventTime,
    pub(super) estate: &'a Estate,
    pub(super) workload: &'a Workload,
    pub(super) place: Option<Place>,
    pub(super) client: Client,
    pub(super) call: Call,
    /// Stands for the ids in the path.
    pub(super) object: Uuid,
    pub(super) status: u16,
    pub(super) bytes: u32,
    /// The sign-in that gave the token, and when.
    pub(super) token: Option<(Uuid, EventTime)>,
}

impl GraphCall<'_> {
    /// The record.
    pub(super) fn record(&self) -> String {
        let mut text = String::with_capacity(1_536);
        let (tenant, id) = (self.estate.id, self.id);
        let address = self.place.map(|place| place.address.to_string()).unwrap_or_default();
        let shouted = tenant.to_string().to_uppercase();
        put!(
            text,
            r#""resourceId":"/TENANTS/{shouted}/PROVIDERS/MICROSOFT.AADIAM","operationName":"Microsoft Graph Activity","#
        );
        put!(
            text,
            r#""operationVersion":"v1.0","category":"MicrosoftGraphActivityLogs","tenantId":"{tenant}","resultSignature":"{}","#,
            self.status
        );
        put!(
            text,
            r#""durationMs":"{}","callerIpAddress":"{address}","correlationId":"{id}","level":"Informational","location":"West Europe","#,
            self.bytes / 7
        );
        put!(
            text,
            r#""properties":{{"timeGenerated":"{}Z","requestId":"{id}","operationId":"{id}","clientRequestId":"{id}","#,
            Stamp(self.at)
        );
        let path = self.call.path.replace('*', &self.object.to_string());
        put!(
            text,
            r#""apiVersion":"v1.0","requestMethod":"{}","requestUri":"https://graph.microsoft.com/v1.0/{path}","#,
            self.call.method
        );
        put!(
            text,
            r#""responseStatusCode":{},"responseSizeBytes":{},"appId":"{}","servicePrincipalId":"{}","userId":null,"#,
            self.status,
            self.bytes,
            self.workload.app,
            self.workload.principal
        );
        let method = if self.workload.key().is_some_and(|key| key.kind == KeyKind::Secret) { "1" } else { "2" };
        put!(
            text,
            r#""UserPrincipalObjectID":"{}","C_Idtyp":"app","clientAuthMethod":"{method}","roles":"{}","scopes":null,"#,
            self.workload.principal,
            self.workload.roles.join(" ")
        );
        put!(
            text,
            r#""wids":"0997a1d0-0d1d-4acb-b408-d5ca73121e90","ipAddress":"{address}","userAgent":"{}","#,
            self.client.agent()
        );
        if let Some((sign_in, issued)) = self.token {
            put!(text, r#""signInActivityId":"{}","tokenIssuedAt":"{}Z","#, token_text(sign_in), Stamp(issued));
        }
        put!(text, r#""identityProvider":"https://sts.windows.net/{tenant}/"}}}}"#);
        text
    }
}

/// Who changes the directory.
#[derive(Debug, Clone, Copy)]
pub(super) enum Actor<'a> {
    /// A person, from somewhere.
    Person(&'a Person, Option<Place>),
    /// An application: its principal and its name.
    Application(Uuid, &'a str),
}

/// One changed property: name, old and new value, as JSON inside a string.
pub(super) type Property = (&'static str, Option<String>, Option<String>);

/// A directory change.
#[derive(Debug)]
pub(super) struct Audit<'a> {
    pub(super) id: Uuid,
    pub(super) at: EventTime,
    pub(super) estate: &'a Estate,
    pub(super) activity: &'static str,
    pub(super) kind: &'static str,
    pub(super) actor: Actor<'a>,
    /// Id, name and type of each, with the properties of the first or second.
    pub(super) targets: Vec<(Uuid, String, &'static str)>,
    pub(super) properties: Vec<Property>,
    /// What `additionalDetails` calls `AppId`.
    pub(super) app: Uuid,
}

impl Audit<'_> {
    /// The record's id.
    pub(super) fn event_id(&self) -> String {
        let tail = self.id.as_u128() as u32;
        format!("Directory_{}_{:05X}_{}", self.id, tail & 0xf_ffff, tail % 100_000_000)
    }

    /// The record.
    pub(super) fn record(&self) -> String {
        let mut text = String::with_capacity(2_048);
        let (tenant, activity, id) = (self.estate.id, self.activity, self.id);
        put!(
            text,
            r#""resourceId":"/tenants/{tenant}/providers/Microsoft.aadiam","operationName":"{activity}","operationVersion":"1.0","#
        );
        put!(
            text,
            r#""category":"AuditLogs","tenantId":"{tenant}","resultSignature":"None","durationMs":0,"correlationId":"{id}","Level":4,"#
        );
        put!(
            text,
            r#""properties":{{"id":"{}","category":"ApplicationManagement","correlationId":"{id}","result":"success","resultReason":"","#,
            self.event_id()
        );
        put!(
            text,
            r#""activityDisplayName":"{activity}","activityDateTime":"{}+00:00","loggedByService":"Core Directory","#,
            Stamp(self.at)
        );
        put!(text, r#""operationType":"{}","userAgent":null,"initiatedBy":{{"#, self.kind);
        match self.actor {
            Actor::Person(person, place) => {
                let address = place.map(|place| place.address.to_string()).unwrap_or_default();
                put!(
                    text,
                    r#""user":{{"id":"{}","displayName":null,"userPrincipalName":"{}","ipAddress":"{address}","roles":[]}}}},"#,
                    person.id,
                    person.name
                );
            }
            Actor::Application(principal, name) => {
                put!(
                    text,
                    r#""app":{{"appId":null,"displayName":"{name}","servicePrincipalId":"{principal}","servicePrincipalName":null}}}},"#
                );
            }
        }
        self.targets(&mut text);
        put!(
            text,
            r#""additionalDetails":[{{"key":"User-Agent","value":"Mozilla/5.0"}},{{"key":"AppId","value":"{}"}}]}}}}"#,
            self.app
        );
        text
    }

    fn targets(&self, text: &mut String) {
        text.push_str(r#""targetResources":["#);
        for (at, (id, name, kind)) in self.targets.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            put!(text, r#"{comma}{{"id":"{id}","displayName":"{name}","type":"{kind}","modifiedProperties":["#);
            if at == 0 {
                for (at, (name, old, new)) in self.properties.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    put!(
                        text,
                        r#"{comma}{{"displayName":"{name}","oldValue":{},"newValue":{}}}"#,
                        quoted(old.as_deref()),
                        quoted(new.as_deref())
                    );
                }
            }
            text.push_str(r#"],"administrativeUnits":[]}"#);
        }
        text.push_str("],");
    }
}

/// A value as a JSON string, or `null`.
fn quoted(value: Option<&str>) -> String {
    value.map_or_else(|| "null".to_owned(), |value| serde_json::Value::from(value).to_string())
}

/// The list of credentials as `KeyDescription` has it: strings that look like JSON and are not.
pub(super) fn key_description<'a>(keys: impl Iterator<Item = &'a Key>) -> String {
    let describe = |key: &Key| {
        let kind = if key.kind == KeyKind::Certificate { "AsymmetricX509Cert" } else { "Password" };
        format!("[KeyIdentifier={},KeyType={kind},KeyUsage=Verify,DisplayName={}]", key.id, key.name)
    };
    let list: Vec<String> = keys.filter(|key| key.kind != KeyKind::Federated).map(describe).collect();
    serde_json::Value::from(list).to_string()
}

/// The list of federated credentials, one level deeper than other properties.
pub(super) fn federated_description<'a>(keys: impl Iterator<Item = &'a Key>) -> String {
    let describe = |key: &Key| {
        serde_json::json!({
            "Name": key.name, "Issuer": key.issuer, "Subject": key.subject, "Id": key.id, "Description": "",
            "Audiences": ["api://AzureADTokenExchange"], "ClaimsMatchingExpressionValue": null, "TrustedIssuer": "",
        })
    };
    let list: Vec<serde_json::Value> = keys.filter(|key| key.kind == KeyKind::Federated).map(describe).collect();
    serde_json::Value::from(list).to_string()
}
