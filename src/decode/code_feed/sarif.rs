//! SARIF 2.1.0, by whatever tool.

use super::github::{Moment, Text, keep};
use super::parse;
use super::report::Reported;
use crate::decode::{Context, Outcome, Reason};
use compact_str::CompactString;
use picket_detectors::event::Event;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use smallvec::SmallVec;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Log<'a> {
    #[serde(borrow)]
    runs: Vec<Run<'a>>,
    time: Option<Moment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    #[serde(borrow)]
    tool: Tool<'a>,
    #[serde(borrow)]
    results: Option<Vec<Found<'a>>>,
    invocations: Option<Vec<Invocation>>,
    #[serde(borrow)]
    version_control_provenance: Option<Vec<Provenance<'a>>>,
}

#[derive(Deserialize)]
struct Tool<'a> {
    #[serde(borrow)]
    driver: Driver<'a>,
}

#[derive(Deserialize)]
struct Driver<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    rules: Option<Vec<Rule<'a>>>,
}

#[derive(Deserialize)]
struct Rule<'a> {
    #[serde(borrow)]
    id: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    end_time_utc: Option<Moment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provenance<'a> {
    #[serde(borrow)]
    repository_uri: Option<Text<'a>>,
    #[serde(borrow)]
    revision_id: Option<Text<'a>>,
    as_of_time_utc: Option<Moment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found<'a> {
    #[serde(borrow)]
    rule_id: Option<Text<'a>>,
    rule_index: Option<usize>,
    #[serde(borrow)]
    message: Option<Message<'a>>,
    #[serde(borrow)]
    locations: Option<Vec<Location<'a>>>,
    #[serde(borrow)]
    partial_fingerprints: Option<BTreeMap<Text<'a>, Text<'a>>>,
    suppressions: Option<Vec<IgnoredAny>>,
    /// Whatever the tool likes to put here.
    #[serde(borrow)]
    properties: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Properties<'a> {
    #[serde(borrow)]
    verification: Option<Verification<'a>>,
}

/// What Picket's own scan was told when it asked the issuer (`picket scan --verify`).
#[derive(Deserialize)]
struct Verification<'a> {
    #[serde(borrow)]
    result: Text<'a>,
    #[serde(borrow)]
    tenant: Option<Text<'a>>,
    #[serde(borrow)]
    app_id: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    #[serde(borrow)]
    physical_location: Option<Physical<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Physical<'a> {
    #[serde(borrow)]
    artifact_location: Option<Artifact<'a>>,
    #[serde(borrow)]
    region: Option<Region<'a>>,
}

#[derive(Deserialize)]
struct Artifact<'a> {
    #[serde(borrow)]
    uri: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Region<'a> {
    start_line: Option<u32>,
    #[serde(borrow)]
    snippet: Option<Message<'a>>,
}

/// Decodes a log.
pub(super) fn decode(record: &[u8], context: &Context) -> Result<Outcome, Reason> {
    let log: Log<'_> = parse(record)?;
    let mut events = SmallVec::new();
    for run in &log.runs {
        for found in run.results.iter().flatten().filter(|found| found.suppressions.iter().flatten().next().is_none()) {
            events.push(run.event(found, log.time, context)?);
        }
    }
    if events.is_empty() {
        return Ok(Outcome::Ignored(CompactString::const_new("report without a finding")));
    }
    Ok(Outcome::Events(events))
}

impl Run<'_> {
    fn event(&self, found: &Found<'_>, time: Option<Moment>, context: &Context) -> Result<Event, Reason> {
        let place = found.locations.iter().flatten().find_map(|location| location.physical_location.as_ref());
        let region = place.and_then(|place| place.region.as_ref());
        let provenance = self.version_control_provenance.iter().flatten().next();
        let ended = self.invocations.iter().flatten().find_map(|run| run.end_time_utc);
        let snippet = region.and_then(|region| region.snippet.as_ref());
        let texts = [snippet, found.message.as_ref()].into_iter().flatten().filter_map(|message| message.text.as_ref());
        let of_commit = found.print("commitSha");
        let is_picket = self.tool.driver.name.0 == "picket";
        let verification = if is_picket { found.verification() } else { None };
        let asked_for = verification.as_ref().map(Verification::ids).unwrap_or_default();
        let reported = Reported {
            feed: "sarif",
            rule: self.rule(found),
            around: texts.map(|text| &*text.0).chain([&*asked_for]).collect(),
            repository: keep(provenance.and_then(|provenance| provenance.repository_uri.as_ref())),
            commit: keep(of_commit.or(provenance.and_then(|provenance| provenance.revision_id.as_ref()))),
            path: keep(place.and_then(|place| place.artifact_location.as_ref()?.uri.as_ref())),
            line: region.and_then(|region| region.start_line),
            times: [
                found.print("date").map(|text| Moment::read(&text.0)),
                provenance.and_then(|p| p.as_of_time_utc).or(ended),
                time,
            ],
            fingerprint: found.print("picketSecret/v1").filter(|_| is_picket).map(|text| &*text.0),
            valid: verification.as_ref().and_then(Verification::valid),
            ..Reported::default()
        };
        reported.event(context)
    }

    fn rule<'a>(&'a self, found: &'a Found<'_>) -> &'a str {
        let listed = || self.tool.driver.rules.as_ref()?.get(found.rule_index?).map(|rule| &*rule.id.0);
        found.rule_id.as_ref().map(|id| &*id.0).or_else(listed).unwrap_or_default()
    }
}

impl Verification<'_> {
    fn valid(&self) -> Option<bool> {
        match &*self.result.0 {
            "verified" => Some(true),
            "dead" => Some(false),
            _ => None,
        }
    }

    /// Who was asked about, as settings name it.
    fn ids(&self) -> String {
        let (app, tenant) = (self.app_id.as_ref(), self.tenant.as_ref());
        let text = |id: Option<&Text<'_>>| id.map(|id| id.0.clone().into_owned()).unwrap_or_default();
        format!("client_id={}\ntenant_id={}\n", text(app), text(tenant))
    }
}

impl Found<'_> {
    fn verification(&self) -> Option<Verification<'_>> {
        serde_json::from_str::<Properties<'_>>(self.properties?.get()).ok()?.verification
    }

    /// One of its partial fingerprints; gitleaks keeps its commit there.
    fn print(&self, name: &str) -> Option<&Text<'_>> {
        self.partial_fingerprints.as_ref()?.iter().find(|(key, _)| key.0 == name).map(|(_, value)| value)
    }
}
