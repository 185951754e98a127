//! What happens to repositories: being opened to the public exposes what was leaked in them before.

use super::finding::event_id;
use super::github::{Repository, Text, first, keep};
use super::parse;
use crate::decode::{Outcome, Reason, ReasonCode};
use compact_str::CompactString;
use picket_detectors::event::{Body, Event, RepositoryOpened, TenantId};
use serde::Deserialize;
use smallvec::smallvec;

#[derive(Deserialize)]
struct Webhook<'a> {
    #[serde(borrow)]
    action: Option<Text<'a>>,
    #[serde(borrow)]
    repository: Repository<'a>,
    #[serde(borrow)]
    sender: Option<Sender<'a>>,
}

#[derive(Deserialize)]
struct Sender<'a> {
    #[serde(borrow)]
    login: Option<Text<'a>>,
}

/// Decodes a webhook that is about a repository as such; all actions but `publicized` are ignored.
pub(super) fn decode(record: &[u8]) -> Result<Outcome, Reason> {
    let webhook: Webhook<'_> = parse(record)?;
    let is_opened = webhook.action.as_ref().is_some_and(|action| action.0 == "publicized");
    let Some(name) = keep(webhook.repository.full_name.as_ref()).filter(|_| is_opened) else {
        return Ok(Outcome::Ignored(CompactString::const_new("github.repository")));
    };
    let time = first(&[webhook.repository.updated_at, webhook.repository.pushed_at]).ok_or_else(|| Reason {
        code: ReasonCode::MissingField,
        detail: "repository.updated_at: nothing says when it was opened".to_owned(),
    })?;
    let identity = ["repository", "publicized", &name, &time.to_string()];
    let body = Body::RepositoryOpened(RepositoryOpened { repository: name.clone() });
    let opened = Event { id: event_id(&identity), tenant: TenantId::UNKNOWN, time, body, signals: Vec::new() };
    let actor = webhook.sender.and_then(|sender| keep(sender.login.as_ref()));
    Ok(Outcome::Events(smallvec![super::act::opening(name, actor, time), opened]))
}
