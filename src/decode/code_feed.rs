//! Code feeds: what GitHub tells of secrets in code, as findings.
//!
//! Three feeds: webhooks (`push`, `secret_scanning_alert`, `secret_scanning_alert_location`; the rest is ignored by
//! name), alerts of the REST interface, and lines of GH Archive. Bodies carry no event name (it is in an HTTP header),
//! so their members tell. Whether a body has been scrubbed or not, it is scrubbed before it is read: what comes out of
//! here was made from text without secrets.

mod alert;
mod diff;
mod finding;
mod github;
mod push;
mod shape;
#[cfg(test)]
mod tests;

use super::{Context, Outcome, Reason, ReasonCode};
use shape::{Kind, Shape};

/// Whether a record is of a code feed, by its shape. Cheap for what is none.
pub(super) fn is_code_feed(record: &[u8]) -> bool {
    shape::may_be_code_feed(record) && serde_json::from_slice(record).is_ok_and(|shape: Shape| shape.kind().is_some())
}

/// Decodes one record of a code feed, scrubbed or not.
pub(super) fn decode_record(bytes: &[u8], context: &Context) -> Outcome {
    let scrubbed = context.scrubber.scrub(bytes);
    read(&scrubbed, context).unwrap_or_else(Outcome::Dead)
}

fn read(record: &[u8], context: &Context) -> Result<Outcome, Reason> {
    let shape: Shape = parse(record)?;
    match shape.kind() {
        Some(Kind::Push) => push::decode_webhook(record, context),
        Some(Kind::Archive) => push::decode_archive(record, context),
        Some(Kind::Alert) => alert::decode_webhook(record),
        Some(Kind::AlertLocation) => alert::decode_location(record),
        Some(Kind::RestAlert) => alert::decode_rest(record),
        Some(Kind::Other(name)) => Ok(Outcome::Ignored(name.into())),
        None => Err(Reason {
            code: ReasonCode::UnknownShape,
            detail: "neither a webhook nor an alert nor an archived event".to_owned(),
        }),
    }
}

/// Parses JSON; the reason names the place and never quotes the record.
fn parse<'a, T: serde::Deserialize<'a>>(record: &'a [u8]) -> Result<T, Reason> {
    serde_json::from_slice(record).map_err(|error| {
        let code = if error.is_data() { ReasonCode::BadField } else { ReasonCode::Malformed };
        Reason { code, detail: format!("at line {} column {} of the code feed's record", error.line(), error.column()) }
    })
}
