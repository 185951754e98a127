//! Webhooks that tell the same as entries of the audit log: organisations without that log still have these.

use super::finding::event_id;
use super::github::{Moment, Repository, Text, first, keep};
use super::parse;
use crate::decode::github_audit::workflow;
use crate::decode::{Outcome, Reason, ReasonCode};
use compact_str::{CompactString, format_compact};
use picket_detectors::event::{Body, Event, EventTime, RepositoryAct, TenantId};
use serde::Deserialize;
use smallvec::SmallVec;

/// The most repositories that are read of one webhook.
const MOST: usize = 64;

/// What a webhook is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// `workflow_run`.
    Run,
    /// `branch_protection_rule`.
    Protection,
    /// `repository_ruleset`.
    Ruleset,
    /// `member`.
    Member,
    /// `installation`, `installation_repositories`.
    Installation,
    /// `deploy_key`.
    DeployKey,
}

#[derive(Deserialize)]
struct Webhook<'a> {
    #[serde(borrow)]
    action: Option<Text<'a>>,
    #[serde(borrow)]
    repository: Option<Repository<'a>>,
    #[serde(borrow)]
    organization: Option<Account<'a>>,
    #[serde(borrow)]
    sender: Option<Account<'a>>,
    #[serde(borrow)]
    member: Option<Account<'a>>,
    #[serde(borrow)]
    workflow_run: Option<Run<'a>>,
    #[serde(borrow)]
    rule: Option<Named<'a>>,
    #[serde(borrow)]
    repository_ruleset: Option<Named<'a>>,
    #[serde(borrow)]
    key: Option<Named<'a>>,
    #[serde(borrow)]
    installation: Option<Installation<'a>>,
    #[serde(borrow, default)]
    repositories: Vec<Repository<'a>>,
    #[serde(borrow, default)]
    repositories_added: Vec<Repository<'a>>,
    #[serde(borrow)]
    changes: Option<Changes<'a>>,
}

#[derive(Deserialize)]
struct Account<'a> {
    #[serde(borrow)]
    login: Option<Text<'a>>,
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Run<'a> {
    id: Option<u64>,
    #[serde(borrow)]
    path: Option<Text<'a>>,
    #[serde(borrow)]
    event: Option<Text<'a>>,
    #[serde(borrow)]
    head_repository: Option<Repository<'a>>,
    #[serde(rename = "run_started_at")]
    started: Option<Moment>,
    created_at: Option<Moment>,
}

/// A branch protection rule, a ruleset or a deploy key.
#[derive(Deserialize)]
struct Named<'a> {
    id: Option<u64>,
    #[serde(borrow, alias = "title")]
    name: Option<Text<'a>>,
    updated_at: Option<Moment>,
    created_at: Option<Moment>,
}

#[derive(Deserialize)]
struct Installation<'a> {
    id: Option<u64>,
    #[serde(borrow)]
    account: Option<Account<'a>>,
    #[serde(borrow)]
    app_slug: Option<Text<'a>>,
    updated_at: Option<Moment>,
    created_at: Option<Moment>,
}

#[derive(Deserialize)]
struct Changes<'a> {
    #[serde(borrow)]
    permission: Option<Changed<'a>>,
    #[serde(borrow)]
    role_name: Option<Changed<'a>>,
}

#[derive(Deserialize)]
struct Changed<'a> {
    #[serde(borrow)]
    to: Option<Text<'a>>,
}

/// Decodes a webhook as the audit log's entry of the same deed.
pub(super) fn decode(record: &[u8], subject: Subject) -> Result<Outcome, Reason> {
    let webhook: Webhook<'_> = parse(record)?;
    let deed = webhook.action.as_ref().map_or("", |action| &action.0);
    let Some(action) = action(subject, deed) else {
        return Ok(Outcome::Ignored(format_compact!("github.{} {}", name(subject), cut(deed))));
    };
    let time = time(&webhook).ok_or_else(|| Reason {
        code: ReasonCode::MissingField,
        detail: format!("updated_at: nothing says when {} was done", name(subject)),
    })?;
    let about = repositories(&webhook);
    let mut events: SmallVec<[Event; 1]> = SmallVec::new();
    for repository in about.iter().map(Some).chain(about.is_empty().then_some(None)) {
        let act = act(&webhook, action, repository.cloned());
        let number = [
            webhook.workflow_run.as_ref().and_then(|run| run.id),
            webhook.rule.as_ref().or(webhook.repository_ruleset.as_ref()).and_then(|rule| rule.id),
            webhook.key.as_ref().and_then(|key| key.id),
            webhook.installation.as_ref().and_then(|installation| installation.id),
        ];
        let number = number.into_iter().flatten().map(|number| number.to_string()).collect::<Vec<_>>().join("/");
        let parts = [
            "github-webhook",
            action,
            &number,
            repository.map_or("", CompactString::as_str),
            act.organization.as_deref().unwrap_or_default(),
            act.actor.as_deref().unwrap_or_default(),
            act.member.as_deref().unwrap_or_default(),
            &time.to_string(),
        ];
        events.push(event(event_id(&parts), time, act));
    }
    Ok(Outcome::Events(events))
}

/// The opening of a repository as an act.
pub(super) fn opening(repository: CompactString, actor: Option<CompactString>, time: EventTime) -> Event {
    let id = event_id(&["github-webhook", "repo.access", &repository, &time.to_string()]);
    let owner = repository.split_once('/').map(|(owner, _)| owner.into());
    let act = RepositoryAct {
        action: CompactString::const_new("repo.access"),
        organization: owner,
        actor,
        visibility: Some(CompactString::const_new("public")),
        repository: Some(repository),
        ..RepositoryAct::default()
    };
    event(id, time, act)
}

fn event(id: picket_detectors::event::EventId, time: EventTime, act: RepositoryAct) -> Event {
    Event { id, tenant: TenantId::UNKNOWN, time, body: Body::RepositoryAct(Box::new(act)), signals: Vec::new() }
}

const fn name(subject: Subject) -> &'static str {
    match subject {
        Subject::Run => "workflow_run",
        Subject::Protection => "branch_protection_rule",
        Subject::Ruleset => "repository_ruleset",
        Subject::Member => "member",
        Subject::Installation => "installation",
        Subject::DeployKey => "deploy_key",
    }
}

/// What the audit log calls a deed; none for those that say nothing new.
fn action(subject: Subject, deed: &str) -> Option<&'static str> {
    Some(match (subject, deed) {
        (Subject::Run, "requested") => "workflows.created_workflow_run",
        (Subject::Protection, "created") => "protected_branch.create",
        (Subject::Protection, "edited") => "protected_branch.update",
        (Subject::Protection, "deleted") => "protected_branch.destroy",
        (Subject::Ruleset, "created") => "repository_ruleset.create",
        (Subject::Ruleset, "edited") => "repository_ruleset.update",
        (Subject::Ruleset, "deleted") => "repository_ruleset.destroy",
        (Subject::Member, "added") => "repo.add_member",
        (Subject::Member, "edited") => "repo.update_member",
        (Subject::Member, "removed") => "repo.remove_member",
        (Subject::Installation, "created") => "integration_installation.create",
        (Subject::Installation, "added") => "integration_installation.repositories_added",
        (Subject::Installation, "new_permissions_accepted") => "integration_installation.version_updated",
        (Subject::Installation, "deleted") => "integration_installation.destroy",
        (Subject::DeployKey, "created") => "public_key.create",
        (Subject::DeployKey, "deleted") => "public_key.delete",
        _ => return None,
    })
}

/// Deeds are words; what is longer is not GitHub's.
fn cut(deed: &str) -> CompactString {
    deed.chars().take(32).collect()
}

/// When it was done: a run says so; of the rest the newest time in the webhook, which is no later.
fn time(webhook: &Webhook<'_>) -> Option<EventTime> {
    if let Some(run) = &webhook.workflow_run {
        return first(&[run.started, run.created_at]);
    }
    let named = webhook.rule.as_ref().or(webhook.repository_ruleset.as_ref()).or(webhook.key.as_ref());
    let installation = webhook.installation.as_ref();
    let repository = webhook.repository.as_ref();
    let told = [
        named.and_then(|named| named.updated_at),
        named.and_then(|named| named.created_at),
        installation.and_then(|installation| installation.updated_at),
        installation.and_then(|installation| installation.created_at),
        repository.and_then(|repository| repository.updated_at),
        repository.and_then(|repository| repository.pushed_at),
    ];
    told.into_iter().flatten().filter_map(|moment| moment.0).max()
}

fn repositories(webhook: &Webhook<'_>) -> Vec<CompactString> {
    let listed = webhook.repositories.iter().chain(&webhook.repositories_added).take(MOST);
    let all = webhook.repository.iter().chain(listed);
    let mut names: Vec<CompactString> = all.filter_map(|repository| keep(repository.full_name.as_ref())).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn act(webhook: &Webhook<'_>, action: &str, repository: Option<CompactString>) -> RepositoryAct {
    let login = |account: Option<&Account<'_>>| account.and_then(|account| keep(account.login.as_ref()));
    let sender = webhook.sender.as_ref();
    let changed = webhook.changes.as_ref();
    let changed = changed.and_then(|changes| changes.role_name.as_ref().or(changes.permission.as_ref()));
    let run = webhook.workflow_run.as_ref();
    let path = run.and_then(|run| keep(run.path.as_ref()));
    let head = run.and_then(|run| run.head_repository.as_ref()).and_then(|head| keep(head.full_name.as_ref()));
    let owner = || repository.as_deref().and_then(|full| Some(full.split_once('/')?.0.into()));
    let subject = [
        webhook.rule.as_ref().or(webhook.repository_ruleset.as_ref()).and_then(|rule| keep(rule.name.as_ref())),
        webhook.installation.as_ref().and_then(|installation| keep(installation.app_slug.as_ref())),
        webhook.key.as_ref().and_then(|key| keep(key.name.as_ref())),
    ];
    RepositoryAct {
        action: action.into(),
        organization: login(webhook.organization.as_ref())
            .or_else(|| login(webhook.installation.as_ref().and_then(|installation| installation.account.as_ref())))
            .or_else(owner),
        actor: login(sender),
        bot: sender.and_then(|sender| sender.kind.as_ref()).is_some_and(|kind| kind.0 == "Bot"),
        member: login(webhook.member.as_ref()),
        role: changed.and_then(|changed| keep(changed.to.as_ref())),
        subject: subject.into_iter().flatten().next(),
        workflow: path.and_then(|path| workflow(&format!("{}/{path}", repository.as_deref()?))),
        trigger: run.and_then(|run| keep(run.event.as_ref())),
        of_fork: head.is_some() && repository.is_some() && head != repository,
        repository,
        ..RepositoryAct::default()
    }
}
