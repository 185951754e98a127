//! Client software: user agents and SDK names, as sign-ins write them.

use super::random::Random;

/// Software that asks for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Client {
    family: &'static Family,
    major: u16,
    minor: u16,
    patch: u16,
}

#[derive(Debug, PartialEq, Eq)]
struct Family {
    /// The user agent, with `%` for the version; empty where the client sends none.
    agent: &'static str,
    /// The SDK, with `%` for the version; empty where it names none.
    library: &'static str,
    newest: (u16, u16),
}

const fn family(agent: &'static str, library: &'static str, newest: (u16, u16)) -> Family {
    Family { agent, library, newest }
}

const NET: Family =
    family("azsdk-net-Identity/% (.NET 8.0.11; Linux)", "Family: MSAL Library: MSAL.NET % Platform: .NET", (1, 13));
const SILENT_NET: Family = family("", "Family: MSAL Library: MSAL.NET % Platform: .NET", (4, 66));
const PYTHON: Family = family(
    "azsdk-python-identity/% Python/3.11.9 (Linux-5.15.0-x86_64-with-glibc2.31)",
    "Family: MSAL Library: MSAL.Python % Platform: Linux",
    (1, 19),
);
const JAVA: Family = family("", "Family: MSAL Library: MSAL.Java % Platform: Linux", (1, 17));
const NODE: Family = family("", "Family: MSAL Library: MSAL.Node % Platform: Linux", (2, 16));
const TERRAFORM: Family =
    family("HashiCorp Terraform/% (+https://www.terraform.io) Terraform Plugin SDK/2.10.1", "", (1, 9));
const CLI: Family = family(
    "python/3.11.8 (Linux-6.5.0-1021-azure-x86_64-with-glibc2.31) AZURECLI/% (DEB)",
    "Family: MSAL Library: MSAL.Python % Platform: Linux",
    (2, 65),
);
const POWERSHELL: Family = family(
    "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.%",
    "Family: MSAL Library: MSAL.NET % Platform: .NET FW",
    (20_348, 2_400),
);
const REQUESTS: Family = family("python-requests/%", "", (2, 32));
const CURL: Family = family("curl/%", "", (8, 9));
const POSTMAN: Family = family("PostmanRuntime/%", "", (7, 42));
const GO: Family = family("Go-http-client/1.1", "", (1, 22));
const AXIOS: Family = family("axios/%", "", (1, 7));
const BARE: Family = family("", "", (1, 0));

/// What services run.
static SERVICES: [&Family; 9] = [&NET, &SILENT_NET, &PYTHON, &JAVA, &NODE, &GO, &AXIOS, &BARE, &REQUESTS];
/// What pipelines run.
static PIPELINES: [&Family; 4] = [&CLI, &TERRAFORM, &NET, &POWERSHELL];
/// What people at a keyboard run, honest or not.
static TOOLS: [&Family; 6] = [&CURL, &POSTMAN, &REQUESTS, &CLI, &POWERSHELL, &PYTHON];

impl Client {
    fn of(family: &'static Family, random: &mut Random) -> Self {
        let (major, newest) = family.newest;
        let minor = newest.saturating_sub(random.below(6) as u16);
        Self { family, major, minor, patch: random.below(4) as u16 }
    }

    /// A service's client.
    pub(super) fn service(random: &mut Random) -> Self {
        let family = random.pick(&SERVICES);
        Self::of(family, random)
    }

    /// A pipeline's client.
    pub(super) fn pipeline(random: &mut Random) -> Self {
        let family = random.pick(&PIPELINES);
        Self::of(family, random)
    }

    /// A person's client.
    pub(super) fn tool(random: &mut Random) -> Self {
        let family = random.pick(&TOOLS);
        Self::of(family, random)
    }

    /// A client that says nothing of itself.
    pub(super) fn bare() -> Self {
        Self { family: &BARE, major: 1, minor: 0, patch: 0 }
    }

    /// The same software, newer.
    #[must_use]
    pub(super) fn newer(self, random: &mut Random) -> Self {
        Self { minor: self.minor + 1 + random.below(2) as u16, patch: 0, ..self }
    }

    /// The user agent.
    pub(super) fn agent(self) -> String {
        self.written(self.family.agent)
    }

    /// The SDK, as `authenticationProcessingDetails` names it.
    pub(super) fn library(self) -> String {
        self.written(self.family.library)
    }

    fn written(self, template: &str) -> String {
        match template.split_once('%') {
            Some((before, after)) => format!("{before}{}.{}.{}{after}", self.major, self.minor, self.patch),
            None => template.to_owned(),
        }
    }
}
