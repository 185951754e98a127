//! Exchange's own settings for applications: what they may do there is given by commands, not by Entra.

use super::row::{Row, parameters};
use super::who::Who;
use super::{agent, app, succeeded};
use crate::decode::envelope::{address, name};
use crate::decode::leaf::Leaf;
use compact_str::CompactString;
use picket_detectors::event::{
    Actor, ActorKind, AppId, CredentialChange, DirectoryChange, Id, Operation, Place, PrincipalId, PropertyChange,
    Target, TargetKind,
};

/// The commands that are about an application, and what they amount to.
const COMMANDS: [(&str, Operation); 8] = [
    ("new-managementroleassignment", Operation::AppRoleGranted),
    ("new-serviceprincipal", Operation::Other),
    ("set-serviceprincipal", Operation::Other),
    ("remove-serviceprincipal", Operation::Other),
    ("new-applicationaccesspolicy", Operation::Other),
    ("set-applicationaccesspolicy", Operation::Other),
    ("remove-applicationaccesspolicy", Operation::Other),
    ("add-mailboxpermission", Operation::AppRoleGranted),
];
/// What the roles that let an application into all mailboxes are worth in Entra's words.
const WORTH: [(&str, &str); 3] = [
    ("ApplicationImpersonation", "full_access_as_app"),
    ("Application EWS.AccessAsApp", "full_access_as_app"),
    ("Application Exchange Full Access", "Mail.ReadWrite"),
];

/// The change of an application's settings that a command makes, if it makes one.
pub(super) fn change(row: &Row<'_>, command: &str, who: &Who) -> Option<DirectoryChange> {
    let (_, operation) = COMMANDS.iter().find(|(known, _)| *known == command)?;
    let parameters = parameters(row);
    let value = |wanted: &str| {
        let found = parameters.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| Leaf::Text(value.as_str().into()))
    };
    let guid = |wanted: &str| value(wanted).as_ref().and_then(app).map(|AppId(id)| id);
    let application = guid("appid").map(AppId);
    // Exchange knows a service principal by its object id in Entra.
    let named = ["app", "objectid", "serviceid"].into_iter();
    let mut of_a_principal = named.chain((command == "add-mailboxpermission").then_some("user"));
    let principal = of_a_principal.find_map(guid).map(PrincipalId);
    if application.is_none() && principal.is_none() {
        return None;
    }
    let shown = ["displayname", "app"].into_iter().filter_map(value).find(|leaf| app(leaf).is_none());
    Some(DirectoryChange {
        operation: *operation,
        activity: command.into(),
        correlation: None,
        succeeded: succeeded(row),
        actor: actor(row, who),
        targets: targets(principal.as_ref()),
        principal,
        application_object: None,
        application,
        name: shown.as_ref().and_then(name),
        credentials: CredentialChange::default(),
        grants: grants(value("role").or_else(|| value("accessrights")).as_ref()),
        enabled: None,
        properties: properties(&parameters),
    })
}

fn actor(row: &Row<'_>, who: &Who) -> Actor {
    let place = Place { address: row.addresses().find_map(address), ..Place::default() };
    let base = Actor { place, agent: agent(row), ..Actor::default() };
    match who {
        Who::Application(app, principal) => Actor {
            kind: ActorKind::Application,
            id: principal.as_ref().map(|principal| principal.0.clone()),
            app: Some(app.clone()),
            ..base
        },
        Who::Person => Actor {
            kind: ActorKind::User,
            id: row.user.text().and_then(|user| Id::parse(&user)),
            name: name(&row.user),
            ..base
        },
        Who::Nobody => base,
    }
}

fn targets(principal: Option<&PrincipalId>) -> Vec<Target> {
    let target = |principal: &PrincipalId| Target {
        kind: TargetKind::ServicePrincipal,
        id: Some(picket_detectors::event::ObjectId(principal.0.clone())),
        name: None,
    };
    principal.map(target).into_iter().collect()
}

/// The role, and what it is called in Entra.
fn grants(role: Option<&Leaf<'_>>) -> Vec<CompactString> {
    let Some(role) = role.and_then(name) else { return Vec::new() };
    let known = WORTH.iter().find(|(known, _)| known.eq_ignore_ascii_case(&role)).map(|(_, worth)| *worth);
    let worth = known.or_else(|| role.strip_prefix("Application ")).map(CompactString::from);
    [Some(role.clone()), worth].into_iter().flatten().collect()
}

/// What else was said, for rules to read.
fn properties(parameters: &[(String, String)]) -> Vec<PropertyChange> {
    const MOST: usize = 16;
    let property = |(name, value): &(String, String)| PropertyChange {
        name: name.chars().take(64).collect(),
        old: None,
        new: Some(value.chars().take(PropertyChange::MAX).collect()),
    };
    parameters.iter().take(MOST).map(property).collect()
}
