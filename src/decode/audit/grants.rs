//! Permissions and roles that a change gave or took.

use super::property::{Properties, Property};
use crate::decode::envelope::{MAX_NAME, cut};
use compact_str::CompactString;
use picket_detectors::event::{Operation, Target, TargetKind};

/// The property with the permissions of a consent: free text, `[…] => [[Id: …, Scope: a b, …], …]`.
pub(super) const CONSENT: &str = "ConsentAction.Permissions";
const SCOPE: &str = "DelegatedPermissionGrant.Scope";
const APP_ROLE: [&str; 2] = ["AppRole.Value", "AppRole.Id"];
const ROLE: [&str; 2] = ["Role.DisplayName", "Role.TemplateId"];

/// Properties read here.
pub(super) const READ: [&str; 5] = [SCOPE, APP_ROLE[0], APP_ROLE[1], ROLE[0], ROLE[1]];

/// What was granted or revoked, by name and by template id.
pub(super) fn grants(operation: Operation, properties: &Properties, targets: &[Target]) -> Vec<CompactString> {
    match operation {
        Operation::AppRoleGranted | Operation::AppRoleRevoked => values(&APP_ROLE, properties),
        Operation::RoleGranted | Operation::RoleRevoked => roles(properties, targets),
        Operation::Consent => scopes(properties),
        Operation::Credentials
        | Operation::FederatedCredentials
        | Operation::OwnerAdded
        | Operation::OwnerRemoved
        | Operation::AccountEnabled
        | Operation::Created
        | Operation::Deleted
        | Operation::Other => Vec::new(),
    }
}

fn values(names: &[&str], properties: &Properties) -> Vec<CompactString> {
    names.iter().filter_map(|name| properties.value(name)).map(|value| cut(value, MAX_NAME)).collect()
}

/// PIM names the role only in its target, and the template in `TemplateId`.
fn roles(properties: &Properties, targets: &[Target]) -> Vec<CompactString> {
    let mut roles = values(&ROLE, properties);
    if roles.is_empty() {
        let role = targets.iter().find(|target| target.kind == TargetKind::Role);
        roles.extend(role.and_then(|role| role.name.clone()));
        roles.extend(values(&["TemplateId"], properties));
    }
    roles
}

/// Scopes after that were not there before.
fn scopes(properties: &Properties) -> Vec<CompactString> {
    if let Some(Property { old, new, .. }) = properties.find(SCOPE) {
        return added(old.as_deref().unwrap_or_default(), new.as_deref().unwrap_or_default());
    }
    let Some(change) = properties.value(CONSENT) else { return Vec::new() };
    let (old, new) = change.split_once("=>").unwrap_or(("", change));
    added(&consented(old), &consented(new))
}

fn added(old: &str, new: &str) -> Vec<CompactString> {
    let mut scopes: Vec<CompactString> = Vec::new();
    for scope in new.split_whitespace() {
        if !old.split_whitespace().any(|known| known == scope) && !scopes.iter().any(|known| known == scope) {
            scopes.push(cut(scope, MAX_NAME));
        }
    }
    scopes
}

/// All scopes of one side, separated by spaces. The fields around them have changed over time; this one has not.
fn consented(side: &str) -> String {
    let scopes = side.split("Scope:").skip(1).map(|rest| rest.split([',', ']']).next().unwrap_or_default());
    scopes.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{added, consented};

    #[test]
    fn scopes_are_read_from_free_text() {
        let side = " [[Id: x, ClientId: y, PrincipalId: , ResourceId: z, ConsentType: AllPrincipals, Scope:  User.Read Mail.Send, CreatedDateTime: , LastModifiedDateTime ], [Id: w, Scope: offline_access]]; ";
        assert_eq!(added("User.Read", &consented(side)), ["Mail.Send", "offline_access"]);
        assert_eq!(consented("[]"), "");
    }
}
