//! What the surroundings of a secret say of its owner, beyond ids of applications and tenants.

use super::assignment::{Words, around};
use super::context::Nearby;
use super::engine::Find;
use super::jwt::member;
use super::rule::{Kind, Rule};
use super::sighting::{OwnerHints, Reason, Sureness};
use crate::event::{CredentialOwner, OwnerKind};
use compact_str::{CompactString, ToCompactString};
use std::ops::Range;

/// The rule of AWS key ids, which are part of a pair where their secret stands near.
pub(super) const KEY_ID_RULE: &str = super::AWS_KEY_ID;

/// How far around a secret its account is looked for.
const WINDOW: usize = 2 << 10;

/// The hosts of Azure's services, and what the first part of their names names. A vault is asked last: it keeps keys of
/// others.
const HOSTS: &[(&str, OwnerKind)] = &[
    (".core.windows.net", OwnerKind::StorageAccount),
    (".servicebus.windows.net", OwnerKind::ServiceBusNamespace),
    (".documents.azure.com", OwnerKind::CosmosAccount),
    (".mongo.cosmos.azure.com", OwnerKind::CosmosAccount),
    (".table.cosmos.azure.com", OwnerKind::CosmosAccount),
    (".redis.cache.windows.net", OwnerKind::RedisCache),
    (".azurewebsites.net", OwnerKind::WebApp),
    (".search.windows.net", OwnerKind::SearchService),
    (".azurecr.io", OwnerKind::ContainerRegistry),
    (".azure-devices.net", OwnerKind::IotHub),
    (".azconfig.io", OwnerKind::AppConfiguration),
    (".database.windows.net", OwnerKind::SqlServer),
    (".openai.azure.com", OwnerKind::AiService),
    (".cognitiveservices.azure.com", OwnerKind::AiService),
    (".services.ai.azure.com", OwnerKind::AiService),
    (".service.signalr.net", OwnerKind::SignalrService),
    (".webpubsub.azure.com", OwnerKind::SignalrService),
    (".vault.azure.net", OwnerKind::KeyVault),
];

/// Adds what stands near to a find.
pub(super) fn complete(rule: &Rule, text: &[u8], near: &Nearby, find: &mut Find) {
    let is_client_secret = rule.kind == Kind::ClientSecret && rule.provider == "Microsoft";
    if is_client_secret && !(near.apps.is_empty() && near.tenants.is_empty()) {
        find.verdict.reasons.push(Reason::PartsNearby);
        find.verdict.sureness = find.verdict.sureness.max(Sureness::Medium);
    }
    let start = find.span.start.saturating_sub(WINDOW);
    let Some(window) = text.get(start..text.len().min(find.span.end + WINDOW)) else { return };
    let around = Around { text: window, secret: find.span.start - start..find.span.end - start };
    let owner = &mut find.verdict.owner;
    if owner.account.is_none() {
        match rule.kind {
            Kind::PrivateKey => {
                let text_of = |name| member(window, name).map(CompactString::from_utf8_lossy);
                owner.account = text_of("client_email");
                owner.project = owner.project.take().or_else(|| text_of("project_id"));
                owner.key_id = owner.key_id.take().or_else(|| text_of("private_key_id"));
            }
            _ if is_azure_key(rule, around.secret()) => {
                owner.account = around.account();
                owner.host = owner.host.take().or_else(|| around.host().map(|(host, _)| host));
            }
            _ => {}
        }
    }
    owner.named = match (is_client_secret, near.apps.first()) {
        (true, Some(app)) => Some(named(OwnerKind::Application, &app.0.to_compact_string())),
        (true, None) => None,
        (false, _) => named_by(rule, owner, &around),
    };
}

/// Keys and signatures of Azure's own services; or 64 bytes in Base64, as the keys of storage accounts are, by whatever
/// name they were found.
fn is_azure_key(rule: &Rule, secret: &[u8]) -> bool {
    const STORAGE_KEY: usize = 88;
    let is_key =
        matches!(rule.kind, Kind::AccessKey | Kind::ApiKey | Kind::ConnectionString | Kind::SignedUrl | Kind::Password);
    is_key && (rule.provider == "Microsoft" || (secret.len() == STORAGE_KEY && secret.ends_with(b"==")))
}

fn named(kind: OwnerKind, name: &str) -> CredentialOwner {
    CredentialOwner { kind, name: name.into() }
}

/// Whose it is, where one thing is named.
fn named_by(rule: &Rule, owner: &OwnerHints, around: &Around<'_>) -> Option<CredentialOwner> {
    const ACCOUNT: usize = 12;
    match rule.provider.as_str() {
        "Amazon" => {
            let account = owner.account.as_deref();
            let account = account.filter(|name| name.len() == ACCOUNT && name.bytes().all(|c| c.is_ascii_digit()));
            let key = || owner.key_id.as_deref().map(|key| named(OwnerKind::AwsAccessKey, key));
            account.map(|account| named(OwnerKind::AwsAccount, account)).or_else(key)
        }
        _ if rule.kind == Kind::PrivateKey => {
            let account = owner.account.as_deref().filter(|account| account.ends_with(".gserviceaccount.com"));
            let service_account = account.map(|account| named(OwnerKind::GcpServiceAccount, account));
            service_account.or_else(|| Some(named(OwnerKind::GithubApp, &around.github_app()?)))
        }
        _ if is_azure_key(rule, around.secret()) => {
            let by_host = || {
                let (host, kind) = around.host()?;
                let name = host.split('.').next().filter(|name| !name.is_empty())?;
                Some(named(kind, name))
            };
            // A storage account's name stands in its connection strings; other services are named by their hosts.
            let is_storage = owner.account.is_some()
                && owner
                    .host
                    .as_deref()
                    .is_none_or(|host| kind_of(host).is_none_or(|kind| kind == OwnerKind::StorageAccount));
            let by_account = || owner.account.as_deref().map(|account| named(OwnerKind::StorageAccount, account));
            if is_storage { by_account() } else { by_host() }
        }
        _ => None,
    }
}

fn kind_of(host: &str) -> Option<OwnerKind> {
    HOSTS.iter().find(|(end, _)| host.ends_with(end)).map(|(_, kind)| *kind)
}

/// A secret and the text around it.
struct Around<'a> {
    text: &'a [u8],
    /// Where in it the secret stands.
    secret: Range<usize>,
}

impl Around<'_> {
    fn secret(&self) -> &[u8] {
        self.text.get(self.secret.clone()).unwrap_or_default()
    }

    fn distance(&self, at: usize) -> usize {
        if at < self.secret.start { self.secret.start - at } else { at.saturating_sub(self.secret.end) }
    }

    /// The storage account: behind the label of a connection string, or assigned to a name that says so.
    fn account(&self) -> Option<CompactString> {
        const NAMES: &[&[u8]] = &[
            b"AccountName",
            b"accountname",
            b"ACCOUNT_NAME",
            b"account_name",
            b"STORAGE_ACCOUNT",
            b"storage_account",
            b"storageAccount",
            b"StorageAccount",
        ];
        let places =
            NAMES.iter().flat_map(|name| memchr::memmem::find_iter(self.text, name).map(|at| at..at + name.len()));
        let values = places.filter_map(|literal| {
            let found = around(self.text, &literal, Words::Identifier)?;
            let name = self.text.get(found.name.clone())?;
            let value = self.text.get(found.value.clone())?;
            let says_key = [&b"key"[..], b"secret", b"sas", b"conn"]
                .iter()
                .any(|word| name.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word)));
            (!says_key && is_account(value))
                .then(|| (self.distance(literal.start), CompactString::from_utf8_lossy(value)))
        });
        values.min_by_key(|(distance, _)| *distance).map(|(_, value)| value)
    }

    /// The nearest host of an Azure service.
    fn host(&self) -> Option<(CompactString, OwnerKind)> {
        const LONGEST: usize = 64;
        let places = HOSTS.iter().flat_map(|(end, kind)| {
            memchr::memmem::find_iter(self.text, end.as_bytes()).map(move |at| (at, at + end.len(), *kind))
        });
        let (at, end, kind) = places.min_by_key(|(at, _, kind)| (*kind == OwnerKind::KeyVault, self.distance(*at)))?;
        let before = self.text.get(..at)?.iter().rev().take(LONGEST).take_while(|c| is_host(**c)).count();
        let host = self.text.get(at - before..end)?;
        (before > 0).then(|| (CompactString::from_utf8_lossy(host), kind))
    }

    /// The number of a GitHub App beside its private key.
    fn github_app(&self) -> Option<CompactString> {
        const NAMES: &[&[u8]] = &[
            b"GITHUB_APP_ID",
            b"github_app_id",
            b"githubAppId",
            b"GH_APP_ID",
            b"gh_app_id",
            b"APP_ID",
            b"app_id",
            b"appId",
            b"app-id",
        ];
        let says_github = ["github", "GITHUB", "GitHub", "installation"]
            .iter()
            .any(|word| memchr::memmem::find(self.text, word.as_bytes()).is_some());
        if !says_github {
            return None;
        }
        let places =
            NAMES.iter().flat_map(|name| memchr::memmem::find_iter(self.text, name).map(|at| at..at + name.len()));
        let numbers = places.filter_map(|literal| {
            let found = around(self.text, &literal, Words::Identifier)?;
            let value = self.text.get(found.value)?;
            let is_number = (4..=10).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
            is_number.then(|| (self.distance(literal.start), CompactString::from_utf8_lossy(value)))
        });
        numbers.min_by_key(|(distance, _)| *distance).map(|(_, number)| number)
    }
}

/// Names of storage accounts: 3 to 24 small letters and digits.
fn is_account(value: &[u8]) -> bool {
    (3..=24).contains(&value.len()) && value.iter().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

const fn is_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')
}
