//! Reports of trufflehog: JSON lines.

use super::github::{Moment, Text, keep};
use super::parse;
use super::report::Reported;
use crate::decode::{Context, Outcome, Reason};
use serde::Deserialize;
use smallvec::smallvec;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found<'a> {
    #[serde(borrow)]
    source_metadata: Option<Metadata<'a>>,
    #[serde(borrow)]
    detector_name: Text<'a>,
    verified: Option<bool>,
    #[serde(borrow)]
    raw: Option<Text<'a>>,
    #[serde(borrow)]
    raw_v2: Option<Text<'a>>,
    #[serde(borrow)]
    extra_data: Option<BTreeMap<Text<'a>, Text<'a>>>,
    #[serde(rename = "time")]
    time: Option<Moment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata<'a> {
    /// By the kind of source: `Git`, `Github`, `Filesystem`, …
    #[serde(borrow)]
    data: Option<BTreeMap<Text<'a>, Place<'a>>>,
}

#[derive(Default, Deserialize)]
struct Place<'a> {
    #[serde(borrow)]
    commit: Option<Text<'a>>,
    #[serde(borrow)]
    file: Option<Text<'a>>,
    #[serde(borrow)]
    repository: Option<Text<'a>>,
    #[serde(borrow)]
    link: Option<Text<'a>>,
    timestamp: Option<Moment>,
    line: Option<u32>,
}

/// Decodes one finding.
pub(super) fn decode(record: &[u8], context: &Context) -> Result<Outcome, Reason> {
    let found: Found<'_> = parse(record)?;
    let places = found.source_metadata.and_then(|metadata| metadata.data).unwrap_or_default();
    let place = places.into_values().next().unwrap_or_default();
    // Several parts in one text, as JSON: the ids stand beside the secret.
    let mut around: Vec<&str> = found.raw_v2.iter().map(|text| &*text.0).collect();
    around.extend(found.extra_data.iter().flatten().map(|(_, value)| &*value.0));
    let reported = Reported {
        feed: "trufflehog",
        rule: &found.detector_name.0,
        secret: found.raw.as_ref().map(|text| &*text.0),
        around,
        repository: keep(place.repository.as_ref()),
        commit: keep(place.commit.as_ref()),
        path: keep(place.file.as_ref()),
        line: place.line,
        url: keep(place.link.as_ref()),
        // Not verified is not checked, or found dead: it does not say which.
        valid: found.verified.filter(|verified| *verified),
        times: [place.timestamp, found.time, None],
        ..Reported::default()
    };
    Ok(Outcome::Events(smallvec![reported.event(context)?]))
}
