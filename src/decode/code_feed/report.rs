//! What the readers of other scanners' reports have in common: one finding of theirs as an event of ours.
//!
//! A report holds the secret itself, or the line around it. Where our scanner knows the secret, a mark stands in its
//! place by now; else only its fingerprint is taken, here, and the text goes no further.

use super::finding::{blank, describe, event};
use super::github::Moment;
use crate::decode::{Context, Reason, ReasonCode};
use compact_str::CompactString;
use picket_detectors::event::{AlertState, AppId, Event, EventTime, TenantId};
use picket_detectors::secrets::{ENTRA_CLIENT_SECRET, Mark, NAMED_CLIENT_SECRET, find_marks, nearby};

/// The rule of marks that stand for whatever a reporter calls a secret, or the line around one.
const REPORTED: &str = "reported-secret";

/// Length of a fingerprint in hex.
const FINGERPRINT: usize = 32;

/// Shorter texts are no credentials; reporters write such where they show none.
const SHORTEST_SECRET: usize = 8;

/// The most ids of each kind that are kept.
const MOST_IDS: usize = 8;

/// A finding as another scanner tells it.
#[derive(Debug, Default)]
pub(super) struct Reported<'a> {
    /// Which feed told.
    pub(super) feed: &'static str,
    /// The reporter's name of its rule.
    pub(super) rule: &'a str,
    /// The secret, or the mark in its place.
    pub(super) secret: Option<&'a str>,
    /// Text around it, and whatever else may name an application.
    pub(super) around: Vec<&'a str>,
    pub(super) repository: Option<CompactString>,
    pub(super) commit: Option<CompactString>,
    pub(super) path: Option<CompactString>,
    pub(super) line: Option<u32>,
    pub(super) url: Option<CompactString>,
    /// Whether the reporter has checked that it works.
    pub(super) valid: Option<bool>,
    /// When it became visible or was found, whichever the report says first.
    pub(super) times: [Option<Moment>; 3],
    /// A fingerprint that the reporter made with our key.
    pub(super) fingerprint: Option<&'a str>,
}

impl Reported<'_> {
    /// The event.
    pub(super) fn event(self, context: &Context) -> Result<Event, Reason> {
        let time = super::github::first(&self.times).ok_or_else(no_time)?;
        let (mark, known) = self.mark();
        let entra = mark.as_ref().is_some_and(|mark| is_entra(mark.rule)) || names_entra(self.rule);
        let rule = if entra { ENTRA_CLIENT_SECRET.into() } else { clean(self.rule) };
        let mut finding = blank(self.feed, &rule, AlertState::Open);
        if let Some(mark) = &mark {
            describe(&mut finding, mark);
        } else {
            finding.fingerprint = self.fingerprint.map(CompactString::from).or_else(|| {
                let mut hex = context.scrubber.hash(self.plain_secret()?.as_bytes());
                hex.truncate(FINGERPRINT);
                Some(hex.into())
            });
            finding.hint = self.plain_secret().filter(|_| entra).and_then(hint);
        }
        (finding.apps, finding.tenants) = self.owners(known);
        if finding.owner.is_some() {
            finding.apps.clear();
        }
        finding.valid = self.valid;
        finding.exposed_at = Some(time);
        finding.repository = self.repository;
        finding.commit = self.commit;
        finding.path = self.path;
        finding.line = self.line;
        finding.url = self.url;
        Ok(identified(finding, time))
    }

    /// The mark that stands for the secret, and in which of the texts around it stands, if in one.
    fn mark(&self) -> (Option<Mark<'_>>, Option<usize>) {
        let own = self.secret.and_then(|secret| find_marks(secret).next());
        let place = self.around.iter().enumerate().find_map(|(at, text)| Some((at, mark_of_secret(text)?)));
        match (own, place) {
            (Some(mark), place) => (Some(mark), place.map(|(at, _)| at)),
            (None, Some((at, mark))) => (Some(mark), Some(at)),
            (None, None) => (None, None),
        }
    }

    /// The secret where nothing stands in its place, unless the reporter hid it.
    fn plain_secret(&self) -> Option<&str> {
        let secret = self.secret?.trim();
        let is_hidden = secret.bytes().all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.'))
            || secret.eq_ignore_ascii_case("redacted")
            || find_marks(secret).next().is_some();
        (secret.len() >= SHORTEST_SECRET && !is_hidden).then_some(secret)
    }

    /// Client ids and tenant ids in the texts, those of the secret's own first.
    fn owners(&self, first: Option<usize>) -> (Vec<AppId>, Vec<TenantId>) {
        let (mut apps, mut unlabelled, mut tenants) = (Vec::new(), Vec::new(), Vec::new());
        let own = first.and_then(|at| self.around.get(at));
        for text in own.into_iter().chain(&self.around) {
            let range = find_marks(text).next().map_or(0..0, |mark| mark.range);
            let near = nearby(text, &range);
            apps.extend(near.apps);
            unlabelled.extend(near.unlabelled);
            tenants.extend(near.tenants);
        }
        apps.extend(unlabelled);
        (first_of_each(apps), first_of_each(tenants))
    }
}

/// The first mark in a text that stands for a secret alone: where a whole line was taken out, its mark is not the
/// secret's.
fn mark_of_secret(text: &str) -> Option<Mark<'_>> {
    find_marks(text).find(|mark| mark.rule != REPORTED)
}

fn first_of_each<T: PartialEq>(ids: Vec<T>) -> Vec<T> {
    let mut kept = Vec::new();
    for id in ids {
        if kept.len() < MOST_IDS && !kept.contains(&id) {
            kept.push(id);
        }
    }
    kept
}

/// Delivered again, or found again by the same scanner at the same place, it is the same event.
fn identified(finding: picket_detectors::event::CodeFinding, time: EventTime) -> Event {
    let text = |part: &Option<CompactString>| part.clone().unwrap_or_default();
    let parts = [&finding.repository, &finding.commit, &finding.path, &finding.url, &finding.fingerprint].map(text);
    let [repository, commit, path, url, fingerprint] = &parts;
    let (line, valid) = (finding.line.unwrap_or_default().to_string(), format!("{:?}", finding.valid));
    let (feed, rule, time_text) = (finding.feed.clone(), finding.rule.clone(), time.to_string());
    let identity = ["report", &feed, &rule, repository, commit, path, url, fingerprint, &line, &valid, &time_text];
    event(finding, time, &identity)
}

fn no_time() -> Reason {
    Reason {
        code: ReasonCode::MissingField,
        detail: "the report does not say when: add a member `time` to it".to_owned(),
    }
}

fn is_entra(rule: &str) -> bool {
    matches!(rule, ENTRA_CLIENT_SECRET | NAMED_CLIENT_SECRET)
}

/// Whether a rule's name says that it finds client secrets of Entra: `azure-ad-client-secret`, `AzureActiveDirectory…`.
fn names_entra(rule: &str) -> bool {
    let name: String = rule.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let directory = ["azuread", "azureactivedirectory", "entra", "azureapplication", "azuresp"];
    directory.iter().any(|part| name.contains(part)) && (name.contains("secret") || name.contains("serviceprincipal"))
        || name == "azure"
}

/// The first three characters, as Graph shows them.
fn hint(secret: &str) -> Option<CompactString> {
    const SHORTEST_WITH_HINT: usize = 20;
    (secret.len() >= SHORTEST_WITH_HINT).then(|| secret.chars().take(3).collect())
}

/// A reporter's name of a rule: letters, digits and a few signs.
pub(super) fn clean(rule: &str) -> CompactString {
    const LONGEST: usize = 64;
    let kept = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ' ');
    let name: CompactString = rule.chars().filter(kept).take(LONGEST).collect();
    if name.trim().is_empty() { "unnamed".into() } else { name }
}
