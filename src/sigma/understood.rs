//! What Picket has understood of a record, for rules to read: equal for every shape in which the record comes.
//!
//! Exports differ in case, dashes, nesting and in what is JSON and what is text holding JSON. A rule that reads these
//! fields needs to know none of that. [`FIELDS`] is the whole list, and what the user guide shows.

use picket_detectors::event::{
    Actor, ActorKind, Agent, ApiActivity, AppId, Body, Credential, CredentialKind, CredentialType, DirectoryChange,
    Event, OfficeAct, Operation, Place, PrincipalKind, RepositoryAct, Service, SignIn, TargetKind,
};
use picket_detectors::reference::{Reference, ToolKind};
use picket_detectors::risk::{Impact, RiskLevel};
use rsigma_eval::EventValue;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Every field with what it holds. `old.` and `new.` go on with the name of a modified property.
pub const FIELDS: &[(&str, &str)] = &[
    ("category", "the record's category: AuditLogs, ServicePrincipalSignInLogs, ManagedIdentitySignInLogs, …"),
    ("record", "the whole record as one text"),
    ("name", "display name of the principal"),
    ("app", "its client id"),
    ("app.firstParty", "whether that belongs to Microsoft (rules/apps/first-party.txt)"),
    ("agent", "the user agent or SDK"),
    ("agent.tool", "what program it names: attack, scanner or script (rules/agents.yaml)"),
    ("address", "where from: the address"),
    ("asn", "the autonomous system's number"),
    ("country", "the two letters of the country"),
    ("succeeded", "whether it was carried out"),
    ("signin.kind", "application, managedIdentity, agent or external"),
    ("signin.error", "the error code; 0 is success"),
    (
        "signin.credential",
        "none, clientSecret, clientAssertion, certificate, federatedIdentityCredential, managedIdentity",
    ),
    ("signin.resource", "the API asked for: its client id or name"),
    ("signin.resourceName", "its display name"),
    ("signin.blocked", "whether Conditional Access blocked it"),
    ("signin.riskLevel", "how risky Microsoft held it, unless somebody has cleared it: low, medium or high"),
    ("signin.crossTenant", "how it crossed from one tenant to another"),
    (
        "operation",
        "credentials, federatedCredentials, appRoleGranted, appRoleRevoked, consent, roleGranted, roleRevoked, ownerAdded, ownerRemoved, accountEnabled, created, deleted or other",
    ),
    ("activity", "the activity's name in small letters, with plain hyphens and without a full stop"),
    ("actor.kind", "user, application or unknown"),
    ("actor.name", "who did it"),
    ("actor.id", "its object id"),
    ("actor.self", "whether it was done to the actor itself"),
    ("target.kind", "the kinds of the objects named: servicePrincipal, application, user, role, other"),
    ("target.name", "their names"),
    ("grant", "permissions, scopes or roles given or taken, by name and id"),
    ("grant.impact", "what holding them is worth: limited, sensitive or tenantTakeover"),
    ("credential.added", "kinds of credentials added: secret, certificate, federated, other"),
    ("credential.removed", "kinds of credentials removed"),
    ("credential.before", "how many login credentials stood before"),
    ("credential.issuer", "issuers of federated credentials added"),
    ("credential.subject", "their subjects"),
    ("enabled", "the new state, where a principal was switched on or off"),
    ("changed", "names of other modified properties"),
    ("old", "`old.NAME`: that property before"),
    ("new", "`new.NAME`: that property after"),
    ("call.service", "whose API was called: graph, resourceManager or keyVault"),
    ("call.method", "the method of a call, in capitals"),
    (
        "call.endpoint",
        "its path in small letters, without version, query and ids; in Azure the operation, as microsoft.storage/storageaccounts/listkeys/action",
    ),
    ("call.status", "its HTTP status"),
    ("call.role", "application permissions in the token"),
    ("call.role.impact", "what holding them is worth"),
    ("repository", "`owner/name` of the repository"),
    ("repository.organization", "the organisation that holds it, or to which something was done"),
    ("repository.action", "what was done, as GitHub's audit log calls it; webhooks too"),
    ("repository.visibility", "who can see it from now on: public, internal or private"),
    ("repository.member", "whom it was done to"),
    ("repository.role", "the role or permission given, in small letters"),
    ("repository.subject", "the app, ruleset, branch or environment that it is about"),
    ("repository.workflow", "the workflow that ran, in small letters, without its branch"),
    ("repository.trigger", "what made it run: push, pull_request_target, …"),
    ("repository.fork", "whether it ran for code of another repository"),
    ("repository.secrets", "names of the secrets that it was given"),
    ("office.workload", "Exchange, SharePoint, OneDrive, …"),
    ("office.operation", "what an application did there, in small letters"),
    ("office.api", "the API that it came through: its client id"),
    ("office.client", "what the client says of itself"),
    ("office.data", "whose mailbox, or which site"),
    ("risk.type", "Microsoft's risk event type"),
    ("risk.level", "Microsoft's risk level"),
    ("risk.state", "Microsoft's risk state"),
];

static REFERENCE: LazyLock<Reference> = LazyLock::new(Reference::builtin);

/// Whether there is such a field.
pub(super) fn is_field(name: &str) -> bool {
    let head = name.split_once('.').map_or(name, |(head, _)| head);
    FIELDS.iter().any(|(known, _)| *known == name || (matches!(head, "old" | "new") && head != name))
}

type Value<'a> = Option<EventValue<'a>>;

/// The value of a field; `None` where the event has none.
pub(super) fn field<'a>(event: &'a Event, name: &str, record: &'a str) -> Value<'a> {
    match name {
        "category" => return Some(text(event.body.category())),
        "record" => return Some(text(record)),
        _ => {}
    }
    match &event.body {
        Body::SignIn(sign_in) => of_sign_in(sign_in, name),
        Body::DirectoryChange(change) => of_change(change, name),
        Body::ApiActivity(call) => of_call(call, name),
        Body::RepositoryAct(act) => of_repository_act(act, name),
        Body::OfficeAct(act) => of_office_act(act, name),
        Body::MicrosoftRisk(risk) => match name {
            "name" => risk.name.as_deref().map(text),
            "app" => id(risk.app.as_ref()),
            "risk.type" => risk.risk_event_type.as_deref().map(text),
            "risk.level" => Some(text(&risk.risk_level)),
            "risk.state" => Some(text(&risk.risk_state)),
            _ => None,
        },
        _ => None,
    }
}

fn text(text: &str) -> EventValue<'_> {
    EventValue::Str(Cow::Borrowed(text))
}

fn id(app: Option<&AppId>) -> Value<'static> {
    app.map(|app| EventValue::Str(Cow::Owned(app.to_string())))
}

fn first_party(app: Option<&AppId>) -> Value<'static> {
    app.map(|app| EventValue::Bool(REFERENCE.is_first_party(app.key())))
}

fn list<'a>(values: impl Iterator<Item = EventValue<'a>>) -> Value<'a> {
    let values: Vec<_> = values.collect();
    (!values.is_empty()).then_some(EventValue::Array(values))
}

fn of_place_and_agent<'a>(place: &'a Place, agent: &'a Agent, name: &str) -> Value<'a> {
    match name {
        "agent" => agent.text.as_deref().map(text),
        "agent.tool" => agent.text.as_deref().and_then(|agent| REFERENCE.tool(agent)).map(|tool| {
            text(match tool.kind {
                ToolKind::Attack => "attack",
                ToolKind::Scanner => "scanner",
                ToolKind::Script => "script",
            })
        }),
        "address" => place.address.map(|address| EventValue::Str(Cow::Owned(address.to_string()))),
        "asn" => place.asn.map(|asn| EventValue::Int(i64::from(asn))),
        "country" => place.country_code().map(text),
        _ => None,
    }
}

fn of_sign_in<'a>(sign_in: &'a SignIn, name: &str) -> Value<'a> {
    match name {
        "name" => sign_in.name.as_deref().map(text),
        "app" => id(sign_in.app.as_ref()),
        "app.firstParty" => first_party(sign_in.app.as_ref()),
        "succeeded" => Some(EventValue::Bool(sign_in.succeeded())),
        "signin.kind" => Some(text(match sign_in.kind {
            PrincipalKind::Application => "application",
            PrincipalKind::ManagedIdentity => "managedIdentity",
            PrincipalKind::Agent => "agent",
            PrincipalKind::External => "external",
        })),
        "signin.error" => Some(EventValue::Int(i64::from(sign_in.error))),
        "signin.credential" => credential_type(sign_in.credential_type).map(text),
        "signin.resource" => sign_in.resource.as_ref().map(|one| EventValue::Str(Cow::Owned(one.to_string()))),
        "signin.resourceName" => sign_in.resource_name.as_deref().map(text),
        "signin.riskLevel" => (sign_in.risk != RiskLevel::None).then(|| text(sign_in.risk.as_str())),
        "signin.crossTenant" => sign_in.cross_tenant.as_deref().map(text),
        "signin.blocked" => Some(EventValue::Bool(sign_in.blocked_by_policy)),
        _ => of_place_and_agent(&sign_in.place, &sign_in.agent, name),
    }
}

const fn credential_type(kind: CredentialType) -> Option<&'static str> {
    match kind {
        CredentialType::Unknown => None,
        CredentialType::None => Some("none"),
        CredentialType::ClientSecret => Some("clientSecret"),
        CredentialType::ClientAssertion => Some("clientAssertion"),
        CredentialType::Certificate => Some("certificate"),
        CredentialType::Federated => Some("federatedIdentityCredential"),
        CredentialType::ManagedIdentity => Some("managedIdentity"),
    }
}

fn of_call<'a>(call: &'a ApiActivity, name: &str) -> Value<'a> {
    match name {
        "app" => id(call.app.as_ref()),
        "app.firstParty" => first_party(call.app.as_ref()),
        "succeeded" => Some(EventValue::Bool(call.status < 400)),
        "call.service" => Some(text(match call.service {
            Service::Graph => "graph",
            Service::ResourceManager => "resourceManager",
            Service::KeyVault => "keyVault",
        })),
        "call.method" => Some(text(&call.method)),
        "call.endpoint" => Some(text(&call.endpoint)),
        "call.status" => Some(EventValue::Int(i64::from(call.status))),
        "call.role" => list(call.roles.iter().map(|role| text(role))),
        "call.role.impact" => impacts(&call.roles),
        _ => of_place_and_agent(&call.place, &call.agent, name),
    }
}

fn of_repository_act<'a>(act: &'a RepositoryAct, name: &str) -> Value<'a> {
    match name {
        "repository" => act.repository.as_deref().map(text),
        "repository.organization" => act.organization.as_deref().map(text),
        "repository.action" => Some(text(&act.action)),
        "repository.visibility" => act.visibility.as_deref().map(text),
        "repository.member" => act.member.as_deref().map(text),
        "repository.role" => act.role.as_deref().map(|role| EventValue::Str(Cow::Owned(role.to_lowercase()))),
        "repository.subject" => act.subject.as_deref().map(text),
        "repository.workflow" => act.workflow.as_deref().map(text),
        "repository.trigger" => act.trigger.as_deref().map(text),
        "repository.fork" => Some(EventValue::Bool(act.of_fork)),
        "repository.secrets" => list(act.secrets.iter().map(|secret| text(secret))),
        "actor.name" => act.actor.as_deref().map(text),
        "actor.kind" => Some(text(if act.bot { "application" } else { "user" })),
        _ => of_place_and_agent(&act.place, &act.agent, name),
    }
}

fn of_office_act<'a>(act: &'a OfficeAct, name: &str) -> Value<'a> {
    match name {
        "app" => id(Some(&act.app)),
        "app.firstParty" => first_party(Some(&act.app)),
        "succeeded" => Some(EventValue::Bool(act.succeeded)),
        "office.workload" => Some(text(&act.workload)),
        "office.operation" => Some(text(&act.operation)),
        "office.api" => id(act.api.as_ref()),
        "office.client" => act.client.as_deref().map(text),
        "office.data" => act.place_of_data.as_deref().map(text),
        _ => of_place_and_agent(&act.place, &act.agent, name),
    }
}

fn of_change<'a>(change: &'a DirectoryChange, name: &str) -> Value<'a> {
    if let Some(property) = name.strip_prefix("old.") {
        return property_of(change, property).and_then(|change| change.old.as_deref()).map(text);
    }
    if let Some(property) = name.strip_prefix("new.") {
        return property_of(change, property).and_then(|change| change.new.as_deref()).map(text);
    }
    match name {
        "name" => change.name.as_deref().map(text),
        "app" => id(change.application.as_ref()),
        "app.firstParty" => first_party(change.application.as_ref()),
        "succeeded" => Some(EventValue::Bool(change.succeeded)),
        "operation" => Some(text(operation(change.operation))),
        "activity" => Some(text(&change.activity)),
        "actor.kind" => Some(text(match change.actor.kind {
            ActorKind::User => "user",
            ActorKind::Application => "application",
            ActorKind::Unknown => "unknown",
        })),
        "actor.name" => change.actor.name.as_deref().map(text),
        "actor.id" => change.actor.id.as_ref().map(|one| EventValue::Str(Cow::Owned(one.to_string()))),
        "actor.self" => Some(EventValue::Bool(is_self(&change.actor, change))),
        "target.kind" => list(change.targets.iter().map(|target| text(target_kind(target.kind)))),
        "target.name" => list(change.targets.iter().filter_map(|target| target.name.as_deref()).map(text)),
        "grant" => list(change.grants.iter().map(|grant| text(grant))),
        "grant.impact" => impacts(&change.grants),
        "enabled" => change.enabled.map(EventValue::Bool),
        "changed" => list(change.properties.iter().map(|property| text(&property.name))),
        _ => {
            of_credentials(change, name).or_else(|| of_place_and_agent(&change.actor.place, &change.actor.agent, name))
        }
    }
}

fn of_credentials<'a>(change: &'a DirectoryChange, name: &str) -> Value<'a> {
    let kinds = |credentials: &'a [Credential]| {
        list(credentials.iter().filter(|one| one.verifies).map(|one| text(credential_kind(one.kind))))
    };
    let credentials = &change.credentials;
    match name {
        "credential.added" => kinds(&credentials.added),
        "credential.removed" => kinds(&credentials.removed),
        "credential.before" => credentials.before.map(|before| EventValue::Int(i64::from(before))),
        "credential.issuer" => list(credentials.added.iter().filter_map(|one| one.issuer.as_deref()).map(text)),
        "credential.subject" => list(credentials.added.iter().filter_map(|one| one.subject.as_deref()).map(text)),
        _ => None,
    }
}

fn property_of<'a>(change: &'a DirectoryChange, name: &str) -> Option<&'a picket_detectors::event::PropertyChange> {
    change.properties.iter().find(|property| property.name.eq_ignore_ascii_case(name))
}

fn is_self(actor: &Actor, change: &DirectoryChange) -> bool {
    actor.kind == ActorKind::Application
        && actor.id.is_some()
        && actor.id.as_ref() == change.principal.as_ref().map(|principal| &principal.0)
}

fn impacts<'a>(grants: &[compact_str::CompactString]) -> Value<'a> {
    let mut impacts: Vec<Impact> = grants.iter().map(|grant| REFERENCE.impact(grant)).collect();
    impacts.sort_unstable();
    impacts.dedup();
    list(impacts.into_iter().map(|impact| {
        text(match impact {
            Impact::Unknown => "unknown",
            Impact::Limited => "limited",
            Impact::Sensitive => "sensitive",
            Impact::TenantTakeover => "tenantTakeover",
        })
    }))
}

const fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::Credentials => "credentials",
        Operation::FederatedCredentials => "federatedCredentials",
        Operation::AppRoleGranted => "appRoleGranted",
        Operation::AppRoleRevoked => "appRoleRevoked",
        Operation::Consent => "consent",
        Operation::RoleGranted => "roleGranted",
        Operation::RoleRevoked => "roleRevoked",
        Operation::OwnerAdded => "ownerAdded",
        Operation::OwnerRemoved => "ownerRemoved",
        Operation::AccountEnabled => "accountEnabled",
        Operation::Created => "created",
        Operation::Deleted => "deleted",
        Operation::Other => "other",
    }
}

const fn target_kind(kind: TargetKind) -> &'static str {
    match kind {
        TargetKind::ServicePrincipal => "servicePrincipal",
        TargetKind::Application => "application",
        TargetKind::User => "user",
        TargetKind::Role => "role",
        TargetKind::Other => "other",
    }
}

const fn credential_kind(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Secret => "secret",
        CredentialKind::Certificate => "certificate",
        CredentialKind::Federated => "federated",
        CredentialKind::Other => "other",
    }
}
