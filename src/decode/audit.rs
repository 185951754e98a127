//! Directory changes.
//!
//! Who was changed is found by the type of the targets and by the modified properties, never by position: the first
//! target of an app-role grant is the resource, that of an added owner is the owner.

mod activity;
mod actor;
mod federated;
mod grants;
mod key_description;
mod property;
mod subject;

use super::Context;
use super::envelope::{derived, event_id, first_time, id, name, piece, tenant};
use super::refusal::{Decision, Refusal, one};
use super::wire::Record;
use super::wire_key::Key;
use picket_detectors::event::{
    ActorKind, Body, CredentialChange, DirectoryChange, Event, EventId, ObjectId, Operation, PropertyChange, Target,
    TargetKind,
};
use property::Properties;
use subject::Subject;

/// The rule by which changes that touch no workload identity are ignored.
const NO_WORKLOAD: &str = "AuditLogs without a workload identity";

/// Decodes one change.
pub(super) fn decode(record: &Record<'_>, context: &Context) -> Decision {
    let body = record.body();
    let activity = body.leaf(Key::ActivityDisplayName);
    let activity = if activity.is_present() { activity } else { record.leaf(Key::OperationName) };
    let activity = activity::normalise(&activity.text().unwrap_or_default());
    let properties = Properties::of(body);
    let targets: Vec<Target> = body.targets.objects().map(target).collect();
    let operation = activity::operation(&activity, &properties, &targets);
    let subject = subject::find(&activity, operation, &targets, &properties, body);
    let actor = actor::actor(record);
    if !subject.is_known() && actor.kind != ActorKind::Application {
        return Err(Refusal::ignored(NO_WORKLOAD));
    }
    let time = first_time(
        record,
        &[(Key::ActivityDateTime, "activityDateTime"), (Key::Time, "time"), (Key::TimeGenerated, "timeGenerated")],
    )?;
    let Subject { principal, application_object, application, name } = subject;
    Ok(one(Event {
        id: event_id(body.leaf(Key::Id), || derived_id(record, &targets)),
        tenant: tenant(record, context),
        time,
        body: Body::DirectoryChange(Box::new(DirectoryChange {
            operation,
            correlation: id(record.leaf(Key::CorrelationId)),
            succeeded: body.leaf(Key::Result).text().is_none_or(|result| result.eq_ignore_ascii_case("success")),
            actor,
            principal,
            application_object,
            application,
            name,
            credentials: credentials(&properties),
            grants: grants::grants(operation, &properties, &targets),
            enabled: if operation == Operation::AccountEnabled { activity::enabled(&properties) } else { None },
            properties: unread(&properties),
            activity,
            targets,
        })),
        signals: Vec::new(),
    }))
}

/// A record without an id is known by its correlation, activity, time and targets.
fn derived_id(record: &Record<'_>, targets: &[Target]) -> EventId {
    let keys = [Key::CorrelationId, Key::ActivityDisplayName, Key::OperationName, Key::ActivityDateTime];
    let mut parts = vec!["audit".into()];
    parts.extend(keys.into_iter().map(|key| piece(record, key)));
    if !record.leaf(Key::ActivityDateTime).is_present() {
        parts.push(piece(record, Key::Time));
        parts.push(piece(record, Key::TimeGenerated));
    }
    parts.extend(targets.iter().filter_map(|target| target.id.as_ref()).map(|id| id.to_string().into()));
    derived(&parts)
}

fn target(resource: &super::wire::Resource<'_>) -> Target {
    const KINDS: [(&str, TargetKind); 4] = [
        ("ServicePrincipal", TargetKind::ServicePrincipal),
        ("Application", TargetKind::Application),
        ("User", TargetKind::User),
        ("Role", TargetKind::Role),
    ];
    let word = resource.kind.text().unwrap_or_default();
    let kind =
        KINDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&word)).map_or(TargetKind::Other, |(_, kind)| *kind);
    let principal_name = if kind == TargetKind::User { name(&resource.principal_name) } else { None };
    Target { kind, id: id(&resource.id).map(ObjectId), name: principal_name.or_else(|| name(&resource.name)) }
}

/// Secrets, certificates and federated credentials that came and went.
fn credentials(properties: &Properties) -> CredentialChange {
    let mut change = CredentialChange::default();
    if let Some(keys) = properties.find(key_description::PROPERTY) {
        change = key_description::change(keys.old.as_deref(), keys.new.as_deref());
    }
    if let Some(trusts) = properties.find(federated::PROPERTY) {
        let federated = federated::change(trusts.old.as_deref(), trusts.new.as_deref());
        change.added.extend(federated.added);
        change.removed.extend(federated.removed);
        change.before = match (change.before, federated.before) {
            (Some(keys), Some(trusts)) => Some(keys + trusts),
            (one, other) => one.or(other),
        };
    }
    change
}

/// What nobody has read yet. `Credential` is left out for good: it may hold key material.
fn unread(properties: &Properties) -> Vec<PropertyChange> {
    const READ: [&str; 5] =
        [key_description::PROPERTY, federated::PROPERTY, "Credential", "Included Updated Properties", grants::CONSENT];
    let unread = properties.iter().filter(|property| {
        let is = |read: &&str| property.name.eq_ignore_ascii_case(read);
        !READ.iter().any(is) && !subject::READ.iter().any(is) && !grants::READ.iter().any(is)
    });
    unread.filter_map(property::Property::kept).collect()
}
