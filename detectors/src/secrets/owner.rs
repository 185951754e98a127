//! What the surroundings of a secret say of its owner, beyond ids of applications and tenants.

use super::context::Nearby;
use super::engine::Find;
use super::jwt::member;
use super::rule::{Kind, Rule};
use super::sighting::{Reason, Sureness};
use compact_str::CompactString;

/// The rule of AWS key ids, which are part of a pair where their secret stands near.
pub(super) const KEY_ID_RULE: &str = "aws-access-key-id";

/// How far around a secret its account is looked for.
const WINDOW: usize = 2 << 10;

/// Adds what stands near to a find.
pub(super) fn complete(rule: &Rule, text: &[u8], near: &Nearby, find: &mut Find) {
    if rule.kind == Kind::ClientSecret
        && rule.provider == "Microsoft"
        && !(near.apps.is_empty() && near.tenants.is_empty())
    {
        find.verdict.reasons.push(Reason::PartsNearby);
        find.verdict.sureness = find.verdict.sureness.max(Sureness::Medium);
    }
    if find.verdict.owner.account.is_some() {
        return;
    }
    let start = find.span.start.saturating_sub(WINDOW);
    let Some(around) = text.get(start..text.len().min(find.span.end + WINDOW)) else { return };
    let owner = &mut find.verdict.owner;
    match rule.kind {
        Kind::PrivateKey => {
            let text_of = |name| member(around, name).map(CompactString::from_utf8_lossy);
            owner.account = text_of("client_email");
            owner.project = owner.project.take().or_else(|| text_of("project_id"));
            owner.key_id = owner.key_id.take().or_else(|| text_of("private_key_id"));
        }
        Kind::AccessKey | Kind::ConnectionString | Kind::SignedUrl if rule.provider == "Microsoft" => {
            owner.account = labelled(around, b"AccountName=");
            owner.host = owner.host.take().or_else(|| azure_host(around));
        }
        _ => {}
    }
}

/// The word behind a label.
fn labelled(text: &[u8], label: &[u8]) -> Option<CompactString> {
    let start = memchr::memmem::find(text, label)? + label.len();
    word(text, start)
}

/// The host of an Azure service.
fn azure_host(text: &[u8]) -> Option<CompactString> {
    const ENDS: &[&str] = &[
        ".core.windows.net",
        ".servicebus.windows.net",
        ".documents.azure.com",
        ".redis.cache.windows.net",
        ".azurewebsites.net",
        ".search.windows.net",
        ".azurecr.io",
        ".azure-devices.net",
        ".azconfig.io",
        ".vault.azure.net",
        ".database.windows.net",
        ".openai.azure.com",
        ".cognitiveservices.azure.com",
        ".service.signalr.net",
    ];
    let at = ENDS.iter().filter_map(|end| memchr::memmem::find(text, end.as_bytes())).min()?;
    let before = text.get(..at)?.iter().rev().take(64).take_while(|c| is_host(**c)).count();
    word(text, at - before)
}

fn word(text: &[u8], start: usize) -> Option<CompactString> {
    const LONGEST: usize = 128;
    let length = text.get(start..)?.iter().take(LONGEST).take_while(|c| is_host(**c)).count();
    (length > 0).then(|| CompactString::from_utf8_lossy(text.get(start..start + length).unwrap_or_default()))
}

const fn is_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')
}
