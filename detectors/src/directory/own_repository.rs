//! Which repositories are an application's own: those of its name, and those whose workflows it trusts.

use crate::event::InventoryApplication;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// What tells an application's own repositories.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct OwnRepository {
    /// The application's display name, letters and digits only.
    name: CompactString,
    /// `owner/name` of the repositories that its federated credentials trust.
    trusted: Vec<CompactString>,
}

impl OwnRepository {
    /// Shorter names, such as `api`, are everybody's.
    const SHORTEST_NAME: usize = 6;

    /// What the inventory says.
    pub(super) fn of(listed: &InventoryApplication) -> Self {
        let subjects = listed.credentials.iter().filter_map(|credential| credential.subject.as_deref());
        Self {
            name: listed.name.as_deref().map(letters).unwrap_or_default(),
            trusted: subjects.filter_map(trusted).collect(),
        }
    }

    /// Whether `owner/name` is one of them.
    pub(super) fn is(&self, repository: &str) -> bool {
        let name = letters(repository.rsplit('/').next().unwrap_or_default());
        (name.len() >= Self::SHORTEST_NAME && name == self.name)
            || self.trusted.iter().any(|trusted| trusted.eq_ignore_ascii_case(repository))
    }
}

/// The repository in the subject of a workflow's token: `repo:owner/name:ref:refs/heads/main`.
fn trusted(subject: &str) -> Option<CompactString> {
    let repository = subject.strip_prefix("repo:")?.split(':').next()?;
    (repository.contains('/') && !repository.contains('*')).then(|| repository.into())
}

/// Names are written with all kinds of separators.
fn letters(name: &str) -> CompactString {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_an_applications_own_by_name_or_by_trust() {
        let own = OwnRepository {
            name: letters("Nightly Export"),
            trusted: trusted("repo:Contoso/infra:ref:refs/heads/main").into_iter().collect(),
        };
        for (repository, expected) in [
            ("contoso/nightly-export", true),
            ("anybody/Nightly_Export", true),
            ("contoso/infra", true),
            ("contoso/nightly-export-docs", false),
            ("contoso/api", false),
            ("nightly", false),
            ("", false),
        ] {
            assert_eq!(own.is(repository), expected, "{repository}");
        }
        assert!(!OwnRepository { name: letters("API"), trusted: Vec::new() }.is("contoso/api"));
        assert_eq!(trusted("repo:contoso/*:ref:refs/heads/main"), None);
    }
}
