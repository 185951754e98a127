//! Code feeds: what is told of secrets in code, as findings.
//!
//! GitHub's webhooks (`push`, `secret_scanning_alert`, `secret_scanning_alert_location`, `repository`, and those that the
//! audit log has entries of; the rest is ignored by name),
//! alerts of its REST interface, lines of GH Archive; GitLab's hooks; reports of other scanners (gitleaks, betterleaks,
//! trufflehog, kingfisher, detect-secrets, SARIF); documents with a body. None says what it is, so their members tell. Whether a body has been scrubbed or not, it is scrubbed before it is read: what comes out of
//! here was made from text without secrets.

mod act;
mod alert;
mod detect_secrets;
mod diff;
mod document;
mod finding;
mod github;
mod gitlab;
mod gitleaks;
mod kingfisher;
#[cfg(test)]
mod owner_tests;
mod push;
mod report;
#[cfg(test)]
mod report_tests;
mod repository;
mod sarif;
mod shape;
#[cfg(test)]
mod tests;
mod trufflehog;

use super::{Context, Outcome, Reason, ReasonCode};
use shape::{Kind, Shape};

/// Whether a record is of a code feed, by its shape. Cheap for what is none.
pub(super) fn is_code_feed(record: &[u8]) -> bool {
    shape::may_be_code_feed(record) && serde_json::from_slice(record).is_ok_and(|shape: Shape| shape.kind().is_some())
}

/// Whether a record is a report of many findings in one object.
pub(super) fn is_report(record: &[u8]) -> bool {
    let is_many = |shape: Shape| matches!(shape.kind(), Some(Kind::Sarif | Kind::DetectSecrets));
    shape::may_be_report(record) && serde_json::from_slice(record).is_ok_and(is_many)
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
        Some(Kind::Repository) => repository::decode(record),
        Some(Kind::Act(subject)) => act::decode(record, subject),
        Some(Kind::GitLab) => gitlab::decode(record, context),
        Some(Kind::Gitleaks) => gitleaks::decode(record, context),
        Some(Kind::Betterleaks) => gitleaks::decode_betterleaks(record, context),
        Some(Kind::Trufflehog) => trufflehog::decode(record, context),
        Some(Kind::Kingfisher) => kingfisher::decode(record, context),
        Some(Kind::DetectSecrets) => detect_secrets::decode(record, context),
        Some(Kind::Sarif) => sarif::decode(record, context),
        Some(Kind::Document) => document::decode(record, context),
        Some(Kind::Other(name)) => Ok(Outcome::Ignored(name.into())),
        None => Err(Reason {
            code: ReasonCode::UnknownShape,
            detail: "neither a webhook nor an alert nor a report nor a document".to_owned(),
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
