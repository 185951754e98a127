//! One record to its outcome.

use super::category::{Category, category};
use super::outcome::{Outcome, ReasonCode};
use super::refusal::{Decision, Refusal};
use super::unfold::unfold;
use super::wire::Record;
use super::{Context, audit, command, graph_activity, inventory, microsoft_risk, sign_in};

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
        Some(plain) => match serde_json::from_str::<Record<'_>>(&plain) {
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
    match category(record)? {
        Category::ServicePrincipalSignIn => sign_in::decode(record, context, false),
        Category::ManagedIdentitySignIn => sign_in::decode(record, context, true),
        Category::Audit => audit::decode(record, context),
        Category::GraphActivity => graph_activity::decode(record, context),
        Category::PrincipalRisk => microsoft_risk::decode(record, context, false),
        Category::AgentRisk => microsoft_risk::decode(record, context, true),
        Category::Application => inventory::application(record, text, context),
        Category::ServicePrincipal => inventory::service_principal(record, text, context),
        Category::Command => command::decode(record, context),
        Category::CodeFeed => Err(Refusal::dead(ReasonCode::UnknownShape, "a code feed".to_owned())),
    }
}
