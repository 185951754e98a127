//! Reference lists: privileges, networks for rent, names that are the same in every tenant. Data in `rules/`.

use crate::event::{CredentialKind, Networks, is_public};
use crate::risk::Impact;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use uuid::Uuid;

/// Why reference lists can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("reference list {list} can't be read: {reason}")]
pub struct ReferenceError {
    /// Which list.
    pub list: &'static str,
    /// Why, with the line.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Privilege {
    name: String,
    id: Uuid,
    impact: Impact,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RentedNetwork {
    asn: u32,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedApp {
    app: Uuid,
    name: String,
}

/// What kind of program a user agent names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ToolKind {
    /// A tool for attacks.
    Attack,
    /// A program that tries secrets it has found.
    Scanner,
    /// A bare HTTP client.
    Script,
}

/// A program known by its user agent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// What its user agent contains, in small letters.
    pub contains: String,
    /// Its name.
    pub name: String,
    /// What kind of program it is.
    pub kind: ToolKind,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WellKnown {
    sought_resources: Vec<NamedApp>,
    sought_endpoints: Vec<String>,
    grave_calls: Vec<String>,
    token_exchange: Uuid,
    sought_activities: Vec<String>,
    borrowed_names: Vec<String>,
    platform_administrators: Vec<String>,
    usual_issuers: Vec<String>,
}

/// All reference lists, indexed for look-up.
#[derive(Debug, Clone)]
pub struct Reference {
    privileges: BTreeMap<String, Impact>,
    rented: BTreeMap<u32, String>,
    azure: Networks,
    sought: BTreeMap<Uuid, String>,
    sought_endpoints: Vec<String>,
    grave_calls: Vec<String>,
    sought_activities: Vec<String>,
    borrowed_names: Vec<String>,
    token_exchange: Uuid,
    platform_administrators: BTreeSet<String>,
    usual_issuers: Vec<String>,
    first_party: BTreeSet<Uuid>,
    tools: Vec<Tool>,
}

fn read<T: for<'de> Deserialize<'de>>(list: &'static str, yaml: &str) -> Result<T, ReferenceError> {
    serde_saphyr::from_str(yaml).map_err(|error| ReferenceError { list, reason: error.to_string() })
}

/// Ids, one a line; `#` begins a comment.
fn first_party(text: &str) -> Result<BTreeSet<Uuid>, ReferenceError> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let bad = |line: &str| ReferenceError { list: "apps/first-party", reason: format!("{line:?} is no id") };
    lines.map(|line| Uuid::try_parse(line).map_err(|_| bad(line))).collect()
}

impl Reference {
    /// The lists that Picket ships.
    ///
    /// # Panics
    /// Never: the files are part of the program and a test reads them.
    #[expect(clippy::expect_used, reason = "the files are compiled in and read by a test")]
    pub fn builtin() -> Self {
        Self::parse().expect("the shipped reference lists are valid")
    }

    fn parse() -> Result<Self, ReferenceError> {
        let permissions: Vec<Privilege> =
            read("privileges/graph-permissions", include_str!("../../rules/privileges/graph-permissions.yaml"))?;
        let roles: Vec<Privilege> =
            read("privileges/directory-roles", include_str!("../../rules/privileges/directory-roles.yaml"))?;
        let azure_roles: Vec<Privilege> =
            read("privileges/azure-roles", include_str!("../../rules/privileges/azure-roles.yaml"))?;
        let rented: Vec<RentedNetwork> = read("networks/rented", include_str!("../../rules/networks/rented.yaml"))?;
        let azure = Networks::parse(include_str!("../../rules/networks/azure.txt"))
            .map_err(|line| ReferenceError { list: "networks/azure", reason: format!("{line:?} is no network") })?;
        let well_known: WellKnown = read("well-known", include_str!("../../rules/well-known.yaml"))?;
        let tools: Vec<Tool> = read("agents", include_str!("../../rules/agents.yaml"))?;
        let lower = |names: Vec<String>| names.into_iter().map(|name| name.to_ascii_lowercase());
        Ok(Self {
            privileges: permissions
                .into_iter()
                .chain(roles)
                .chain(azure_roles)
                .flat_map(|one| [(one.name.to_ascii_lowercase(), one.impact), (one.id.to_string(), one.impact)])
                .collect(),
            rented: rented.into_iter().map(|one| (one.asn, one.name)).collect(),
            azure,
            sought: well_known.sought_resources.into_iter().map(|one| (one.app, one.name)).collect(),
            sought_endpoints: lower(well_known.sought_endpoints).collect(),
            grave_calls: lower(well_known.grave_calls).collect(),
            sought_activities: lower(well_known.sought_activities).collect(),
            borrowed_names: lower(well_known.borrowed_names).collect(),
            token_exchange: well_known.token_exchange,
            platform_administrators: lower(well_known.platform_administrators).collect(),
            usual_issuers: lower(well_known.usual_issuers).collect(),
            first_party: first_party(include_str!("../../rules/apps/first-party.txt"))?,
            tools,
        })
    }

    /// What holding a permission or role (by name or id) is worth.
    pub fn impact(&self, grant: &str) -> Impact {
        self.privileges.get(&grant.to_ascii_lowercase()).copied().unwrap_or(Impact::Limited)
    }

    /// Whether an address is one of Azure's, by the networks that Microsoft announces; `None` if it is nobody's in public.
    pub fn is_azure(&self, address: IpAddr) -> Option<bool> {
        is_public(address).then(|| self.azure.contain(address))
    }

    /// The provider, if anybody can rent an address in this network.
    pub fn rented(&self, asn: u32) -> Option<&str> {
        self.rented.get(&asn).map(String::as_str)
    }

    /// The name of an API that thieves go for.
    pub fn sought_resource(&self, app: Uuid) -> Option<&str> {
        self.sought.get(&app).map(String::as_str)
    }

    /// Whether an application belongs to Microsoft.
    pub fn is_first_party(&self, app: Uuid) -> bool {
        self.first_party.contains(&app)
    }

    /// The program that a user agent names, the most telling kind first.
    pub fn tool(&self, agent: &str) -> Option<&Tool> {
        let agent = agent.to_ascii_lowercase();
        self.tools.iter().find(|tool| agent.contains(&tool.contains))
    }

    /// Whether thieves go for an endpoint (in lower case, ids taken out).
    pub fn is_sought_call(&self, method: &str, endpoint: &str) -> bool {
        let is_named = self.sought_endpoints.iter().any(|sought| match sought.strip_suffix('$') {
            Some(end) => endpoint.ends_with(end),
            None => endpoint.contains(sought.as_str()),
        });
        is_named || self.is_grave_call(method, endpoint)
    }

    /// Whether, of those, honest workloads hardly ever begin to make it.
    pub fn is_grave_call(&self, method: &str, endpoint: &str) -> bool {
        self.grave_calls.iter().any(|grave| match grave.split_once(' ') {
            Some((by, part)) => method.eq_ignore_ascii_case(by) && endpoint.contains(part),
            None => endpoint.contains(grave.as_str()),
        })
    }

    /// Whether intruders need a directory activity (by its normalised name).
    pub fn is_sought_activity(&self, activity: &str) -> bool {
        self.sought_activities.iter().any(|sought| activity.contains(sought.as_str()))
    }

    /// Whether a name borrows a product's.
    pub fn borrows_a_name(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.borrowed_names.iter().any(|product| name.contains(product.as_str()))
    }

    /// Whether a name is a platform service's.
    pub fn is_platform(&self, name: &str) -> bool {
        self.platform_administrators.contains(&name.trim().to_ascii_lowercase())
    }

    /// Whether a resource is only a hop on the way to a token.
    pub fn is_token_exchange(&self, app: Uuid) -> bool {
        app == self.token_exchange
    }

    /// Whether a platform service of this name may rotate this kind of credential by itself.
    pub fn is_platform_rotation(&self, actor_name: &str, kind: CredentialKind) -> bool {
        kind == CredentialKind::Certificate && self.is_platform(actor_name)
    }

    /// Whether workloads usually federate with this issuer.
    pub fn is_usual_issuer(&self, issuer: &str) -> bool {
        let issuer = issuer.trim().to_ascii_lowercase();
        self.usual_issuers.iter().any(|usual| {
            issuer
                .strip_prefix(usual.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_lists_are_valid() {
        let reference = Reference::builtin();
        assert_eq!(reference.impact("Application.ReadWrite.All"), Impact::TenantTakeover);
        assert_eq!(reference.impact("810c84a8-4a9e-49e6-bf7d-12d183f40d01"), Impact::Sensitive);
        assert_eq!(reference.impact("User.Read"), Impact::Limited);
        assert!(reference.is_first_party(Uuid::from_u128(0x0000_0003_0000_0000_c000_0000_0000_0000)));
        assert!(!reference.is_first_party(Uuid::from_u128(7)));
    }

    #[test]
    fn addresses_of_azure_are_known() {
        let reference = Reference::builtin();
        let is_azure = |address: &str| reference.is_azure(address.parse().unwrap());
        assert_eq!(is_azure("20.50.1.2"), Some(true));
        assert_eq!(is_azure("2603:1020:206::1"), Some(true));
        assert_eq!(is_azure("203.0.113.9"), Some(false));
        assert_eq!(is_azure("10.0.0.4"), None, "a private endpoint");
    }

    #[test]
    fn programs_are_known_by_their_agents() {
        let reference = Reference::builtin();
        let kind = |agent| reference.tool(agent).map(|tool| tool.kind);
        assert_eq!(kind("AzureHound/v2"), Some(ToolKind::Attack));
        assert_eq!(kind("python-requests/2.31.0"), Some(ToolKind::Script));
        assert_eq!(kind("azsdk-net-Identity/1.10"), None);
    }

    #[test]
    fn a_look_alike_issuer_is_not_usual() {
        let reference = Reference::builtin();
        assert!(reference.is_usual_issuer("https://token.actions.githubusercontent.com"));
        assert!(reference.is_usual_issuer("https://login.microsoftonline.com/tenant/v2.0"));
        assert!(!reference.is_usual_issuer("https://token.actions.githubusercontent.com.evil.example"));
    }

    #[test]
    fn a_borrowed_name_does_not_excuse_a_secret() {
        let reference = Reference::builtin();
        assert!(reference.is_platform_rotation("Managed Service Identity", CredentialKind::Certificate));
        assert!(!reference.is_platform_rotation("Managed Service Identity", CredentialKind::Secret));
    }
}
