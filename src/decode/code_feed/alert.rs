//! Secret-scanning alerts, by webhook and by the REST interface.
//!
//! Webhooks leave the secret out; REST alerts have it, as a mark by the time they come here. The alert's own times
//! count; very old records lack them, and then the repository's last change stands in.

use super::finding::{blank, describe, event};
use super::github::{Moment, Repository, Text, first, keep};
use super::parse;
use crate::decode::{Outcome, Reason, ReasonCode};
use compact_str::{CompactString, format_compact};
use picket_detectors::event::{AlertState, CodeFinding, Event, EventTime, Exposure};
use picket_detectors::secrets::{ENTRA_CLIENT_SECRET, find_marks};
use serde::Deserialize;
use smallvec::smallvec;

#[derive(Deserialize)]
struct Webhook<'a> {
    #[serde(borrow)]
    action: Text<'a>,
    #[serde(borrow)]
    alert: Alert<'a>,
    #[serde(borrow)]
    location: Option<Location<'a>>,
    #[serde(borrow)]
    repository: Repository<'a>,
}

#[derive(Deserialize)]
struct Alert<'a> {
    number: u64,
    #[serde(borrow)]
    secret_type: Text<'a>,
    #[serde(borrow)]
    state: Option<Text<'a>>,
    #[serde(borrow)]
    resolution: Option<Text<'a>>,
    #[serde(borrow)]
    validity: Option<Text<'a>>,
    publicly_leaked: Option<bool>,
    push_protection_bypassed: Option<bool>,
    push_protection_bypassed_at: Option<Moment>,
    created_at: Option<Moment>,
    updated_at: Option<Moment>,
    resolved_at: Option<Moment>,
    #[serde(borrow)]
    html_url: Option<Text<'a>>,
    #[serde(borrow)]
    secret: Option<Text<'a>>,
    #[serde(borrow)]
    repository: Option<Repository<'a>>,
    #[serde(borrow)]
    locations: Option<Vec<Location<'a>>>,
    #[serde(borrow)]
    first_location_detected: Option<Details<'a>>,
}

#[derive(Deserialize)]
struct Location<'a> {
    #[serde(borrow)]
    details: Details<'a>,
}

/// Where a secret is. Issues, discussions and pull requests have none of these members.
#[derive(Default, Deserialize)]
struct Details<'a> {
    #[serde(borrow)]
    path: Option<Text<'a>>,
    start_line: Option<u32>,
    #[serde(borrow)]
    commit_sha: Option<Text<'a>>,
    #[serde(borrow)]
    html_url: Option<Text<'a>>,
}

/// What a webhook's action means for the finding.
enum Meaning {
    Stands(AlertState),
    /// Nothing; the name it is counted under.
    Nothing(&'static str),
}

fn meaning(action: &str) -> Meaning {
    match action {
        "created" | "reopened" | "publicly_leaked" | "validated" => Meaning::Stands(AlertState::Open),
        "resolved" | "revoked" => Meaning::Stands(AlertState::Resolved),
        "assigned" => Meaning::Nothing("github.secret_scanning_alert.assigned"),
        "unassigned" => Meaning::Nothing("github.secret_scanning_alert.unassigned"),
        _ => Meaning::Nothing("github.secret_scanning_alert.other"),
    }
}

/// Decodes the `secret_scanning_alert` webhook.
pub(super) fn decode_webhook(record: &[u8]) -> Result<Outcome, Reason> {
    let webhook: Webhook<'_> = parse(record)?;
    if let Some(ignored) = not_entra(&webhook.alert) {
        return Ok(ignored);
    }
    let state = match meaning(&webhook.action.0) {
        Meaning::Stands(_) if webhook.alert.is_left_as_it_is() => AlertState::Open,
        Meaning::Stands(state) => state,
        Meaning::Nothing(name) => return Ok(Outcome::Ignored(CompactString::const_new(name))),
    };
    let finding = webhook.alert.finding("github.secret_scanning_alert", state, Some(&webhook.repository));
    one(webhook.alert.event(finding, Some(&webhook.repository), &webhook.action.0))
}

/// Decodes the `secret_scanning_alert_location` webhook: the alert again, and one place where the secret is.
pub(super) fn decode_location(record: &[u8]) -> Result<Outcome, Reason> {
    let webhook: Webhook<'_> = parse(record)?;
    if let Some(ignored) = not_entra(&webhook.alert) {
        return Ok(ignored);
    }
    let state = webhook.alert.state();
    let mut finding = webhook.alert.finding("github.secret_scanning_alert_location", state, Some(&webhook.repository));
    if let Some(location) = &webhook.location {
        location.details.add_to(&mut finding);
    }
    one(webhook.alert.event(finding, Some(&webhook.repository), "location"))
}

/// Decodes an alert of the REST interface.
pub(super) fn decode_rest(record: &[u8]) -> Result<Outcome, Reason> {
    let alert: Alert<'_> = parse(record)?;
    if let Some(ignored) = not_entra(&alert) {
        return Ok(ignored);
    }
    let state = alert.state();
    let finding = alert.finding("github.secret_scanning_alert", state, alert.repository.as_ref());
    let name = match state {
        AlertState::Open => "open",
        AlertState::Resolved => "resolved",
    };
    one(alert.event(finding, alert.repository.as_ref(), name))
}

fn one(event: Result<Event, Reason>) -> Result<Outcome, Reason> {
    event.map(|event| Outcome::Events(smallvec![event]))
}

/// How an alert about another sort of secret is ignored; `None` for Entra's.
fn not_entra(alert: &Alert<'_>) -> Option<Outcome> {
    const LONGEST_NAME: usize = 64;
    let name = &*alert.secret_type.0;
    // GitHub's name today, and what it may become when the product's new name reaches it.
    let is_directory = ["azure_active_directory", "azure_ad", "entra"].iter().any(|part| name.contains(part));
    let is_client_secret = ["application_secret", "client_secret"].iter().any(|end| name.ends_with(end));
    // A custom pattern has a name of its own, but the secret itself says what it is.
    let marked = alert.secret.as_ref().is_some_and(|text| find_marks(&text.0).any(|m| m.rule == ENTRA_CLIENT_SECRET));
    if (is_directory && is_client_secret) || marked {
        return None;
    }
    let name: CompactString =
        name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).take(LONGEST_NAME).collect();
    Some(Outcome::Ignored(format_compact!("secret type {name}")))
}

impl Alert<'_> {
    /// Whether it was closed without anything done about the secret: it stands.
    fn is_left_as_it_is(&self) -> bool {
        self.resolution.as_ref().is_some_and(|why| matches!(&*why.0, "wont_fix" | "used_in_tests"))
    }

    fn state(&self) -> AlertState {
        if self.is_left_as_it_is() {
            return AlertState::Open;
        }
        let resolved = match &self.state {
            Some(state) => state.0 == "resolved",
            None => self.resolution.is_some() || first(&[self.resolved_at]).is_some(),
        };
        if resolved { AlertState::Resolved } else { AlertState::Open }
    }

    fn finding(&self, feed: &'static str, state: AlertState, repository: Option<&Repository<'_>>) -> CodeFinding {
        let mut finding = blank(feed, ENTRA_CLIENT_SECRET, state);
        if let Some(mark) = self.secret.as_ref().and_then(|secret| find_marks(&secret.0).next()) {
            describe(&mut finding, &mark);
        }
        finding.valid = match self.validity.as_ref().map(|text| &*text.0) {
            Some("active") => Some(true),
            Some("inactive") => Some(false),
            _ => None,
        };
        finding.exposure = if self.publicly_leaked == Some(true) {
            Exposure::Public
        } else {
            repository.map(Repository::exposure).unwrap_or_default()
        };
        finding.repository = self.repository_name(repository);
        finding.url = keep(self.html_url.as_ref());
        finding.bypassed = self.push_protection_bypassed == Some(true);
        // Who was warned and pushed it all the same exposed it then; the alert may be younger.
        let times = [self.created_at, self.push_protection_bypassed_at.filter(|_| finding.bypassed)];
        finding.exposed_at = times.iter().filter_map(|time| first(&[*time])).min();
        let listed = self.locations.iter().flatten().map(|location| &location.details);
        if let Some(details) = listed.chain(&self.first_location_detected).find(|details| details.path.is_some()) {
            details.add_to(&mut finding);
        }
        finding
    }

    /// `owner/name`, from the alert's address where the record has no repository.
    fn repository_name(&self, repository: Option<&Repository<'_>>) -> Option<CompactString> {
        keep(repository.and_then(|repository| repository.full_name.as_ref())).or_else(|| {
            let (_, path) = self.html_url.as_ref()?.0.split_once("://")?;
            let mut parts = path.split('/').skip(1);
            let (owner, name) = (parts.next()?, parts.next()?);
            Some(format_compact!("{owner}/{name}"))
        })
    }

    fn event(&self, finding: CodeFinding, repository: Option<&Repository<'_>>, act: &str) -> Result<Event, Reason> {
        let of_alert = [self.updated_at, self.resolved_at, self.created_at];
        let of_repository = repository.map(|repository| [repository.updated_at, repository.pushed_at]);
        let time = first(&of_alert).or_else(|| first(&of_repository.unwrap_or_default())).ok_or_else(|| Reason {
            code: ReasonCode::MissingField,
            detail: "alert.updated_at: the alert has no time, nor has its repository".to_owned(),
        })?;
        Ok(self.event_at(finding, time, act))
    }

    fn event_at(&self, finding: CodeFinding, time: EventTime, act: &str) -> Event {
        let (number, line) = (self.number.to_string(), finding.line.unwrap_or_default().to_string());
        let place =
            [finding.repository.clone(), finding.commit.clone(), finding.path.clone()].map(Option::unwrap_or_default);
        let [repository, commit, path] = &place;
        event(finding, time, &["alert", repository, &number, act, &time.to_string(), commit, path, &line])
    }
}

impl Details<'_> {
    fn add_to(&self, finding: &mut CodeFinding) {
        finding.path = keep(self.path.as_ref());
        finding.line = self.start_line;
        finding.commit = keep(self.commit_sha.as_ref());
        finding.url = keep(self.html_url.as_ref()).or_else(|| finding.url.take());
    }
}
