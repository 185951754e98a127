//! `FederatedIdentityCredentials`: which outside issuers an application trusted before and after a change.
//!
//! A list of objects, or of objects written as text. Credentials are compared by id (else by name); one whose issuer
//! or subject has changed counts as removed and added under the same key, for it now trusts somebody else.

use super::key_description::difference;
use crate::decode::envelope::{cut, id, name};
use crate::decode::inventory::federated_key;
use crate::decode::json;
use crate::decode::leaf::{Leaf, List, Part, object};
use picket_detectors::event::{Credential, CredentialChange, CredentialKind, KeyId};

/// The property's name.
pub(super) const PROPERTY: &str = "FederatedIdentityCredentials";

object! {
    /// One federated credential.
    Trust<'a> {
        id: Leaf<'a> = "Id",
        name: Leaf<'a> = "Name",
        issuer: Leaf<'a> = "Issuer",
        subject: Leaf<'a> = "Subject",
        expression: Leaf<'a> = "ClaimsMatchingExpressionValue",
    }
}

/// What came and what went.
pub(super) fn change(old: Option<&str>, new: Option<&str>) -> CredentialChange {
    difference(old.and_then(entries), new.and_then(entries))
}

fn entries(value: &str) -> Option<Vec<Credential>> {
    let list: List<'_, Part<'_, Trust<'_>>> = json::parse(value).ok()?;
    if !list.is_given() {
        return None;
    }
    let read = |entry: &Part<'_, Trust<'_>>| match entry {
        Part::Is(trust) => credential(trust),
        Part::Text(text) => json::parse::<Part<'_, Trust<'_>>>(text).ok()?.get().and_then(credential),
        Part::Absent => None,
    };
    Some(list.items().iter().filter_map(read).collect())
}

fn credential(trust: &Trust<'_>) -> Option<Credential> {
    let key = id(&trust.id).or_else(|| trust.name.text().map(|name| federated_key(&name)))?;
    let text = |leaf: &Leaf<'_>, most| leaf.text().map(|text| cut(&text, most));
    Some(Credential {
        key: KeyId(key),
        kind: CredentialKind::Federated,
        verifies: true,
        name: name(&trust.name),
        hint: None,
        thumbprint: None,
        start: None,
        end: None,
        issuer: text(&trust.issuer, 512),
        // A flexible credential has an expression in place of a subject.
        subject: text(&trust.subject, 640).or_else(|| text(&trust.expression, 640)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trust(subject: &str) -> String {
        format!(
            r#"{{"Name":"ci","Issuer":"https://issuer.example","Subject":"{subject}","Id":"f1000000-0000-4000-8000-000000000001"}}"#
        )
    }

    #[test]
    fn an_added_trust_is_found_whether_object_or_text() {
        let text = serde_json::to_string(&[trust("repo:a/b:ref:refs/heads/main")]).expect("JSON");
        for new in [format!("[{}]", trust("repo:a/b:ref:refs/heads/main")), text] {
            let change = change(Some("[]"), Some(&new));
            let [added] = change.added.as_slice() else { panic!("one is added by {new}") };
            assert_eq!(added.key.to_string(), "f1000000-0000-4000-8000-000000000001");
            assert_eq!(added.subject.as_deref(), Some("repo:a/b:ref:refs/heads/main"));
            assert_eq!(change.before, Some(0));
        }
    }

    #[test]
    fn a_changed_subject_is_another_trust_under_the_same_key() {
        let change = change(Some(&format!("[{}]", trust("a"))), Some(&format!("[{}]", trust("b"))));
        assert_eq!((change.added.len(), change.removed.len()), (1, 1));
        assert_eq!(change.added[0].key, change.removed[0].key);
    }

    #[test]
    fn unknown_is_not_empty() {
        assert!(change(None, Some(&format!("[{}]", trust("a")))).is_empty());
        assert!(change(Some("[]"), Some("nonsense")).is_empty());
    }
}
