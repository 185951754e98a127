//! The workload identity that a change was done to.

use super::actor::detail;
use super::property::Properties;
use crate::decode::envelope::{MAX_NAME, cut};
use crate::decode::wire::Fields;
use compact_str::CompactString;
use picket_detectors::event::{AppId, Id, ObjectId, Operation, PrincipalId, Target, TargetKind};

/// Properties read here.
pub(super) const READ: [&str; 8] = [
    "ServicePrincipal.ObjectID",
    "ServicePrincipal.AppId",
    "ServicePrincipal.DisplayName",
    "ServicePrincipal.Name",
    "Application.ObjectID",
    "Application.AppId",
    "Application.DisplayName",
    "AppPrincipalId",
];

/// Whom a change was done to; all unknown where it touched no workload identity.
#[derive(Debug, Default)]
pub(super) struct Subject {
    pub(super) principal: Option<PrincipalId>,
    pub(super) application_object: Option<ObjectId>,
    pub(super) application: Option<AppId>,
    pub(super) name: Option<CompactString>,
}

impl Subject {
    /// Whether any workload identity was found.
    pub(super) fn is_known(&self) -> bool {
        self.principal.is_some() || self.application_object.is_some() || self.application.is_some()
    }
}

/// Finds the subject.
pub(super) fn find(
    activity: &str,
    operation: Operation,
    targets: &[Target],
    properties: &Properties,
    body: &Fields<'_>,
) -> Subject {
    let granted = matches!(operation, Operation::AppRoleGranted | Operation::AppRoleRevoked)
        || activity.contains("delegated permission grant");
    if granted {
        return grantee(targets, properties);
    }
    if activity.contains(" owner to ") || activity.contains(" owner from ") {
        return owned(activity, targets, properties);
    }
    let itself = itself(targets, properties, body);
    if itself.is_known() { itself } else { by_property(properties) }
}

/// Who was given a permission: named by property, for the target that carries the permission is the resource.
fn grantee(targets: &[Target], properties: &Properties) -> Subject {
    let named = principal_by_property(properties);
    if named.is_known() {
        return named;
    }
    let resource = |at: usize| {
        properties.iter().any(|property| {
            let name = property.name.as_str();
            property.target == at && (starts_with(name, "AppRole") || starts_with(name, "DelegatedPermissionGrant."))
        })
    };
    let other =
        targets.iter().enumerate().find(|(at, target)| target.kind == TargetKind::ServicePrincipal && !resource(*at));
    other.map(|(_, target)| principal(target)).unwrap_or_default()
}

/// What got or lost an owner: named by property, else the target of that kind that carries no properties.
fn owned(activity: &str, targets: &[Target], properties: &Properties) -> Subject {
    let named = by_property(properties);
    if named.is_known() {
        return named;
    }
    let wanted =
        if activity.ends_with("service principal") { TargetKind::ServicePrincipal } else { TargetKind::Application };
    let carries = |at: usize| properties.iter().any(|property| property.target == at);
    let of_kind = || targets.iter().enumerate().filter(|(_, target)| target.kind == wanted);
    let found = of_kind().find(|(at, _)| !carries(*at)).or_else(|| of_kind().next()).map(|(_, target)| target);
    match (found, wanted) {
        (Some(target), TargetKind::Application) => application(target),
        (Some(target), _) => principal(target),
        (None, _) => Subject::default(),
    }
}

/// The target itself, with the client id that the record gives it.
fn itself(targets: &[Target], properties: &Properties, body: &Fields<'_>) -> Subject {
    let of_kind = |kind| targets.iter().enumerate().find(move |(_, target)| target.kind == kind);
    let app = of_kind(TargetKind::Application).map(|(_, target)| application(target)).unwrap_or_default();
    let principal = of_kind(TargetKind::ServicePrincipal)
        .or_else(|| unnamed_principal(targets, properties))
        .map(|(_, target)| principal(target))
        .unwrap_or_default();
    let mut subject = Subject {
        principal: principal.principal,
        application_object: app.application_object,
        application: None,
        name: app.name.or(principal.name),
    };
    if subject.is_known() {
        let own = detail(body, "AppId").and_then(|text| app_id(&text));
        let by_property = || {
            ["AppPrincipalId", "AppId", "ServicePrincipal.AppId", "Application.AppId"]
                .into_iter()
                .find_map(|name| properties.value(name).and_then(app_id))
        };
        subject.application = own.or_else(by_property).or_else(|| first_name(properties));
    }
    subject
}

/// A target whose type the record leaves open, but which has service principal names.
fn unnamed_principal<'t>(targets: &'t [Target], properties: &Properties) -> Option<(usize, &'t Target)> {
    let names = properties.find("TargetId.ServicePrincipalNames")?;
    targets.iter().enumerate().find(|(at, target)| *at == names.target && target.kind == TargetKind::Other)
}

/// The client id among a principal's names (`id;uri;…`).
fn first_name(properties: &Properties) -> Option<AppId> {
    let names = properties.value("TargetId.ServicePrincipalNames")?;
    names.split(';').find_map(app_id)
}

fn by_property(properties: &Properties) -> Subject {
    let application_object = properties.value("Application.ObjectID").and_then(ObjectId::parse);
    let application = properties.value("Application.AppId").and_then(app_id);
    if application_object.is_some() || application.is_some() {
        let name = named(properties, "Application.DisplayName");
        return Subject { principal: None, application_object, application, name };
    }
    principal_by_property(properties)
}

fn principal_by_property(properties: &Properties) -> Subject {
    let value = |name| properties.value(name);
    Subject {
        principal: value("ServicePrincipal.ObjectID").and_then(PrincipalId::parse),
        application_object: None,
        application: value("ServicePrincipal.AppId").or_else(|| value("ServicePrincipal.Name")).and_then(app_id),
        name: named(properties, "ServicePrincipal.DisplayName"),
    }
}

fn named(properties: &Properties, property: &str) -> Option<CompactString> {
    properties.value(property).map(|name| cut(name, MAX_NAME))
}

fn application(target: &Target) -> Subject {
    Subject { application_object: target.id.clone(), name: target.name.clone(), ..Subject::default() }
}

fn principal(target: &Target) -> Subject {
    let id = target.id.as_ref().map(|id| PrincipalId(id.0.clone()));
    // The second target of a grant carries the client id where its name should be.
    let application = target.name.as_deref().and_then(app_id);
    let name = if application.is_some() { None } else { target.name.clone() };
    Subject { principal: id, application_object: None, application, name }
}

/// A client id is always a GUID.
fn app_id(text: &str) -> Option<AppId> {
    Id::parse(text).filter(|id| matches!(id, Id::Guid(_)) && !id.is_nil()).map(AppId)
}

fn starts_with(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
