//! Reports of gitleaks (objects of its JSON list) and of betterleaks (JSON lines).

use super::github::{Moment, Text, keep};
use super::parse;
use super::report::Reported;
use crate::decode::{Context, Outcome, Reason};
use serde::Deserialize;
use smallvec::smallvec;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Gitleaks<'a> {
    #[serde(borrow, rename = "RuleID")]
    rule: Text<'a>,
    #[serde(borrow)]
    secret: Option<Text<'a>>,
    #[serde(borrow)]
    r#match: Option<Text<'a>>,
    #[serde(borrow)]
    file: Option<Text<'a>>,
    #[serde(borrow)]
    commit: Option<Text<'a>>,
    #[serde(borrow)]
    link: Option<Text<'a>>,
    start_line: Option<u32>,
    date: Option<Moment>,
    #[serde(rename = "time")]
    time: Option<Moment>,
}

/// Decodes one finding of gitleaks.
pub(super) fn decode(record: &[u8], context: &Context) -> Result<Outcome, Reason> {
    let found: Gitleaks<'_> = parse(record)?;
    let reported = Reported {
        feed: "gitleaks",
        rule: &found.rule.0,
        secret: found.secret.as_ref().map(|text| &*text.0),
        around: found.r#match.iter().map(|text| &*text.0).collect(),
        commit: keep(found.commit.as_ref()),
        path: keep(found.file.as_ref()),
        line: found.start_line,
        url: keep(found.link.as_ref()),
        times: [found.date, found.time, None],
        ..Reported::default()
    };
    Ok(Outcome::Events(smallvec![reported.event(context)?]))
}

#[derive(Deserialize)]
struct Betterleaks<'a> {
    #[serde(borrow)]
    finding: Finding<'a>,
    time: Option<Moment>,
}

#[derive(Deserialize)]
struct Finding<'a> {
    #[serde(borrow)]
    rule_id: Text<'a>,
    #[serde(borrow, default)]
    r#match: Matched<'a>,
    #[serde(borrow, default)]
    location: Location<'a>,
    #[serde(borrow, default)]
    attributes: Attributes<'a>,
}

#[derive(Default, Deserialize)]
struct Matched<'a> {
    #[serde(borrow)]
    full: Option<Text<'a>>,
    #[serde(borrow)]
    value: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
struct Location<'a> {
    #[serde(borrow)]
    path: Option<Text<'a>>,
    start_line: Option<u32>,
}

/// What is known of the place; git's commits among it.
#[derive(Default, Deserialize)]
struct Attributes<'a> {
    #[serde(borrow, rename = "git.sha")]
    commit: Option<Text<'a>>,
    #[serde(rename = "git.date")]
    date: Option<Moment>,
}

/// Decodes one finding of betterleaks.
pub(super) fn decode_betterleaks(record: &[u8], context: &Context) -> Result<Outcome, Reason> {
    let Betterleaks { finding: found, time } = parse(record)?;
    let reported = Reported {
        feed: "betterleaks",
        rule: &found.rule_id.0,
        secret: found.r#match.value.as_ref().map(|text| &*text.0),
        around: found.r#match.full.iter().map(|text| &*text.0).collect(),
        commit: keep(found.attributes.commit.as_ref()),
        path: keep(found.location.path.as_ref()),
        line: found.location.start_line,
        times: [found.attributes.date, time, None],
        ..Reported::default()
    };
    Ok(Outcome::Events(smallvec![reported.event(context)?]))
}
