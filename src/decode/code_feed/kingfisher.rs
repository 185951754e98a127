//! Reports of kingfisher: JSON lines, of which the last is a summary.

use super::github::{Moment, Text, keep};
use super::parse;
use super::report::Reported;
use crate::decode::{Context, Outcome, Reason};
use serde::Deserialize;
use smallvec::smallvec;

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    rule: Rule<'a>,
    #[serde(borrow)]
    finding: Finding<'a>,
    time: Option<Moment>,
}

#[derive(Deserialize)]
struct Rule<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Finding<'a> {
    #[serde(borrow)]
    snippet: Option<Text<'a>>,
    #[serde(borrow)]
    path: Option<Text<'a>>,
    line: Option<u32>,
    #[serde(borrow)]
    validation: Option<Validation<'a>>,
    #[serde(borrow)]
    git_metadata: Option<Git<'a>>,
}

/// Newer versions call it `outcome`, older ones have a sentence in `status`.
#[derive(Deserialize)]
struct Validation<'a> {
    #[serde(borrow)]
    outcome: Option<Text<'a>>,
    #[serde(borrow)]
    status: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Git<'a> {
    #[serde(borrow)]
    repository_url: Option<Text<'a>>,
    #[serde(borrow)]
    commit: Option<Commit<'a>>,
}

#[derive(Deserialize)]
struct Commit<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    url: Option<Text<'a>>,
    date: Option<Moment>,
}

/// Decodes one finding.
pub(super) fn decode(record: &[u8], context: &Context) -> Result<Outcome, Reason> {
    let Line { rule, finding, time } = parse(record)?;
    let name = rule.id.or(rule.name).unwrap_or_default();
    let git = finding.git_metadata.as_ref();
    let commit = git.and_then(|git| git.commit.as_ref());
    let reported = Reported {
        feed: "kingfisher",
        rule: &name.0,
        secret: finding.snippet.as_ref().map(|text| &*text.0),
        repository: keep(git.and_then(|git| git.repository_url.as_ref())),
        commit: keep(commit.and_then(|commit| commit.id.as_ref())),
        path: keep(finding.path.as_ref()),
        line: finding.line,
        url: keep(commit.and_then(|commit| commit.url.as_ref())),
        valid: finding.validation.as_ref().and_then(validity),
        times: [commit.and_then(|commit| commit.date), time, None],
        ..Reported::default()
    };
    Ok(Outcome::Events(smallvec![reported.event(context)?]))
}

fn validity(validation: &Validation<'_>) -> Option<bool> {
    let word = validation.outcome.as_ref().or(validation.status.as_ref())?.0.to_ascii_lowercase();
    match &*word {
        "active" | "active credential" | "valid" => Some(true),
        "inactive" | "inactive credential" | "invalid" => Some(false),
        _ => None,
    }
}
