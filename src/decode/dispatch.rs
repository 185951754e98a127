//! One record to its outcome.

use super::category::{Category, category};
use super::outcome::{Outcome, ReasonCode};
use super::refusal::{Decision, Refusal};
use super::scan;
use super::unfold::unfold;
use super::wire::Record;
use super::wrapped::unwrapped;
use super::{
    Context, audit, azure_activity, code_feed, command, github_audit, graph_activity, inventory, json, key_vault,
    microsoft_risk, office, sign_in, user_risk,
};

/// Decodes one parsed record; `text` is what it was parsed from.
pub(super) fn decode_record(record: &Record<'_>, text: &str, context: &Context) -> Outcome {
    let decision =
        if record.is_folded() { decode_folded(record, text, context) } else { decode_plain(record, text, context) };
    match decision {
        Ok(events) => Outcome::Events(events),
        Err(refusal) => refusal.into(),
    }
}

/// A record with JSON in strings is written anew without, and read again.
fn decode_folded(record: &Record<'_>, text: &str, context: &Context) -> Decision {
    match unfold(text, context.limits.depth) {
        Some(plain) => match json::parse::<Record<'_>>(&plain) {
            Ok(unfolded) => decode_plain(&unfolded, &plain, context),
            Err(_) => decode_plain(record, text, context),
        },
        None => Err(Refusal::dead(
            ReasonCode::TooDeep,
            format!("nested deeper than {} with its strings opened", context.limits.depth),
        )),
    }
}

fn decode_plain(record: &Record<'_>, text: &str, context: &Context) -> Decision {
    match category(record) {
        Err(Refusal::Dead(_)) if code_feed::is_code_feed(text.as_bytes()) => decode_code_feed(text, context),
        Err(Refusal::Dead(reason)) => match unwrapped(text) {
            Some(inner) => decode_inner(&inner, context),
            None => Err(Refusal::Dead(reason)),
        },
        Err(refusal) => Err(refusal),
        Ok(category) => decode_as(category, record, text, context),
    }
}

/// A record that a collector has wrapped.
fn decode_inner(text: &str, context: &Context) -> Decision {
    let deepest = context.limits.depth.min(json::Reader::DEEPEST);
    let too_deep = || Refusal::dead(ReasonCode::TooDeep, format!("wrapped and nested deeper than {deepest}"));
    if scan::depth(text.as_bytes()) > deepest {
        return Err(too_deep());
    }
    let read = |text| {
        json::parse::<Record<'_>>(text)
            .map_err(|_| Refusal::dead(ReasonCode::Malformed, "what is wrapped is no JSON".to_owned()))
    };
    if read(text)?.is_folded() {
        let plain = unfold(text, context.limits.depth).ok_or_else(too_deep)?;
        let record = read(&plain)?;
        return decode_as(category(&record)?, &record, &plain, context);
    }
    let record = read(text)?;
    decode_as(category(&record)?, &record, text, context)
}

fn decode_as(category: Category, record: &Record<'_>, text: &str, context: &Context) -> Decision {
    match category {
        Category::ServicePrincipalSignIn => sign_in::decode(record, context, false),
        Category::ManagedIdentitySignIn => sign_in::decode(record, context, true),
        Category::UserSignIn => sign_in::decode_for_user(record, context),
        Category::Audit => audit::decode(record, context),
        Category::GraphActivity => graph_activity::decode(record, context),
        Category::AzureActivity => azure_activity::decode(record, context),
        Category::KeyVault => key_vault::decode(record, context),
        Category::PrincipalRisk => microsoft_risk::decode(record, context, false),
        Category::AgentRisk => microsoft_risk::decode(record, context, true),
        Category::UserRisk => user_risk::decode(record, context),
        Category::Application => inventory::application(record, text, context),
        Category::ServicePrincipal => inventory::service_principal(record, text, context),
        Category::AgentUser => inventory::agent_user(record, text, context),
        Category::Command => command::decode(record, context),
        Category::CodeFeed => decode_code_feed(text, context),
        Category::GitHubAudit => github_audit::decode(text, context),
        Category::Office => office::decode(text, context),
    }
}

fn decode_code_feed(text: &str, context: &Context) -> Decision {
    match code_feed::decode_record(text.as_bytes(), context) {
        Outcome::Events(events) => Ok(events),
        Outcome::Ignored(rule) => Err(Refusal::Ignored(rule)),
        Outcome::Dead(reason) => Err(Refusal::Dead(reason)),
    }
}
