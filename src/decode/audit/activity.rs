//! Activity names, and what they amount to.

use super::property::Properties;
use super::{federated, key_description};
use crate::decode::envelope::cut;
use compact_str::CompactString;
use picket_detectors::event::{Operation, Target, TargetKind};

/// The longest name kept.
const MAX: usize = 128;

/// The property that says whether a principal may sign in.
const ACCOUNT_ENABLED: &str = "AccountEnabled";

/// Names that mean one thing whatever else a record says.
const NAMES: &[(&str, Operation)] = &[
    ("add service principal credentials", Operation::Credentials),
    ("remove service principal credentials", Operation::Credentials),
    ("update application - certificates and secrets management", Operation::Credentials),
    ("create application - certificates and secrets management", Operation::Credentials),
    ("add app role assignment to service principal", Operation::AppRoleGranted),
    ("remove app role assignment from service principal", Operation::AppRoleRevoked),
    ("add delegated permission grant", Operation::Consent),
    ("consent to application", Operation::Consent),
    ("add owner to application", Operation::OwnerAdded),
    ("add owner to service principal", Operation::OwnerAdded),
    ("remove owner from application", Operation::OwnerRemoved),
    ("remove owner from service principal", Operation::OwnerRemoved),
    ("add role assignment to role definition", Operation::RoleGranted),
    ("remove role assignment from role definition", Operation::RoleRevoked),
    ("add application", Operation::Created),
    ("add service principal", Operation::Created),
    ("restore application", Operation::Created),
    ("restore service principal", Operation::Created),
    ("delete application", Operation::Deleted),
    ("hard delete application", Operation::Deleted),
    ("remove service principal", Operation::Deleted),
    ("hard delete service principal", Operation::Deleted),
];

/// Folds dashes, case, spaces and the full stop, in which exports differ.
pub(super) fn normalise(name: &str) -> CompactString {
    let folded: String = name.chars().flat_map(fold).collect();
    let mut normal = CompactString::default();
    for word in folded.trim().trim_end_matches('.').split_whitespace() {
        if !normal.is_empty() {
            normal.push(' ');
        }
        normal.push_str(word);
    }
    cut(&normal, MAX)
}

/// Any Unicode dash is a hyphen (general category Pd, and the minus sign).
fn fold(c: char) -> impl Iterator<Item = char> {
    let c = match c {
        '\u{58a}'
        | '\u{5be}'
        | '\u{1400}'
        | '\u{1806}'
        | '\u{2010}'..='\u{2015}'
        | '\u{2212}'
        | '\u{2e17}'
        | '\u{2e1a}'
        | '\u{2e3a}'
        | '\u{2e3b}'
        | '\u{2e40}'
        | '\u{301c}'
        | '\u{3030}'
        | '\u{30a0}'
        | '\u{fe31}'
        | '\u{fe32}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{ff0d}' => '-',
        c => c,
    };
    c.to_lowercase()
}

/// What a change amounts to. `Update application` and its like say it only in their modified properties.
pub(super) fn operation(activity: &str, properties: &Properties, targets: &[Target]) -> Operation {
    if let Some((_, operation)) = NAMES.iter().find(|(name, _)| *name == activity) {
        return *operation;
    }
    if let Some(operation) = role(activity) {
        return operation;
    }
    if properties.find(key_description::PROPERTY).is_some() {
        return Operation::Credentials;
    }
    if properties.find(federated::PROPERTY).is_some() {
        return Operation::FederatedCredentials;
    }
    let of_a_principal = targets.iter().any(|target| target.kind == TargetKind::ServicePrincipal);
    if of_a_principal && enabled(properties).is_some() { Operation::AccountEnabled } else { Operation::Other }
}

/// Directory roles have a dozen names: eligible, scoped, by PIM, permanent or timed. A request is no grant yet.
fn role(activity: &str) -> Option<Operation> {
    if activity.contains("requested") || activity.contains("approval") || activity.contains("denied") {
        return None;
    }
    if activity.starts_with("add ") && activity.contains("member to role") {
        return Some(Operation::RoleGranted);
    }
    (activity.starts_with("remove ") && activity.contains("member from role")).then_some(Operation::RoleRevoked)
}

/// The new state of a principal that was switched on or off.
pub(super) fn enabled(properties: &Properties) -> Option<bool> {
    let property = properties.find(ACCOUNT_ENABLED)?;
    let truth = |value: Option<&str>| match value?.trim_matches(['[', ']', '"', ' ']) {
        "true" | "True" => Some(true),
        "false" | "False" => Some(false),
        _ => None,
    };
    let new = truth(property.new.as_deref())?;
    (truth(property.old.as_deref()) != Some(new)).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_dashes_case_spaces_and_full_stop_are_one() {
        let expected = "update application - certificates and secrets management";
        for name in [
            "Update application – Certificates and secrets management ",
            "Update application - Certificates and secrets management",
            "update  application — certificates and secrets\u{a0}management.",
            " Update Application ‑ Certificates And Secrets Management. ",
        ] {
            assert_eq!(normalise(name), expected, "{name}");
        }
    }

    #[test]
    fn roles_are_known_by_all_their_names() {
        for (name, expected) in [
            ("Add member to role", Some(Operation::RoleGranted)),
            ("Add eligible member to role", Some(Operation::RoleGranted)),
            ("Add scoped member to role.", Some(Operation::RoleGranted)),
            ("Add member to role in PIM completed (permanent)", Some(Operation::RoleGranted)),
            ("Add member to role completed (PIM activation)", Some(Operation::RoleGranted)),
            ("Add member to role in PIM requested (permanent)", None),
            ("Remove member from role", Some(Operation::RoleRevoked)),
            ("Add member to group", None),
        ] {
            assert_eq!(role(&normalise(name)), expected, "{name}");
        }
    }
}
