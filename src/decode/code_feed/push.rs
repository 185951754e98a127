//! Pushes: the `push` webhook and GH Archive's `PushEvent`.
//!
//! GitHub sends no file contents; a relay may add them: `patch`, `diff` or `files[].patch` in the commits or beside
//! them. Commit messages are read in any case. One finding a secret, taken from where it stands most tellingly: near a
//! client id before alone, added before removed.

use super::diff::{self, Side};
use super::finding::{blank, describe, event};
use super::github::{Moment, Repository, Text, first, keep};
use super::parse;
use crate::decode::{Context, Outcome, Reason, ReasonCode};
use compact_str::{CompactString, format_compact};
use picket_detectors::event::{AlertState, CodeFinding, EventTime, Exposure};
use picket_detectors::secrets::{
    AWS_KEY_ID, ENTRA_CLIENT_SECRET, Mark, NAMED_CLIENT_SECRET, Nearby, PRIVATE_KEYS, Scrubber, find_marks, nearby,
};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Webhook<'a> {
    #[serde(borrow)]
    commits: Option<Vec<Commit<'a>>>,
    #[serde(borrow)]
    head_commit: Option<Commit<'a>>,
    #[serde(borrow)]
    repository: Repository<'a>,
    #[serde(borrow)]
    after: Option<Text<'a>>,
    #[serde(borrow)]
    patch: Option<Text<'a>>,
    #[serde(borrow)]
    diff: Option<Text<'a>>,
    #[serde(borrow)]
    files: Option<Vec<File<'a>>>,
}

#[derive(Deserialize)]
struct Archived<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    repo: ArchivedRepository<'a>,
    public: Option<bool>,
    created_at: Option<Moment>,
    #[serde(borrow)]
    payload: ArchivedPush<'a>,
}

#[derive(Deserialize)]
struct ArchivedRepository<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct ArchivedPush<'a> {
    #[serde(borrow)]
    commits: Option<Vec<Commit<'a>>>,
}

/// A commit; webhooks call its name `id`, the archive `sha`.
#[derive(Deserialize)]
pub(super) struct Commit<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    sha: Option<Text<'a>>,
    #[serde(borrow)]
    message: Option<Text<'a>>,
    timestamp: Option<Moment>,
    #[serde(borrow)]
    url: Option<Text<'a>>,
    #[serde(borrow)]
    patch: Option<Text<'a>>,
    #[serde(borrow)]
    diff: Option<Text<'a>>,
    #[serde(borrow)]
    files: Option<Vec<File<'a>>>,
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    filename: Option<Text<'a>>,
    #[serde(borrow)]
    patch: Option<Text<'a>>,
}

/// Decodes the `push` webhook.
pub(super) fn decode_webhook(record: &[u8], context: &Context) -> Result<Outcome, Reason> {
    let push: Webhook<'_> = parse(record)?;
    let repository = keep(push.repository.full_name.as_ref());
    let mut search = Search::new("github.push", &context.scrubber, repository, push.repository.exposure());
    let commits = push.commits.as_deref().unwrap_or_default();
    for commit in commits {
        search.commit(commit);
    }
    if let Some(head) =
        push.head_commit.as_ref().filter(|head| commits.iter().all(|commit| commit.name() != head.name()))
    {
        search.commit(head);
    }
    let beside = Surroundings { commit: keep(push.after.as_ref()), ..Surroundings::default() };
    search.changes([push.patch.as_ref(), push.diff.as_ref()], push.files.as_deref(), &beside);
    let pushed = first(&[push.head_commit.as_ref().and_then(|head| head.timestamp), push.repository.pushed_at]);
    search.outcome(pushed.or_else(|| commits.iter().rev().find_map(Commit::time)), "push")
}

/// Decodes one event of GH Archive.
pub(super) fn decode_archive(record: &[u8], context: &Context) -> Result<Outcome, Reason> {
    const LONGEST_NAME: usize = 40;
    let archived: Archived<'_> = parse(record)?;
    if archived.kind.0 != "PushEvent" {
        let kind: CompactString =
            archived.kind.0.chars().filter(char::is_ascii_alphanumeric).take(LONGEST_NAME).collect();
        return Ok(Outcome::Ignored(format_compact!("gharchive.{kind}")));
    }
    let exposure = if archived.public == Some(true) { Exposure::Public } else { Exposure::Unknown };
    let repository = keep(archived.repo.name.as_ref());
    let mut search = Search::new("gharchive.push", &context.scrubber, repository, exposure);
    for commit in archived.payload.commits.iter().flatten() {
        search.commit(commit);
    }
    search.outcome(first(&[archived.created_at]), "push")
}

impl Commit<'_> {
    fn name(&self) -> Option<&str> {
        self.id.as_ref().or(self.sha.as_ref()).map(|text| &*text.0)
    }

    /// When it was made.
    pub(super) fn time(&self) -> Option<EventTime> {
        first(&[self.timestamp])
    }
}

/// What is known of the place where a text stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Surroundings {
    pub(super) commit: Option<CompactString>,
    pub(super) path: Option<CompactString>,
    pub(super) url: Option<CompactString>,
    pub(super) time: Option<EventTime>,
}

/// A finding, and how its line came to be in the push.
struct Sighting {
    finding: CodeFinding,
    side: Side,
}

impl Sighting {
    /// Of two sightings of one secret the smaller tells more.
    fn rank(&self) -> (bool, Side) {
        (self.finding.apps.is_empty(), self.side)
    }
}

/// A walk through the texts of one push, or of whatever else was written.
pub(super) struct Search<'a> {
    feed: &'static str,
    scrubber: &'a Scrubber,
    repository: Option<CompactString>,
    exposure: Exposure,
    /// The best sighting of each secret, in the order of first sight.
    sightings: Vec<Sighting>,
    /// Where in that list, by fingerprint.
    known: BTreeMap<CompactString, usize>,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        feed: &'static str,
        scrubber: &'a Scrubber,
        repository: Option<CompactString>,
        exposure: Exposure,
    ) -> Self {
        Self { feed, scrubber, repository, exposure, sightings: Vec::new(), known: BTreeMap::new() }
    }

    pub(super) fn commit(&mut self, commit: &Commit<'_>) {
        let place = Surroundings {
            commit: commit.id.as_ref().or(commit.sha.as_ref()).and_then(Text::keep),
            path: None,
            url: keep(commit.url.as_ref()),
            time: first(&[commit.timestamp]),
        };
        if let Some(message) = &commit.message {
            self.text(&message.0, &place);
        }
        self.changes([commit.patch.as_ref(), commit.diff.as_ref()], commit.files.as_deref(), &place);
    }

    /// Searches a text that is no diff.
    pub(super) fn text(&mut self, text: &str, place: &Surroundings) {
        let text = self.scrubber.scrub_text(text);
        for mark in find_marks(&text) {
            self.sight(&text, &mark, Side::Outside, None, place);
        }
    }

    fn changes(&mut self, diffs: [Option<&Text<'_>>; 2], files: Option<&[File<'_>]>, place: &Surroundings) {
        for text in diffs.into_iter().flatten() {
            self.diff(&text.0, place);
        }
        for file in files.unwrap_or_default() {
            if let Some(patch) = &file.patch {
                self.diff(&patch.0, &Surroundings { path: keep(file.filename.as_ref()), ..place.clone() });
            }
        }
    }

    fn diff(&mut self, text: &str, place: &Surroundings) {
        // Again, now that JSON's escapes are gone: what they hid must not get further than this.
        let text = self.scrubber.scrub_text(text);
        for line in diff::lines(&text) {
            let content = text.get(line.range.clone()).unwrap_or_default();
            for mut mark in find_marks(content) {
                mark.range = line.range.start + mark.range.start..line.range.start + mark.range.end;
                let path = place.path.clone().or_else(|| line.path.map(CompactString::from));
                self.sight(&text, &mark, line.side, line.number, &Surroundings { path, ..place.clone() });
            }
        }
    }

    fn sight(&mut self, text: &str, mark: &Mark<'_>, side: Side, line: Option<u32>, place: &Surroundings) {
        if side == Side::Kept {
            return; // It came with an earlier push.
        }
        let near = nearby(text, &mark.range);
        let Some(rule) = rule(mark, &near) else { return };
        let mut finding = blank(self.feed, rule, AlertState::Open);
        describe(&mut finding, mark);
        finding.exposure = self.exposure;
        // What says itself whose it is belongs to none of the applications near it.
        if finding.owner.is_none() {
            finding.apps = near.apps.into_iter().chain(near.unlabelled).collect();
        }
        finding.tenants = near.tenants;
        finding.repository.clone_from(&self.repository);
        finding.commit.clone_from(&place.commit);
        finding.path.clone_from(&place.path);
        finding.line = line;
        finding.url.clone_from(&place.url);
        finding.exposed_at = place.time;
        self.keep_better(Sighting { finding, side });
    }

    fn keep_better(&mut self, sighting: Sighting) {
        let fingerprint = sighting.finding.fingerprint.clone().unwrap_or_default();
        let index = *self.known.entry(fingerprint).or_insert(self.sightings.len());
        match self.sightings.get_mut(index) {
            None => self.sightings.push(sighting),
            Some(known) if sighting.rank() < known.rank() => *known = sighting,
            Some(_) => {}
        }
    }

    /// What was found in the `what`.
    pub(super) fn outcome(self, time: Option<EventTime>, what: &str) -> Result<Outcome, Reason> {
        if self.sightings.is_empty() {
            return Ok(Outcome::Ignored(format_compact!("{what} without a finding")));
        }
        let time = time.ok_or_else(|| Reason {
            code: ReasonCode::MissingField,
            detail: format!("nothing in the {what} says when it was made (head_commit.timestamp, time)"),
        })?;
        Ok(Outcome::Events(self.sightings.into_iter().map(|sighting| sighting.event(time)).collect()))
    }
}

impl Sighting {
    fn event(mut self, time: EventTime) -> picket_detectors::event::Event {
        self.finding.exposed_at = self.finding.exposed_at.or(Some(time));
        let finding = &self.finding;
        let parts = [&finding.repository, &finding.commit, &finding.path, &finding.fingerprint].map(Clone::clone);
        let [repository, commit, path, fingerprint] = parts.map(Option::unwrap_or_default);
        let line = finding.line.unwrap_or_default().to_string();
        let side = if self.side == Side::Removed { "-" } else { "+" };
        // Without the feed's name: webhook and archive tell of the same push.
        event(self.finding, time, &["push", &repository, &commit, &path, side, &line, &fingerprint])
    }
}

/// Under what rule a mark is told of, if it may be a credential of an application in Entra, or names its owner. A secret known by its name
/// only is, if a client id is named near it; a private key, if its certificate stands near it, or a client id.
fn rule<'a>(mark: &Mark<'a>, near: &Nearby) -> Option<&'a str> {
    match mark.rule {
        ENTRA_CLIENT_SECRET => Some(ENTRA_CLIENT_SECRET),
        NAMED_CLIENT_SECRET => {
            let is_named = !near.apps.is_empty() || (!near.unlabelled.is_empty() && !near.tenants.is_empty());
            is_named.then_some(ENTRA_CLIENT_SECRET)
        }
        key if PRIVATE_KEYS.contains(&key) && mark.owner.is_none() => {
            (mark.thumbprint.is_some() || !near.apps.is_empty()).then_some(key)
        }
        // Half of a pair: the other half is told of, if it is here.
        AWS_KEY_ID => None,
        other => mark.owner.is_some().then_some(other),
    }
}
