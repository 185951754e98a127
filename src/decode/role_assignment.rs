//! Roles of Azure that are given to workload identities, by whomever.
//!
//! The record that a call has begun carries the request with the principal and the role, and Azure has authorised it by then.
//! The record of its end is a call as any other, which rules read.

use super::Context;
use super::azure_activity::{TIMES, resource};
use super::caller::{actor, tenant_of};
use super::envelope::{cut, derived, first_time, id, piece};
use super::json;
use super::leaf::{Leaf, Part, object};
use super::refusal::Refusal;
use super::wire::Record;
use super::wire_key::Key;
use compact_str::{CompactString, format_compact};
use picket_detectors::event::{
    Body, CredentialChange, DirectoryChange, Event, EventId, ObjectId, Operation, PrincipalId, PropertyChange, Target,
    TargetKind,
};
use std::borrow::Cow;

object! {
    /// A role assignment as Resource Manager takes and gives it.
    Assignment<'a> { properties: Part<'a, Given<'a>> = "properties" }
}
object! {
    /// Who is given what, and where.
    Given<'a> {
        principal: Leaf<'a> = "principalId",
        principal_type: Leaf<'a> = "principalType",
        role: Leaf<'a> = "roleDefinitionId",
        scope: Leaf<'a> = "scope",
    }
}

/// Roles that matter, by the ids of their definitions.
const ROLES: [(&str, &str); 4] = [
    ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner"),
    ("b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor"),
    ("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator"),
    ("f58310d9-a9f6-439a-9e8d-f62e7b41a168", "Role Based Access Control Administrator"),
];

/// What a role is worth does not depend on where it is given, but for those that may be given away or own everything.
const WORTH_LESS_WITHIN: [&str; 3] = ["Owner", "User Access Administrator", "Role Based Access Control Administrator"];

/// The change that a call of Resource Manager begins; `None` where it gives no role to a workload identity, or does
/// not say so.
pub(super) fn change(record: &Record<'_>, operation: &str, context: &Context) -> Result<Option<Event>, Refusal> {
    if operation != "microsoft.authorization/roleassignments/write" {
        return Ok(None);
    }
    let path = resource(record);
    let request = record.body().leaf(Key::RequestBody).text();
    let Some(given) = request.and_then(|text| given(&text, path.as_deref())) else {
        return Ok(None);
    };
    let principal = PrincipalId(given.principal.clone());
    let target = Target { kind: TargetKind::ServicePrincipal, id: Some(ObjectId(given.principal)), name: None };
    Ok(Some(Event {
        id: assignment_id(record, &principal),
        tenant: tenant_of(record, context),
        time: first_time(record, &TIMES)?,
        signals: Vec::new(),
        body: Body::DirectoryChange(Box::new(DirectoryChange {
            operation: Operation::RoleGranted,
            activity: DirectoryChange::AZURE_ROLE_GIVEN.into(),
            correlation: id(record.outer.leaf(Key::CorrelationId)),
            succeeded: true,
            actor: actor(record),
            targets: vec![target],
            principal: Some(principal),
            application_object: None,
            application: None,
            name: None,
            credentials: CredentialChange::default(),
            grants: vec![given.role],
            enabled: None,
            properties: given.scope.into_iter().collect(),
        })),
    }))
}

/// What one role assignment says of a workload identity.
struct ToWorkload {
    principal: picket_detectors::event::Id,
    role: CompactString,
    scope: Option<PropertyChange>,
}

/// Reads an assignment; those of people and groups are none of Picket's business.
fn given(text: &str, path: Option<&str>) -> Option<ToWorkload> {
    let assignment: Part<'_, Assignment<'_>> = json::parse(text).ok()?;
    let given = assignment.get()?.properties.get()?;
    if given.principal_type.text().is_some_and(|kind| !kind.eq_ignore_ascii_case("ServicePrincipal")) {
        return None;
    }
    let scope = path.and_then(scope).map(Cow::Borrowed).or_else(|| given.scope.text());
    let is_within = scope.as_deref().is_some_and(|scope| scope.to_ascii_lowercase().contains("/resourcegroups/"));
    Some(ToWorkload {
        principal: id(&given.principal)?,
        role: role(&given.role.text()?, is_within),
        scope: scope.map(|scope| PropertyChange {
            name: "scope".into(),
            old: None,
            new: Some(cut(&scope, PropertyChange::MAX)),
        }),
    })
}

/// Where the role is given, by the path that was written to. The request names a place, too, and whoever sends it may
/// write there what they like.
fn scope(path: &str) -> Option<&str> {
    let (scope, _) = path.split_once("/providers/microsoft.authorization/roleassignments")?;
    Some(if scope.is_empty() { "/" } else { scope })
}

/// The name of a role, by the path of its definition: prefixed, for directory roles have such names too.
fn role(definition: &str, is_within: bool) -> CompactString {
    let definition = definition.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    match ROLES.iter().find(|(known, _)| *known == definition) {
        Some((_, name)) if is_within && WORTH_LESS_WITHIN.contains(name) => {
            format_compact!("Azure {name} within a resource group")
        }
        Some((_, name)) => format_compact!("Azure {name}"),
        None => format_compact!("Azure role {}", cut(&definition, 64)),
    }
}

/// What the records of one call share, whenever they were written.
fn assignment_id(record: &Record<'_>, principal: &PrincipalId) -> EventId {
    let path = resource(record).unwrap_or_default();
    derived(&["role".into(), piece(record, Key::CorrelationId), path.as_str().into(), principal.to_string().into()])
}
