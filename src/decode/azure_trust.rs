//! Federated credentials that are put on managed identities, by whomever.
//!
//! Entra's audit log says nothing of them. The record that the call has begun carries the request with the issuer and the
//! subject, and Azure has authorised it by then; the record of its end is a call as any other.

use super::Context;
use super::azure_activity::{TIMES, resource};
use super::caller::{actor, tenant_of};
use super::envelope::{cut, derived, first_time, id, piece};
use super::inventory::federated_key;
use super::json;
use super::leaf::{Leaf, Part, object};
use super::managed_identity;
use super::refusal::Refusal;
use super::wire::Record;
use super::wire_key::Key;
use picket_detectors::event::{
    Body, Credential, CredentialChange, CredentialKind, DirectoryChange, Event, KeyId, Operation, Target, TargetKind,
};

object! {
    /// A federated credential as Resource Manager takes it.
    Request<'a> { properties: Part<'a, Trust<'a>> = "properties" }
}
object! {
    /// Who is trusted.
    Trust<'a> {
        issuer: Leaf<'a> = "issuer",
        subject: Leaf<'a> = "subject",
        expression: Part<'a, Expression<'a>> = "claimsMatchingExpression",
    }
}
object! {
    /// What the claims must match where no one subject is named.
    Expression<'a> { value: Leaf<'a> = "value" }
}

/// The change that a call of Resource Manager begins; `None` where it puts no trust on a managed identity.
pub(super) fn change(record: &Record<'_>, operation: &str, context: &Context) -> Result<Option<Event>, Refusal> {
    const WRITE: &str = "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials/write";
    let Some(path) = resource(record).filter(|_| operation == WRITE) else { return Ok(None) };
    let Some(identity) = managed_identity::object(&path) else { return Ok(None) };
    let target = Target { kind: TargetKind::Application, id: Some(identity.clone()), name: None };
    Ok(Some(Event {
        id: derived(&["trust".into(), piece(record, Key::CorrelationId), path.as_str().into()]),
        tenant: tenant_of(record, context),
        time: first_time(record, &TIMES)?,
        signals: Vec::new(),
        body: Body::DirectoryChange(Box::new(DirectoryChange {
            operation: Operation::FederatedCredentials,
            activity: DirectoryChange::AZURE_TRUST_ADDED.into(),
            correlation: id(record.outer.leaf(Key::CorrelationId)),
            succeeded: true,
            actor: actor(record),
            targets: vec![target],
            principal: None,
            application_object: Some(identity),
            application: None,
            name: None,
            credentials: CredentialChange { added: vec![added(record, &path)], ..CredentialChange::default() },
            grants: Vec::new(),
            enabled: None,
            properties: Vec::new(),
        })),
    }))
}

/// The credential, named as its resource is; whom it trusts stands in the request.
fn added(record: &Record<'_>, path: &str) -> Credential {
    let request = record.body().leaf(Key::RequestBody).text();
    let request: Option<Part<'_, Request<'_>>> = request.as_deref().and_then(|text| json::parse(text).ok());
    let trust = request.as_ref().and_then(Part::get).and_then(|request| request.properties.get());
    let text = |leaf: &Leaf<'_>, most| leaf.text().map(|text| cut(&text, most));
    let expression =
        || trust.and_then(|trust| trust.expression.get()).and_then(|expression| text(&expression.value, 640));
    Credential {
        key: KeyId(federated_key(path)),
        kind: CredentialKind::Federated,
        verifies: true,
        name: path.rsplit('/').next().map(|name| cut(name, 128)),
        hint: None,
        thumbprint: None,
        start: None,
        end: None,
        issuer: trust.and_then(|trust| text(&trust.issuer, 512)),
        subject: trust.and_then(|trust| text(&trust.subject, 640)).or_else(expression),
    }
}
