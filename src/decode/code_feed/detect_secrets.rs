//! Reports of detect-secrets: one object with a list a file. It keeps a hash of each secret only.

use super::github::{Moment, Text, keep};
use super::parse;
use super::report::Reported;
use crate::decode::{Context, Outcome, Reason};
use compact_str::CompactString;
use serde::Deserialize;
use smallvec::SmallVec;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Report<'a> {
    #[serde(borrow)]
    results: BTreeMap<Text<'a>, Vec<Found<'a>>>,
    generated_at: Option<Moment>,
    time: Option<Moment>,
}

#[derive(Deserialize)]
struct Found<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    line_number: Option<u32>,
    is_verified: Option<bool>,
    /// What a person said of it.
    is_secret: Option<bool>,
}

/// Decodes a report.
pub(super) fn decode(record: &[u8], context: &Context) -> Result<Outcome, Reason> {
    let report: Report<'_> = parse(record)?;
    let mut events = SmallVec::new();
    for (path, list) in &report.results {
        for found in list.iter().filter(|found| found.is_secret != Some(false)) {
            let reported = Reported {
                feed: "detect-secrets",
                rule: &found.kind.0,
                path: keep(Some(path)),
                line: found.line_number,
                valid: found.is_verified.filter(|verified| *verified),
                times: [report.generated_at, report.time, None],
                ..Reported::default()
            };
            events.push(reported.event(context)?);
        }
    }
    if events.is_empty() {
        return Ok(Outcome::Ignored(CompactString::const_new("report without a finding")));
    }
    Ok(Outcome::Events(events))
}
