//! The audit log of organisations and enterprises on GitHub, as it is streamed, exported and given by the REST interface.
//!
//! The few hundred actions share their members; what differs is what they are called and which of the members they have.

use super::Context;
use super::envelope::{address, cut, derived, event_id, name};
use super::json;
use super::leaf::{Leaf, List, Part, object};
use super::outcome::ReasonCode;
use super::refusal::{Decision, Refusal, one};
use super::time;
use compact_str::{CompactString, format_compact};
use picket_detectors::event::{
    Agent, Body, Event, EventId, EventTime, Place, RepositoryAct, RepositoryOpened, TenantId,
};
use std::borrow::Cow;

object! {
    /// One entry.
    Entry<'a> {
        action: Leaf<'a> = "action",
        id: Leaf<'a> = "_document_id",
        timestamp: Leaf<'a> = "@timestamp" | "at_sign_timestamp" | "at_timestamp",
        created: Leaf<'a> = "created_at",
        actor: Leaf<'a> = "actor",
        is_bot: Leaf<'a> = "actor_is_bot",
        address: Leaf<'a> = "actor_ip",
        location: Part<'a, Location<'a>> = "actor_location",
        agent: Leaf<'a> = "user_agent",
        organization: Leaf<'a> = "org",
        repository: Leaf<'a> = "repo",
        member: Leaf<'a> = "user",
        invitee: Leaf<'a> = "invitee" | "email",
        permission: Leaf<'a> = "permission",
        role: Leaf<'a> = "role" | "new_role",
        visibility: Leaf<'a> = "visibility",
        access: Leaf<'a> = "access",
        name: Leaf<'a> = "name" | "integration" | "ruleset_name",
        branch: Leaf<'a> = "branch",
        environment: Leaf<'a> = "environment_name",
        repositories: List<'a, Leaf<'a>> = "repositories_added_names",
        workflow: Leaf<'a> = "job_workflow_ref",
        run: Leaf<'a> = "workflow_run_id",
        job: Leaf<'a> = "job_name",
        trigger: Leaf<'a> = "event",
        secrets: List<'a, Leaf<'a>> = "secrets_passed",
    }
}
object! {
    /// Where the actor was.
    Location<'a> { country: Leaf<'a> = "country_code" }
}

/// What people do with code all day, and calls of the interface: none of it changes who may sign in.
const DAILY_WORK: [&str; 8] =
    ["git.", "api.", "pull_request", "issue", "discussion", "packages.", "commit_comment.", "project"];
/// Runs are told by their jobs, which alone name the workflow; these say only that one ended.
const ENDED: &str = "workflows.completed_workflow_run";
/// The most secrets and repositories that are read of one entry.
const MOST: usize = 64;

/// Decodes one entry.
pub(super) fn decode(text: &str, _: &Context) -> Decision {
    let entry: Part<'_, Entry<'_>> =
        json::parse(text).map_err(|_| Refusal::dead(ReasonCode::Malformed, "not JSON".to_owned()))?;
    let Some(entry) = entry.get() else { return Err(Refusal::missing("action")) };
    let action = entry.action.text().map(|action| cut(&action, 128)).ok_or_else(|| Refusal::missing("action"))?;
    if !action.contains('.') {
        return Err(Refusal::dead(ReasonCode::UnknownShape, "action is no category and deed".to_owned()));
    }
    if action == ENDED || DAILY_WORK.iter().any(|work| action.starts_with(work)) {
        return Err(Refusal::ignored(&format!("GitHubAudit {action}")));
    }
    let time = moment(&entry.timestamp)
        .or_else(|| moment(&entry.created))
        .ok_or_else(|| if is_timed(entry) { Refusal::bad("@timestamp") } else { Refusal::missing("@timestamp") })?;
    let repositories = repositories(entry);
    let id = event_id(&entry.id, || derived_id(entry, &repositories, time));
    let mut events: smallvec::SmallVec<[Event; 1]> = smallvec::SmallVec::new();
    for (place, repository) in repositories.iter().enumerate() {
        let id = if place == 0 { id.clone() } else { derived(&[id.to_string().into(), Cow::Borrowed(repository)]) };
        events.push(event(id, time, Body::RepositoryAct(Box::new(act(entry, &action, Some(repository.clone()))))));
        if is_opening(entry, &action) {
            let id = derived(&["repository opened".into(), Cow::Borrowed(repository), time.to_string().into()]);
            let body = Body::RepositoryOpened(RepositoryOpened { repository: repository.clone() });
            events.push(event(id, time, body));
        }
    }
    if events.is_empty() {
        return Ok(one(event(id, time, Body::RepositoryAct(Box::new(act(entry, &action, None))))));
    }
    Ok(events)
}

fn event(id: EventId, time: EventTime, body: Body) -> Event {
    Event { id, tenant: TenantId::UNKNOWN, time, body, signals: Vec::new() }
}

/// The repositories that the entry is about, with their owner before them.
fn repositories(entry: &Entry<'_>) -> Vec<CompactString> {
    let organization = entry.organization.text().unwrap_or_default();
    let full = |repository: &str| {
        let repository = cut(repository, 256);
        if repository.contains('/') || organization.is_empty() {
            repository
        } else {
            format_compact!("{organization}/{repository}")
        }
    };
    let named = entry.repository.text().map(|repository| full(&repository));
    let added = entry.repositories.items().iter().take(MOST).filter_map(Leaf::text);
    let mut all: Vec<CompactString> = named.into_iter().chain(added.map(|repository| full(&repository))).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn act(entry: &Entry<'_>, action: &CompactString, repository: Option<CompactString>) -> RepositoryAct {
    let owner = || repository.as_deref().and_then(|full| Some(full.split_once('/')?.0.into()));
    RepositoryAct {
        action: action.clone(),
        organization: name(&entry.organization).or_else(owner),
        actor: name(&entry.actor),
        bot: entry.is_bot.truth().unwrap_or_default()
            || entry.actor.text().is_some_and(|actor| actor.ends_with("[bot]")),
        member: name(&entry.member).or_else(|| name(&entry.invitee)),
        role: name(&entry.permission).or_else(|| name(&entry.role)),
        visibility: name(&entry.visibility).or_else(|| name(&entry.access)),
        subject: name(&entry.name).or_else(|| name(&entry.branch)).or_else(|| name(&entry.environment)),
        workflow: entry.workflow.text().and_then(|reference| workflow(&reference)),
        trigger: name(&entry.trigger),
        of_fork: false,
        secrets: entry.secrets.items().iter().take(MOST).filter_map(name).collect(),
        place: Place { address: address(&entry.address), country: country(entry), ..Place::default() },
        agent: entry.agent.text().map(|agent| Agent::new(&agent)).unwrap_or_default(),
        repository,
    }
}

/// The workflow without the branch, tag or commit that it was taken from.
pub(super) fn workflow(reference: &str) -> Option<CompactString> {
    let path = reference.split('@').next().unwrap_or_default();
    (!path.is_empty()).then(|| cut(path, 256).to_lowercase())
}

fn country(entry: &Entry<'_>) -> Option<[u8; 2]> {
    let text = entry.location.get()?.country.text()?;
    let code: [u8; 2] = text.as_bytes().try_into().ok()?;
    code.iter().all(u8::is_ascii_alphabetic).then(|| code.map(|letter| letter.to_ascii_uppercase()))
}

fn is_opening(entry: &Entry<'_>, action: &str) -> bool {
    let is_public = |leaf: &Leaf<'_>| leaf.text().is_some_and(|text| text.eq_ignore_ascii_case("public"));
    matches!(action, "repo.access" | "repo.change_visibility")
        && (is_public(&entry.visibility) || is_public(&entry.access))
}

/// Milliseconds since 1970 as GitHub writes them, seconds as some exports do, or a time in words.
fn moment(leaf: &Leaf<'_>) -> Option<EventTime> {
    const MILLISECONDS_FROM: u64 = 100_000_000_000;
    let Some(number) = leaf.number::<i64>() else { return leaf.text().and_then(|text| time::parse(&text)) };
    let unit = if number.unsigned_abs() >= MILLISECONDS_FROM { EventTime::SECOND / 1_000 } else { EventTime::SECOND };
    number.checked_mul(unit).map(EventTime::from_micros)
}

fn is_timed(entry: &Entry<'_>) -> bool {
    entry.timestamp.is_present() || entry.created.is_present()
}

/// Older exports have no id: what was done to what, by whom and when tells one entry from the next.
fn derived_id(entry: &Entry<'_>, repositories: &[CompactString], time: EventTime) -> EventId {
    let text = |leaf: &'_ Leaf<'_>| Cow::Owned(leaf.text().unwrap_or_default().into_owned());
    let leaves = [
        &entry.action,
        &entry.actor,
        &entry.organization,
        &entry.member,
        &entry.name,
        &entry.branch,
        &entry.run,
        &entry.job,
    ];
    let mut parts: Vec<Cow<'_, str>> = vec!["github-audit".into(), time.to_string().into()];
    parts.extend(leaves.into_iter().map(text));
    parts.extend(repositories.iter().map(|repository| Cow::Borrowed(repository.as_str())));
    derived(&parts)
}

#[cfg(test)]
mod tests {
    use super::{EventTime, moment, workflow};
    use crate::decode::leaf::Leaf;

    #[test]
    fn a_moment_comes_as_a_number_or_as_text() {
        let expected = EventTime::from_civil(2021, 5, 18, 2, 31, 58, 0);
        for leaf in [
            Leaf::Whole(1_621_305_118_000),
            Leaf::Whole(1_621_305_118),
            Leaf::Text("1621305118000".into()),
            Leaf::Text("2021-05-18 02:31:58.000".into()),
        ] {
            assert_eq!(moment(&leaf), expected, "{leaf:?}");
        }
        for leaf in [Leaf::Whole(i64::MAX), Leaf::Text("soon".into()), Leaf::Absent, Leaf::Wrong] {
            assert_eq!(moment(&leaf), None, "{leaf:?}");
        }
    }

    #[test]
    fn a_workflow_is_the_same_on_every_branch() {
        let expected = Some("contoso/shop/.github/workflows/deploy.yml");
        for branch in ["main", "feature"] {
            let found = workflow(&format!("Contoso/shop/.github/workflows/deploy.yml@refs/heads/{branch}"));
            assert_eq!(found.as_deref(), expected);
        }
        assert_eq!(workflow(""), None);
    }
}
