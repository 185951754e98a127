//! Documents as they were found: pastes, issues, wiki pages, CI logs. `{ "id", "url", "body" }`, and when.

use super::github::{Moment, Text, first, keep};
use super::parse;
use super::push::{Search, Surroundings};
use crate::decode::{Context, Outcome, Reason};
use picket_detectors::event::Exposure;
use serde::Deserialize;

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    id: Option<Name<'a>>,
    #[serde(borrow)]
    url: Option<Text<'a>>,
    #[serde(borrow)]
    body: Text<'a>,
    #[serde(borrow)]
    repository: Option<Text<'a>>,
    public: Option<bool>,
    time: Option<Moment>,
    created_at: Option<Moment>,
    timestamp: Option<Moment>,
}

/// Ids are texts or numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Name<'a> {
    #[serde(borrow)]
    Text(Text<'a>),
    Number(u64),
}

/// Decodes a document.
pub(super) fn decode(record: &[u8], context: &Context) -> Result<Outcome, Reason> {
    let document: Document<'_> = parse(record)?;
    let exposure = match document.public {
        Some(true) => Exposure::Public,
        Some(false) => Exposure::Internal,
        None => Exposure::Unknown,
    };
    let mut search = Search::new("document", &context.scrubber, keep(document.repository.as_ref()), exposure);
    let id = match &document.id {
        Some(Name::Text(text)) => text.keep(),
        Some(Name::Number(number)) => Some(number.to_string().into()),
        None => None,
    };
    let place = Surroundings { path: id, url: keep(document.url.as_ref()), ..Surroundings::default() };
    search.text(&document.body.0, &place);
    search.outcome(first(&[document.time, document.created_at, document.timestamp]), "document")
}
