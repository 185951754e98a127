//! Code feeds as a whole. Secrets are made at run time.

use super::{decode_record, is_code_feed};
use crate::decode::{Context, Limits, Outcome, ReasonCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use picket_detectors::event::{AlertState, Body, CodeFinding, Event, EventTime, Exposure, RepositoryOpened, TenantId};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

const APP: &str = "7d3c1a52-0e4f-4b6a-9c8d-5f1e2a3b4c5d";
const TENANT: &str = "c9a7b8d6-1f2e-4d3c-8b5a-6e7f8091a2b3";
const ENTRA: &str = "azure_active_directory_application_secret";

fn context() -> Context {
    Context { default_tenant: TenantId::UNKNOWN, limits: Limits::default(), scrubber: Arc::default() }
}

/// The published test vector: its checksum holds, and it opens nothing.
fn secret() -> String {
    format!("zzz8Q~{}blP", "z".repeat(31))
}

/// A secret of the older form.
fn older_secret() -> String {
    ["kP3", "7Q~", "mW9tR2vB7nL5cD8", "fG1hJ4qS6xZ0aYk"].concat() + "T"
}

fn decode(record: &str) -> Outcome {
    assert!(is_code_feed(record.as_bytes()), "not taken for a code feed: {record}");
    decode_record(record.as_bytes(), &context())
}

fn events(record: &str) -> Vec<Event> {
    match decode(record) {
        Outcome::Events(events) => events.into_vec(),
        other => panic!("{other:?} of {record}"),
    }
}

fn finding(event: &Event) -> &CodeFinding {
    match &event.body {
        Body::CodeFinding(finding) => finding,
        other => panic!("{other:?}"),
    }
}

fn ignored(record: &str) -> String {
    match decode(record) {
        Outcome::Ignored(rule) => rule.into(),
        other => panic!("{other:?} of {record}"),
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("text is JSON")
}

fn alert_webhook(action: &str, alert_more: &str, more: &str) -> String {
    format!(
        r#"{{"action":"{action}","alert":{{"number":42,"secret_type":"{ENTRA}","state":"open","validity":"active",
        "publicly_leaked":false,"created_at":"2026-03-01T10:00:00Z","updated_at":"2026-03-02T11:00:00Z",
        "html_url":"https://github.com/contoso/shop/security/secret-scanning/42"{alert_more}}}{more},
        "repository":{{"full_name":"contoso/shop","private":true,"visibility":"internal"}},"sender":{{"login":"x"}}}}"#
    )
}

#[test]
fn each_action_of_an_alert_has_its_meaning() {
    for (action, state) in [
        ("created", AlertState::Open),
        ("reopened", AlertState::Open),
        ("publicly_leaked", AlertState::Open),
        ("validated", AlertState::Open),
        ("resolved", AlertState::Resolved),
        ("revoked", AlertState::Resolved),
    ] {
        let events = events(&alert_webhook(action, "", ""));
        let [event] = events.as_slice() else { panic!("one event for {action}") };
        let finding = finding(event);
        assert_eq!((finding.state, finding.rule.as_str()), (state, "entra-client-secret"), "{action}");
        assert_eq!(event.time.to_string(), "2026-03-02T11:00:00Z");
        assert_eq!(finding.exposed_at.map(|t| t.to_string()).as_deref(), Some("2026-03-01T10:00:00Z"));
        assert_eq!((finding.valid, finding.exposure), (Some(true), Exposure::Internal));
        assert_eq!(finding.repository.as_deref(), Some("contoso/shop"));
        assert_eq!((event.tenant.clone(), &finding.fingerprint), (TenantId::UNKNOWN, &None));
    }
    for (action, rule) in [("assigned", "assigned"), ("unassigned", "unassigned"), ("sung", "other")] {
        assert_eq!(ignored(&alert_webhook(action, "", "")), format!("github.secret_scanning_alert.{rule}"));
    }
}

#[test]
fn another_sort_of_secret_is_ignored_by_its_name() {
    let record = alert_webhook("created", "", "").replace(ENTRA, "adafruit_io_key");
    assert_eq!(ignored(&record), "secret type adafruit_io_key");
}

#[test]
fn a_public_leak_is_public_whatever_the_repository_is() {
    let record =
        alert_webhook("publicly_leaked", "", "").replace(r#""publicly_leaked":false"#, r#""publicly_leaked":true"#);
    assert_eq!(finding(&events(&record)[0]).exposure, Exposure::Public);
}

#[test]
fn two_acts_on_one_alert_are_two_events_and_a_repeated_delivery_is_one() {
    let id = |record: &str| events(record)[0].id.clone();
    let created = alert_webhook("created", "", "");
    assert_eq!(id(&created), id(&format!(" {created} ")));
    assert_ne!(id(&created), id(&alert_webhook("reopened", "", "")));
    assert_ne!(id(&created), id(&created.replace("2026-03-02", "2026-03-03")));
    assert_ne!(id(&created), id(&created.replace("42", "43")));
}

#[test]
fn a_warning_that_was_passed_over_is_told_and_dates_the_exposure() {
    let more = r#","push_protection_bypassed":true,"push_protection_bypassed_at":"2026-02-28T09:00:00Z""#;
    let events = events(&alert_webhook("created", more, ""));
    let found = finding(&events[0]);
    assert!(found.bypassed);
    assert_eq!(found.exposed_at.map(|t| t.to_string()).as_deref(), Some("2026-02-28T09:00:00Z"));
    assert_eq!(events[0].time.to_string(), "2026-03-02T11:00:00Z");
}

/// One element of DER.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, 0x82, (content.len() >> 8) as u8, content.len() as u8][..], content].concat()
}

/// A private key and a certificate that have the same public part: the bones of both, nothing else in them.
fn key_and_certificate() -> (String, String) {
    let modulus: Vec<u8> = (1..=255).collect();
    let public = der(0x30, &[der(2, &modulus), der(2, &[1, 0, 1])].concat());
    let key = der(0x30, &[der(2, &[0]), der(2, &modulus), der(2, &[1, 0, 1]), der(2, &modulus)].concat());
    let info = der(0x30, &[der(0x30, &[]), der(3, &[&[0][..], &public].concat())].concat());
    let empty = der(0x30, &[]);
    let signed = der(0x30, &[der(2, &[7]), empty.clone(), empty.clone(), empty.clone(), empty, info].concat());
    let pem = |label: &str, der: &[u8]| {
        let body = STANDARD.encode(der);
        let lines: Vec<&str> =
            body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    };
    (pem("RSA PRIVATE KEY", &key), pem("CERTIFICATE", &der(0x30, &signed)))
}

#[test]
fn a_pushed_private_key_is_told_of_with_the_thumbprint_of_its_certificate() {
    let (key, certificate) = key_and_certificate();
    let patch = |text: &str| text.lines().flat_map(|line| ["+", line, "\n"]).collect::<String>();
    let push = |diff: &str| {
        format!(
            r#"{{"ref":"refs/heads/main","after":"c0ffee","head_commit":{{"id":"c0ffee","message":"m",
            "timestamp":"2026-03-02T11:00:00Z","patch":{}}},"commits":[],"sender":{{}},
            "repository":{{"full_name":"contoso/shop","private":false}}}}"#,
            quoted(&format!("+++ b/spn.pem\n@@ -0,0 +1,40 @@\n{diff}"))
        )
    };
    let events = events(&push(&(patch(&key) + &patch(&certificate))));
    let [event] = events.as_slice() else { panic!("one finding expected") };
    let found = finding(event);
    assert_eq!((found.rule.as_str(), found.thumbprint.as_deref().map(str::len)), ("private-key", Some(40)));
    assert_eq!(found.thumbprint_sha256.as_deref().map(str::len), Some(64));
    // Without a certificate or a client id it may be anybody's.
    assert_eq!(ignored(&push(&patch(&key))), "push without a finding");
}

#[test]
fn a_repository_that_is_opened_is_told_of_and_its_other_acts_are_not() {
    let webhook = |action: &str| {
        format!(
            r#"{{"action":"{action}","repository":{{"full_name":"contoso/shop","private":false,
            "updated_at":"2026-03-02T11:00:00Z"}},"sender":{{}}}}"#
        )
    };
    let events = events(&webhook("publicized"));
    assert_eq!(events[1].body, Body::RepositoryOpened(RepositoryOpened { repository: "contoso/shop".into() }));
    assert!(matches!(&events[0].body, Body::RepositoryAct(act) if act.action == "repo.access"), "{events:?}");
    assert_eq!(events[1].time.to_string(), "2026-03-02T11:00:00Z");
    assert_eq!(ignored(&webhook("renamed")), "github.repository");
}

#[test]
fn a_location_adds_where_the_secret_is() {
    let location = r#","location":{"type":"commit","details":{"path":"deploy/.env","start_line":7,"end_line":7,
        "blob_sha":"b","commit_sha":"c0ffee","html_url":"https://github.com/contoso/shop/blob/c0ffee/deploy/.env#L7"}}"#;
    let events = events(&alert_webhook("created", "", location));
    let found = finding(&events[0]);
    assert_eq!(
        (found.path.as_deref(), found.line, found.commit.as_deref()),
        (Some("deploy/.env"), Some(7), Some("c0ffee"))
    );
    let issue = r#","location":{"type":"issue_title","details":{"issue_title_url":"https://api.github.com/x"}}"#;
    assert_eq!(finding(&self::events(&alert_webhook("created", "", issue))[0]).path, None);
}

#[test]
fn the_secret_of_a_rest_alert_leaves_hint_and_fingerprint_only() {
    for (secret, proven) in [(secret(), true), (older_secret(), false), (format!("q?+{}", "aB3/".repeat(8)), false)] {
        let record = format!(
            r#"{{"number":7,"created_at":"2026-03-01T10:00:00Z","updated_at":null,"state":"resolved","resolution":"revoked",
            "html_url":"https://github.com/contoso/shop/security/secret-scanning/7","secret_type":"{ENTRA}",
            "secret":"{secret}","validity":"inactive","has_more_locations":true,
            "first_location_detected":{{"path":"a.yml","start_line":3,"commit_sha":"f00d"}}}}"#
        );
        let events = events(&record);
        let found = finding(&events[0]);
        assert_eq!(found.hint.as_deref(), secret.get(..3));
        assert_eq!((found.proven, found.valid, found.state), (proven, Some(false), AlertState::Resolved));
        assert_eq!((found.repository.as_deref(), found.path.as_deref()), (Some("contoso/shop"), Some("a.yml")));
        assert_eq!(found.exposure, Exposure::Unknown);
        assert!(!format!("{events:?}").contains(secret.get(3..).expect("a secret")));
    }
}

#[test]
fn an_alert_without_any_time_says_what_it_lacks() {
    let record = format!(r#"{{"number":7,"secret_type":"{ENTRA}"}}"#);
    let Outcome::Dead(reason) = decode(&record) else { panic!("no dead letter") };
    assert_eq!(reason.code, ReasonCode::MissingField);
    assert!(reason.detail.contains("alert.updated_at"));
}

/// A push of one commit whose file has this patch.
fn push(patch: &str) -> String {
    format!(
        r#"{{"ref":"refs/heads/main","before":"0","after":"deadbeef","forced":false,"commits":[{{"id":"deadbeef",
        "message":"Add deployment","timestamp":"2026-04-05T12:00:00+02:00","url":"https://github.com/contoso/shop/commit/deadbeef",
        "files":[{{"filename":"deploy/prod.env","status":"modified","patch":{}}}]}}],
        "head_commit":{{"id":"deadbeef","timestamp":"2026-04-05T12:00:00+02:00"}},
        "repository":{{"full_name":"contoso/shop","private":false,"pushed_at":1775383300}},"sender":{{"login":"x"}}}}"#,
        quoted(patch)
    )
}

fn env_patch(secret: &str) -> String {
    format!(
        "@@ -10,2 +10,5 @@\n KEEP=1\n+AZURE_TENANT_ID={TENANT}\n+AZURE_CLIENT_ID={APP}\n+AZURE_CLIENT_SECRET={secret}\n LAST=1"
    )
}

#[test]
fn a_planted_secret_gives_one_finding_with_its_place() {
    let events = events(&push(&env_patch(&secret())));
    let [event] = events.as_slice() else { panic!("{events:?}") };
    let found = finding(event);
    assert_eq!(
        (found.path.as_deref(), found.line, found.commit.as_deref()),
        (Some("deploy/prod.env"), Some(13), Some("deadbeef"))
    );
    assert_eq!(found.apps.iter().map(ToString::to_string).collect::<Vec<_>>(), [APP]);
    assert_eq!((event.tenant.to_string().as_str(), found.hint.as_deref()), (TENANT, Some("zzz")));
    assert_eq!((found.proven, found.exposure, found.state), (true, Exposure::Public, AlertState::Open));
    assert_eq!((event.time.to_string(), found.exposed_at), ("2026-04-05T10:00:00Z".to_owned(), Some(event.time)));
    assert_eq!(found.feed, "github.push");
    assert!(found.fingerprint.as_ref().is_some_and(|fingerprint| fingerprint.len() == 32));
}

#[test]
fn a_scrubbed_body_gives_the_same_events_as_the_raw_one() {
    let raw = push(&env_patch(&secret()));
    let scrubbed = context().scrubber.scrub_text(&raw).into_owned();
    assert_ne!(raw, scrubbed);
    assert_eq!(decode(&raw), decode(&scrubbed));
}

#[test]
fn one_secret_is_one_finding_and_added_lines_tell_most() {
    let patch = format!("@@ -5 +1 @@\n-id={APP} secret={s}\n+id={APP}  secret={s}", s = secret());
    let found = events(&push(&patch));
    assert_eq!(found.len(), 1);
    assert_eq!(finding(&found[0]).line, Some(1));
    let two = format!("{}\n+B={}", env_patch(&secret()).replace("+10,5", "+10,6"), older_secret());
    assert_eq!(events(&push(&two)).len(), 2);
}

#[test]
fn who_can_see_a_repository_is_told_in_two_ways() {
    for (members, exposure) in [
        (r#""visibility":"public""#, Exposure::Public),
        (r#""visibility":"private""#, Exposure::Internal),
        (r#""visibility":"internal","private":false"#, Exposure::Internal),
        (r#""visibility":"else","private":true"#, Exposure::Internal),
        (r#""private":true"#, Exposure::Internal),
        (r#""private":false"#, Exposure::Public),
        (r#""visibility":"else""#, Exposure::Unknown),
        ("", Exposure::Unknown),
    ] {
        let record = format!("{{{members}}}");
        let repository: super::github::Repository<'_> = serde_json::from_str(&record).expect("JSON");
        assert_eq!(repository.exposure(), exposure, "{members}");
    }
}

#[test]
fn a_removed_line_is_still_a_leak_and_a_kept_one_is_old_news() {
    let removed = format!("@@ -4,2 +4,1 @@\n kept\n-client_id={APP} secret={}", secret());
    assert_eq!(finding(&events(&push(&removed))[0]).line, Some(5));
    let kept = format!("@@ -4,1 +4,2 @@\n client_id={APP} secret={}\n+new", secret());
    assert_eq!(ignored(&push(&kept)), "push without a finding");
}

#[test]
fn an_unmarked_secret_counts_near_a_client_id_only() {
    let legacy = ["kP3+", "mW9t", "R2/v", "B7nL", "5cD8", "fG1h", "J4qS", "6xZ0", "aYu="].concat();
    let with_id = format!("@@ -0,0 +1,2 @@\n+client_id: {APP}\n+client_secret: {legacy}");
    let found = events(&push(&with_id));
    assert_eq!((found.len(), finding(&found[0]).proven), (1, false));
    let without = format!("@@ -0,0 +1 @@\n+client_secret: {legacy}");
    assert_eq!(ignored(&push(&without)), "push without a finding");
}

#[test]
fn a_secret_without_a_client_id_still_has_its_hint() {
    let found = events(&push(&format!("@@ -0,0 +1 @@\n+{}", secret())));
    assert_eq!((finding(&found[0]).apps.len(), finding(&found[0]).hint.as_deref()), (0, Some("zzz")));
}

#[test]
fn whole_diffs_and_messages_are_read_too() {
    let diff = format!(
        "diff --git a/x b/y.tf\n--- a/x\n+++ b/y.tf\n@@ -0,0 +1,2 @@\n+client_id = \"{APP}\"\n+s = \"{}\"\n",
        secret()
    );
    for (member, line, path) in
        [("patch", Some(2), Some("y.tf")), ("diff", Some(2), Some("y.tf")), ("message", None, None)]
    {
        let text = if member == "message" { format!("Rotate {} of {APP}", secret()) } else { diff.clone() };
        let record = format!(
            r#"{{"ref":"r","commits":[{{"id":"c1","{member}":{}}}],"repository":{{"full_name":"a/b","pushed_at":"2026-04-05T10:00:00Z"}}}}"#,
            quoted(&text)
        );
        let record = record.replace(r#""ref":"r""#, r#""ref":"r","head_commit":null,"sender":{}"#);
        let found = events(&record);
        assert_eq!((finding(&found[0]).line, finding(&found[0]).path.as_deref()), (line, path), "{member}");
        assert_eq!(finding(&found[0]).apps.len(), 1, "{member}");
    }
}

#[test]
fn archived_pushes_old_and_new_are_read() {
    let archived = |payload: &str, kind: &str| {
        format!(
            r#"{{"id":"1","type":"{kind}","actor":{{"login":"x"}},"repo":{{"id":1,"name":"contoso/shop"}},"public":true,
            "created_at":"2026-04-05T10:00:00Z","payload":{payload}}}"#
        )
    };
    let old = format!(
        r#"{{"push_id":1,"size":1,"commits":[{{"sha":"c0ffee","message":"key {} for {APP}","url":"u"}}]}}"#,
        secret()
    );
    let found = events(&archived(&old, "PushEvent"));
    assert_eq!(finding(&found[0]).commit.as_deref(), Some("c0ffee"));
    assert_eq!((finding(&found[0]).exposure, finding(&found[0]).feed.as_str()), (Exposure::Public, "gharchive.push"));
    let new = r#"{"repository_id":1,"push_id":1,"ref":"r","head":"h","before":"b"}"#;
    assert_eq!(ignored(&archived(new, "PushEvent")), "push without a finding");
    assert_eq!(ignored(&archived("{}", "WatchEvent")), "gharchive.WatchEvent");
}

#[test]
fn webhook_and_archive_tell_of_the_same_push_by_the_same_id() {
    let webhook = format!(
        r#"{{"ref":"r","commits":[{{"id":"c1","message":"{s}","timestamp":"2026-04-05T10:00:00Z"}}],"sender":{{}},
        "head_commit":null,"repository":{{"full_name":"a/b"}}}}"#,
        s = secret()
    );
    let archived = format!(
        r#"{{"type":"PushEvent","actor":{{}},"repo":{{"name":"a/b"}},"created_at":"2026-04-05T10:00:09Z",
        "payload":{{"commits":[{{"sha":"c1","message":"{s}"}}]}}}}"#,
        s = secret()
    );
    assert_eq!(events(&webhook)[0].id, events(&archived)[0].id);
}

#[test]
fn what_is_of_another_kind_is_left_alone() {
    for record in [
        r#"{"category":"ServicePrincipalSignInLogs","properties":{"sender":1}}"#,
        r#"{"payload":"sender","sender":"x"}"#,
        r#"{"sender":{"alert":1}"#,
        r#"[{"sender":{},"repository":{}}]"#,
        "",
        "null",
        r#"{"alert":7,"repository":{},"sender":{}}"#,
    ] {
        assert!(!is_code_feed(record.as_bytes()), "{record}");
    }
}

#[test]
fn a_broken_record_is_a_dead_letter_that_quotes_nothing() {
    let whole = push(&env_patch(&secret()));
    let cases = [
        (whole.get(..whole.len() / 2).expect("ASCII").to_owned(), ReasonCode::Malformed),
        (whole.replace(r#""private":false"#, &format!(r#""private":"{}""#, secret())), ReasonCode::BadField),
        ("{}".to_owned(), ReasonCode::UnknownShape),
    ];
    for (record, code) in cases {
        let Outcome::Dead(reason) = decode_record(record.as_bytes(), &context()) else {
            panic!("no dead letter: {record}")
        };
        assert_eq!(reason.code, code);
        assert!(!format!("{reason:?}").contains("zzz"), "{reason:?}");
    }
}

/// Writes every character of the secret as a JSON escape, `layers` deep.
fn escaped(secret: &str, layers: usize) -> String {
    let mut out = String::new();
    for c in secret.chars() {
        write!(out, "{}u{:04x}", "\\".repeat(1 << layers >> 1), u32::from(c)).expect("memory");
    }
    out
}

#[test]
fn no_output_holds_the_secret_however_it_is_written() {
    let secret = secret();
    for written in [secret.clone(), escaped(&secret, 1), escaped(&secret, 2), secret.replace('~', "%7E")] {
        let patch = quoted(&env_patch("SECRET"));
        let record = push("PATCH").replace(r#""PATCH""#, &patch.replace("SECRET=SECRET", &format!("SECRET={written}")));
        let outcome = decode(&record);
        let Outcome::Events(events) = &outcome else { panic!("{outcome:?} of {written}") };
        assert_eq!(events.len(), 1, "{written}");
        let debug = format!("{outcome:?}");
        assert!(!debug.contains(&secret) && !debug.contains(&written), "{debug}");
        let json = serde_json::to_string(&events[..]).expect("events are JSON");
        assert!(!json.contains(secret.get(3..).expect("a secret")), "{json}");
    }
}

proptest! {
    #[test]
    fn any_bytes_have_an_outcome(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        is_code_feed(&bytes);
        decode_record(&bytes, &context());
    }

    #[test]
    fn any_patch_has_an_outcome(patch in "(@@ -1 \\+1 @@|@@ -1,9 \\+3,9 @@|\\n|[-+ ]|zzz8Q~|client_id=|\\PC){0,40}") {
        decode_record(push(&patch).as_bytes(), &context());
    }
}

/// One line for each record of GitHub's own examples.
#[test]
fn githubs_examples_become_what_the_snapshot_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/events/github-webhooks");
    let Ok(listed) = std::fs::read_dir(&folder) else {
        println!("skipped: GitHub's examples (shared/data/events/github-webhooks) are not here");
        return;
    };
    let mut paths: Vec<_> = listed.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let mut table = String::new();
    for path in paths {
        let bytes = std::fs::read(&path).expect("a file");
        let outcome = match (is_code_feed(&bytes), decode_record(&bytes, &context())) {
            (false, _) => "not a code feed".to_owned(),
            (true, Outcome::Events(events)) => format!("{events:?}"),
            (true, Outcome::Ignored(rule)) => format!("ignored: {rule}"),
            (true, Outcome::Dead(reason)) => format!("dead: {reason}"),
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        writeln!(table, "{name}: {outcome}").expect("memory");
    }
    insta::assert_snapshot!(table);
}

#[test]
fn times_of_all_sorts_are_read() {
    for (written, expected) in [
        (r#""2026-04-05T10:00:00Z""#, Some("2026-04-05T10:00:00Z")),
        (r#""2026-04-05T12:00:00.5+02:00""#, Some("2026-04-05T10:00:00.500Z")),
        ("1775383200", Some("2026-04-05T10:00:00Z")),
        ("-1", Some("1969-12-31T23:59:59Z")),
        (r#""soon""#, None),
        ("18446744073709551615", None),
    ] {
        let moment: super::github::Moment = serde_json::from_str(written).expect("a moment");
        assert_eq!(moment.0.map(|time: EventTime| time.to_string()).as_deref(), expected, "{written}");
    }
}
