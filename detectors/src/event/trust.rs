//! Whom a federated credential trusts: an issuer, and who owns what the subject names there.

use super::{Credential, CredentialKind, hash};
use compact_str::{CompactString, format_compact};

impl Credential {
    /// The issuer, and the organisation among those that it serves; `None` of what is no federated credential.
    pub fn trusted(&self) -> Option<CompactString> {
        let issuer = self.issuer.as_deref().filter(|_| self.kind == CredentialKind::Federated)?;
        let issuer = issuer.trim().to_lowercase();
        let issuer = issuer.split_once("://").map_or(&*issuer, |(_, rest)| rest).trim_end_matches('/');
        let issuer = cluster_owner(issuer).unwrap_or_else(|| issuer.into());
        Some(match self.subject.as_deref().and_then(organisation) {
            Some(organisation) => format_compact!("{issuer} {}", organisation.to_lowercase()),
            None => issuer,
        })
    }

    /// The same as a value of habits.
    pub fn trust_value(&self) -> Option<u32> {
        self.trusted().map(|trusted| hash(&trusted))
    }

    /// The system that issues what is trusted, whoever it serves there, as a value of habits.
    pub fn trusted_system(&self) -> Option<u32> {
        let trusted = self.trusted()?;
        trusted.split(['/', ' ']).next().map(hash)
    }
}

/// Azure's Kubernetes clusters have an issuer each, by region, tenant and cluster: whose it is, is the tenant.
fn cluster_owner(issuer: &str) -> Option<CompactString> {
    let (host, path) = issuer.split_once('/')?;
    let (_, service) = host.split_once('.')?;
    let tenant = path.split('/').next()?;
    (service == "oic.prod-aks.azure.com").then(|| format_compact!("{service}/{tenant}"))
}

/// What comes before the organisation in a subject, or in an expression over subjects, and what ends it: GitHub, GitLab,
/// Terraform Cloud, and Azure DevOps by its newer issuer. A wildcard ends no name: `example*` is whoever begins like that.
const MARKS: [(&str, &[char]); 5] = [
    ("repo:", &['/', '@', ':', '\'', '"']),
    ("repository_owner:", &['/', '@', ':', '\'', '"']),
    ("project_path:", &['/', ':', '\'', '"']),
    ("organization:", &[':', '\'', '"']),
    ("/sc/", &['/', '\'', '"']),
];

fn organisation(subject: &str) -> Option<&str> {
    let (mark, ends) = MARKS.iter().find(|(mark, _)| subject.contains(mark))?;
    let (_, rest) = subject.split_once(mark)?;
    rest.split(*ends).next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::KeyId;

    fn trusted(issuer: &str, subject: &str) -> Option<CompactString> {
        let credential = Credential {
            key: KeyId::parse("e0000000-0000-4000-8000-000000000001").expect("an id"),
            kind: CredentialKind::Federated,
            verifies: true,
            name: None,
            hint: None,
            thumbprint: None,
            start: None,
            end: None,
            issuer: Some(issuer.into()),
            subject: Some(subject.into()),
        };
        credential.trusted()
    }

    #[test]
    fn an_organisation_is_told_from_its_neighbours() {
        let github = "https://token.actions.githubusercontent.com";
        for (issuer, subject, expected) in [
            (github, "repo:Example/app:ref:refs/heads/main", "token.actions.githubusercontent.com example"),
            (github, "repo:example@17/app@23:environment:prod", "token.actions.githubusercontent.com example"),
            (github, "claims['sub'] matches 'repo:example-eu/*'", "token.actions.githubusercontent.com example-eu"),
            (github, "claims['sub'] matches 'repo:example*'", "token.actions.githubusercontent.com example*"),
            (github, "claims['sub'] matches 'repo:*'", "token.actions.githubusercontent.com *"),
            (github, "claims['sub'] matches 'repo:exampl?/app:*'", "token.actions.githubusercontent.com exampl?"),
            ("https://gitlab.com/", "project_path:example/app:ref_type:branch:ref:main", "gitlab.com example"),
            ("https://app.terraform.io", "organization:example:project:p:workspace:w", "app.terraform.io example"),
            ("https://idp.example.org/realm", "system:serviceaccount:shop:cart", "idp.example.org/realm"),
            ("https://vstoken.dev.azure.com/0a1b", "sc://example/shop/deploy", "vstoken.dev.azure.com/0a1b"),
        ] {
            assert_eq!(trusted(issuer, subject).as_deref(), Some(expected), "{issuer} {subject}");
        }
    }

    #[test]
    fn a_tenants_clusters_are_one_owners_wherever_they_are() {
        let of = |region: &str, cluster: &str| {
            trusted(&format!("https://{region}.oic.prod-aks.azure.com/72f9/{cluster}/"), "system:serviceaccount:a:b")
        };
        assert_eq!(of("westeurope", "1"), of("northeurope", "2"));
        assert_ne!(of("westeurope", "1"), trusted("https://westeurope.oic.prod-aks.azure.com/abcd/1/", "x"));
    }
}
