//! `KeyDescription`: which secrets and certificates stood before and after a change.
//!
//! The value is a JSON list of strings that are no JSON:
//! `[KeyIdentifier=…,KeyType=Password,KeyUsage=Verify,DisplayName=any text]`. They are compared by key id, never by
//! place, for the order changes between the two values. An unknown value (`null`) lets nothing be inferred.

use crate::decode::envelope::{MAX_NAME, cut};
use picket_detectors::event::{Credential, CredentialChange, CredentialKind, Id, KeyId};

/// The property's name.
pub(super) const PROPERTY: &str = "KeyDescription";

/// What came and what went.
pub(super) fn change(old: Option<&str>, new: Option<&str>) -> CredentialChange {
    difference(old.and_then(entries), new.and_then(entries))
}

/// What is in one list and not in the other, by key.
pub(super) fn difference(old: Option<Vec<Credential>>, new: Option<Vec<Credential>>) -> CredentialChange {
    let before = old.as_ref().map(|old| old.iter().filter(|credential| credential.verifies).count() as u32);
    let (Some(old), Some(new)) = (old, new) else {
        return CredentialChange { before, ..CredentialChange::default() };
    };
    let missing_from = |others: &[Credential], all: &[Credential]| -> Vec<Credential> {
        all.iter().filter(|one| !others.iter().any(|other| same(one, other))).cloned().collect()
    };
    CredentialChange { added: missing_from(&old, &new), removed: missing_from(&new, &old), before }
}

/// A federated credential whose issuer or subject has changed trusts somebody else: it is another one.
fn same(one: &Credential, other: &Credential) -> bool {
    one.key == other.key && one.issuer == other.issuer && one.subject == other.subject
}

fn entries(value: &str) -> Option<Vec<Credential>> {
    if let Ok(entries) = serde_json::from_str::<Vec<String>>(value) {
        return Some(entries.iter().filter_map(|entry| credential(entry)).collect());
    }
    // A single entry that lost its list.
    credential(value).map(|credential| vec![credential])
}

fn credential(entry: &str) -> Option<Credential> {
    let entry = entry.trim();
    let entry = entry.strip_prefix('[').unwrap_or(entry);
    let entry = entry.strip_suffix(']').unwrap_or(entry);
    let mut rest = entry.trim_start().strip_prefix("KeyIdentifier=")?;
    // The last part, the display name, may hold anything: so each mark is looked for once, from the left.
    let mut fields = ["", "", "", ""];
    let mut current = 0;
    for (at, mark) in [(1, ",KeyType="), (2, ",KeyUsage="), (3, ",DisplayName=")] {
        if let Some((before, after)) = rest.split_once(mark) {
            if let Some(field) = fields.get_mut(current) {
                *field = before;
            }
            (current, rest) = (at, after);
        }
    }
    if let Some(field) = fields.get_mut(current) {
        *field = rest;
    }
    let [key, kind, usage, name] = fields.map(str::trim);
    Some(Credential {
        key: KeyId(Id::parse(key).filter(|key| !key.is_nil())?),
        kind: kind_of(kind),
        verifies: usage.is_empty() || usage.eq_ignore_ascii_case("Verify"),
        name: (!name.is_empty()).then(|| cut(name, MAX_NAME)),
        hint: None,
        thumbprint: None,
        start: None,
        end: None,
        issuer: None,
        subject: None,
    })
}

fn kind_of(word: &str) -> CredentialKind {
    const KINDS: [(&str, CredentialKind); 3] = [
        ("Password", CredentialKind::Secret),
        ("AsymmetricX509Cert", CredentialKind::Certificate),
        ("X509CertAndPassword", CredentialKind::Certificate),
    ];
    KINDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map_or(CredentialKind::Other, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str =
        "[KeyIdentifier=e0000000-0000-4000-8000-000000000001,KeyType=Password,KeyUsage=Verify,DisplayName=ci]";
    const B: &str = "[KeyIdentifier=e0000000-0000-4000-8000-000000000002,KeyType=AsymmetricX509Cert,KeyUsage=Sign,DisplayName=CN=a,KeyType=b,O=[c]]";

    fn list(entries: &[&str]) -> String {
        serde_json::to_string(entries).expect("JSON")
    }

    fn names(change: &[Credential]) -> Vec<String> {
        change
            .iter()
            .map(|credential| {
                format!("{} {:?} {:?} {}", credential.key, credential.kind, credential.name, credential.verifies)
            })
            .collect()
    }

    #[test]
    fn a_display_name_may_hold_anything() {
        let change = change(Some("[]"), Some(&list(&[B])));
        assert_eq!(
            names(&change.added),
            [r#"e0000000-0000-4000-8000-000000000002 Certificate Some("CN=a,KeyType=b,O=[c]") false"#]
        );
    }

    #[test]
    fn order_does_not_matter_and_only_login_keys_count() {
        let both = change(Some(&list(&[A, B])), Some(&list(&[B, A])));
        assert!(both.is_empty());
        assert_eq!(both.before, Some(1));
        let removed = change(Some(&list(&[A, B])), Some(&list(&[B])));
        assert_eq!((removed.added.len(), names(&removed.removed).len()), (0, 1));
    }

    #[test]
    fn unknown_is_not_empty() {
        assert_eq!(change(None, Some(&list(&[A]))), CredentialChange::default());
        assert_eq!(change(Some("[]"), Some("[]")), CredentialChange { before: Some(0), ..CredentialChange::default() });
        let unreadable = change(Some(&list(&[A])), Some("nonsense"));
        assert_eq!((unreadable.is_empty(), unreadable.before), (true, Some(1)));
    }

    #[test]
    fn a_missing_or_empty_display_name_is_none() {
        for entry in [
            "[KeyIdentifier=e0000000-0000-4000-8000-000000000001,KeyType=Password,KeyUsage=Verify,DisplayName=]",
            "[KeyIdentifier=e0000000-0000-4000-8000-000000000001,KeyType=Password,KeyUsage=Verify]",
            "[KeyIdentifier=e0000000-0000-4000-8000-000000000001,KeyType=Password,KeyUsage=]",
        ] {
            let change = change(Some("[]"), Some(&list(&[entry])));
            assert_eq!(names(&change.added), ["e0000000-0000-4000-8000-000000000001 Secret None true"], "{entry}");
        }
        assert!(change(Some("[]"), Some(&list(&["[KeyIdentifier=,KeyType=Password]", "else"]))).is_empty());
    }
}
