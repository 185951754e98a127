//! What ties a repository to an application: its name, or that the application trusts its workflows.

use super::{CodeFinding, CredentialKind, DirectoryChange, InventoryApplication, RepositoryAct};
use compact_str::{CompactString, format_compact};

/// Shorter names, such as `api`, are everybody's.
const SHORTEST_NAME: usize = 6;

impl InventoryApplication {
    /// The names that the application's own repositories go by.
    pub fn repository_names(&self) -> Vec<CompactString> {
        let trusted = self.credentials.iter().filter_map(|credential| trusted(credential.subject.as_deref()?));
        self.name.as_deref().and_then(bare).into_iter().chain(trusted.flat_map(and_owner)).collect()
    }
}

impl DirectoryChange {
    /// The names of the repositories that an application trusts from now on.
    pub fn repository_names(&self) -> impl Iterator<Item = CompactString> {
        let added = self.credentials.added.iter().filter(|one| one.kind == CredentialKind::Federated && self.succeeded);
        added.filter_map(|credential| trusted(credential.subject.as_deref()?)).flat_map(and_owner)
    }
}

impl RepositoryAct {
    /// The names that the repository goes by; of what is done to an organisation, the name of all that it holds.
    pub fn repository_names(&self) -> impl Iterator<Item = CompactString> {
        let name = self.repository.as_deref().and_then(|full| bare(full.rsplit('/').next().unwrap_or_default()));
        let full = self.repository.as_deref().map(|full| full.to_lowercase().into());
        let all = self.organization.as_deref().filter(|_| self.repository.is_none()).map(all_of);
        let any = self.repository.as_deref().and_then(|full| Some(any_of(full.split_once('/')?.0)));
        name.into_iter().chain(full).chain(any).chain(all)
    }
}

/// A repository's name, and that of all that its owner holds.
fn and_owner(full: CompactString) -> impl Iterator<Item = CompactString> {
    let all = full.split_once('/').map(|(owner, _)| all_of(owner));
    std::iter::once(full).chain(all)
}

/// The name of whichever repository of an owner.
fn any_of(owner: &str) -> CompactString {
    format_compact!("{}/**", owner.to_lowercase())
}

/// The name of all repositories of an owner.
fn all_of(owner: &str) -> CompactString {
    format_compact!("{}/*", owner.to_lowercase())
}

impl CodeFinding {
    /// The names that the repository goes by, where nothing else in the finding says which application it speaks of.
    pub fn repository_names(&self) -> impl Iterator<Item = CompactString> {
        let repository = self.repository.as_deref().filter(|_| self.apps.is_empty() && self.hint.is_some());
        let name = repository.and_then(|full| bare(full.rsplit('/').next().unwrap_or_default()));
        name.into_iter().chain(repository.map(|full| full.to_lowercase().into()))
    }
}

/// A name without separators, which are written in all kinds of ways.
fn bare(name: &str) -> Option<CompactString> {
    let bare: CompactString =
        name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    (bare.len() >= SHORTEST_NAME).then_some(bare)
}

/// The repository in the subject of a workflow's token, `repo:owner/name:ref:refs/heads/main`, or in the expression that
/// stands in its place, `claims['sub'] matches 'repo:owner/*'`: then it is any of the owner's.
fn trusted(subject: &str) -> Option<CompactString> {
    let (before, after) = subject.split_once("repo:")?;
    let repository = after.split([':', '\'', '"']).next()?;
    let (owner, name) = repository.split_once('/')?;
    let is_pattern = |text: &str| text.contains(['*', '?']);
    if !(before.is_empty() || before.starts_with("claims[")) || is_pattern(owner) {
        return None;
    }
    Some(if is_pattern(name) { any_of(owner) } else { repository.to_lowercase().into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bare_and_long_enough_to_tell() {
        for (name, expected) in [
            ("Nightly Export", Some("nightlyexport")),
            ("nightly_export", Some("nightlyexport")),
            ("API", None),
            ("my-api", None),
            ("", None),
        ] {
            assert_eq!(bare(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn a_trust_names_one_repository_or_none() {
        for (subject, expected) in [
            ("repo:Contoso/infra:ref:refs/heads/main", Some("contoso/infra")),
            ("repo:contoso/infra:environment:prod", Some("contoso/infra")),
            ("repo:Contoso/*:ref:refs/heads/main", Some("contoso/**")),
            ("claims['sub'] matches 'repo:contoso/*:ref:refs/heads/main'", Some("contoso/**")),
            ("claims['sub'] eq 'repo:contoso/infra:environment:prod'", Some("contoso/infra")),
            ("repo:*/infra:ref:refs/heads/main", None),
            ("our repo:contoso/infra", None),
            ("repo:contoso", None),
            ("project_path:contoso/infra:ref_type:branch", None),
        ] {
            assert_eq!(trusted(subject).as_deref(), expected, "{subject}");
        }
    }
}
