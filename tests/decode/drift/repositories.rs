//! Entries of GitHub's audit log, and webhooks that tell the same.

use crate::samples::*;
use picket::decode::{Outcome, ReasonCode};
use picket_detectors::event::{Body, RepositoryAct};
use serde_json::{Value, json};

fn entry() -> Value {
    json!({
        "@timestamp": 1_777_885_209_123_i64, "_document_id": "pCtl2n0J8njxnR8oUOEpuw", "action": "repo.update_member",
        "actor": "octocat", "actor_id": 7, "actor_ip": "203.0.113.7", "actor_location": {"country_code": "nl"},
        "created_at": 1_777_885_209_123_i64, "operation_type": "modify", "org": "contoso", "org_id": 9,
        "repo": "contoso/shop", "user": "newcomer", "permission": "admin", "user_agent": "Mozilla/5.0",
    })
}

fn act(record: &Value) -> RepositoryAct {
    match event(record).body {
        Body::RepositoryAct(act) => *act,
        other => panic!("no act: {other:?}"),
    }
}

#[test]
fn an_entry_is_read_whole() {
    let told = event(&entry());
    assert_eq!(
        (told.time.to_string().as_str(), told.id.to_string().as_str()),
        ("2026-05-04T09:00:09.123Z", "pCtl2n0J8njxnR8oUOEpuw")
    );
    let act = act(&entry());
    let texts = [&act.repository, &act.organization, &act.actor, &act.member, &act.role].map(|text| text.as_deref());
    assert_eq!(texts, ["contoso/shop", "contoso", "octocat", "newcomer", "admin"].map(Some));
    assert_eq!((&*act.action, act.bot, act.place.country_code()), ("repo.update_member", false, Some("NL")));
    assert_eq!(act.place.address, "203.0.113.7".parse().ok());
}

#[test]
fn exports_differ_in_times_and_in_what_is_missing() {
    let bare = without(entry(), "/@timestamp");
    for (time, expected) in [
        (json!(1_777_885_209_123_i64), "2026-05-04T09:00:09.123Z"),
        (json!("2026-05-04 09:00:09.123"), "2026-05-04T09:00:09.123Z"),
        (json!("2026-05-04T09:00:09Z"), "2026-05-04T09:00:09Z"),
        (json!(1_777_885_209), "2026-05-04T09:00:09Z"),
    ] {
        assert_eq!(event(&with(bare.clone(), "/created_at", time)).time.to_string(), expected);
    }
    let named = with(entry(), "/repo", json!("shop"));
    assert_eq!(act(&named).repository.as_deref(), Some("contoso/shop"));
    let nameless = without(without(entry(), "/_document_id"), "/org");
    assert_eq!(act(&nameless).organization.as_deref(), Some("contoso"));
    let other = with(nameless.clone(), "/user", json!("somebody"));
    assert_ne!(event(&nameless).id, event(&other).id, "whom it was done to tells entries apart");
    assert_eq!(event(&nameless).id, event(&with(nameless, "/user_agent", json!("x"))).id);
}

#[test]
fn an_app_that_is_let_into_several_repositories_is_an_act_in_each() {
    let record = with(with(entry(), "/repositories_added_names", json!(["contoso/b", "a", 7])), "/repo", json!(null));
    let Outcome::Events(events) = outcome(&record) else { panic!("no events") };
    let names: Vec<_> = events
        .iter()
        .map(|event| match &event.body {
            Body::RepositoryAct(act) => act.repository.as_deref().unwrap_or_default(),
            other => panic!("no act: {other:?}"),
        })
        .collect();
    assert_eq!(names, ["contoso/7", "contoso/a", "contoso/b"]);
    assert!(events[0].id != events[1].id && events[1].id != events[2].id);
}

#[test]
fn a_repository_that_is_opened_is_an_act_and_exposes_what_was_found_in_it() {
    let access = |visibility: &str| {
        let record = with(with(entry(), "/action", json!("repo.access")), "/visibility", json!(visibility));
        match outcome(&record) {
            Outcome::Events(events) => events.into_iter().map(|event| event.body.category()).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(access("public"), ["GitHubAudit", "RepositoryOpened"]);
    assert_eq!(access("private"), ["GitHubAudit"]);
}

#[test]
fn a_run_names_its_workflow_without_the_branch() {
    let run = json!({
        "@timestamp": 1_777_885_209_123_i64, "action": "workflows.prepared_workflow_job", "org": "contoso",
        "repo": "contoso/shop", "job_name": "deploy", "workflow_run_id": 7, "secrets_passed": ["A", "B", null],
        "job_workflow_ref": "Contoso/shop/.github/workflows/Deploy.yml@refs/heads/main", "actor": "dependabot[bot]",
    });
    let act = act(&run);
    assert_eq!(act.workflow.as_deref(), Some("contoso/shop/.github/workflows/deploy.yml"));
    assert_eq!((act.secrets.len(), act.bot), (2, true));
}

#[test]
fn daily_work_is_ignored_by_name_and_what_cannot_be_read_is_buried() {
    for action in ["git.clone", "api.request", "pull_request.merge", "workflows.completed_workflow_run"] {
        assert_eq!(ignored(&with(entry(), "/action", json!(action))), format!("GitHubAudit {action}"));
    }
    assert_eq!(dead(&with(entry(), "/action", json!("update"))).0, ReasonCode::UnknownShape);
    assert_eq!(dead(&with(entry(), "/action", json!({}))), (ReasonCode::MissingField, "action".to_owned()));
    let timeless = without(without(entry(), "/@timestamp"), "/created_at");
    assert_eq!(dead(&timeless), (ReasonCode::MissingField, "@timestamp".to_owned()));
    let garbled = with(without(entry(), "/@timestamp"), "/created_at", json!("2024-12-17 00:00:00000000"));
    assert_eq!(dead(&garbled), (ReasonCode::BadField, "@timestamp".to_owned()));
}

#[test]
fn webhooks_tell_the_same_as_the_audit_log() {
    let repository =
        json!({"full_name": "contoso/shop", "updated_at": "2026-05-04T09:00:00Z", "pushed_at": "2026-05-04T10:00:00Z"});
    let sender = json!({"login": "octocat", "type": "User"});
    let rule = json!({"action": "deleted", "rule": {"id": 7, "name": "main", "updated_at": "2025-01-01T00:00:00Z"},
        "repository": repository, "sender": sender});
    let told = act(&rule);
    assert_eq!(
        (&*told.action, told.subject.as_deref(), told.actor.as_deref()),
        ("protected_branch.destroy", Some("main"), Some("octocat"))
    );
    assert_eq!(event(&rule).time.to_string(), "2026-05-04T10:00:00Z", "the newest time, which is no later");
    let member = json!({"action": "edited", "member": {"login": "newcomer"}, "changes": {"permission": {"to": "admin"}},
        "repository": repository, "sender": {"login": "bot", "type": "Bot"}});
    let told = act(&member);
    assert_eq!((&*told.action, told.role.as_deref(), told.bot), ("repo.update_member", Some("admin"), true));
    let run = json!({"action": "requested", "workflow_run": {"id": 1, "path": ".github/workflows/Test.yml",
        "event": "pull_request_target", "head_repository": {"full_name": "stranger/shop"}, "created_at": "2026-05-04T09:00:00Z"},
        "workflow": {}, "repository": repository, "sender": sender});
    let told = act(&run);
    assert_eq!(told.workflow.as_deref(), Some("contoso/shop/.github/workflows/test.yml"));
    assert_eq!((told.trigger.as_deref(), told.of_fork), (Some("pull_request_target"), true));
    let timeless = json!({"action": "added", "member": {"login": "x"}, "repository": {"full_name": "contoso/shop"}, "sender": sender});
    assert_eq!(dead(&timeless).0, ReasonCode::MissingField);
    let team = json!({"action": "added", "member": {"login": "x"}, "team": {}, "organization": {"login": "contoso"}, "sender": sender});
    assert_eq!(ignored(&team), "github.organization");
}
