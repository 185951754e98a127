//! Reports of other scanners, documents and GitLab's hooks, from bytes to events. Secrets are made at run time.

use crate::decode::{Context, Limits, Outcome, Reason, ReasonCode, decode};
use picket_detectors::event::{Body, CodeFinding, Event, Exposure, TenantId};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

const APP: &str = "7d3c1a52-0e4f-4b6a-9c8d-5f1e2a3b4c5d";
const TENANT: &str = "c9a7b8d6-1f2e-4d3c-8b5a-6e7f8091a2b3";
const TIME: &str = "2026-03-01T10:00:00Z";

fn context() -> Context {
    Context { default_tenant: TenantId::UNKNOWN, limits: Limits::default(), scrubber: Arc::default() }
}

/// The published test vector: its checksum holds, and it opens nothing.
fn entra() -> String {
    format!("zzz8Q~{}blP", "z".repeat(31))
}

/// No form that our scanner knows.
fn unknown() -> String {
    ["q1w2e3r4", "T5Y6U7I8", "o9p0a1s2"].concat()
}

fn outcomes(record: &Value) -> Vec<Outcome> {
    let (text, mut all) = (record.to_string(), Vec::new());
    decode(text.as_bytes(), &context(), &mut |decoded| all.push(decoded.outcome));
    all
}

fn events(record: &Value) -> Vec<Event> {
    let outcomes = outcomes(record).into_iter();
    outcomes
        .flat_map(|outcome| match outcome {
            Outcome::Events(events) => events.into_vec(),
            other => panic!("{other:?} of {record}"),
        })
        .collect()
}

fn finding(event: &Event) -> &CodeFinding {
    match &event.body {
        Body::CodeFinding(finding) => finding,
        other => panic!("{other:?}"),
    }
}

fn gitleaks(secret: &str) -> Value {
    json!({
        "RuleID": "azure-ad-client-secret", "Description": "x", "StartLine": 12, "EndLine": 12, "StartColumn": 1,
        "EndColumn": 40, "Match": format!("client_id={APP} secret={secret}"), "Secret": secret, "File": "deploy/app.env",
        "SymlinkFile": "", "Commit": "c0ffee", "Link": "https://git.example.org/c0ffee", "Entropy": 4.2, "Author": "A",
        "Email": "a@example.org", "Date": TIME, "Message": "m", "Tags": [], "Fingerprint": "c0ffee:deploy/app.env:x:12",
    })
}

fn trufflehog(secret: &str) -> Value {
    let parts = json!({ "clientSecret": secret, "clientId": APP, "tenantId": TENANT });
    json!({
        "SourceMetadata": { "Data": { "Git": {
            "commit": "c0ffee", "file": "deploy/app.env", "email": "a", "repository": "https://git.example.org/shop",
            "timestamp": "2026-03-01 10:00:00 +0000", "line": 12,
        }}},
        "SourceID": 1, "SourceType": 16, "SourceName": "trufflehog - git", "DetectorType": 3, "DetectorName": "Azure",
        "DecoderName": "PLAIN", "Verified": true, "VerificationFromCache": false, "Raw": secret,
        "RawV2": parts.to_string(), "Redacted": "", "ExtraData": null, "StructuredData": null,
    })
}

fn kingfisher(secret: &str) -> Value {
    json!({
        "rule": { "name": "Azure AD client secret", "id": "kingfisher.azure_entra.secret" },
        "finding": {
            "snippet": secret, "fingerprint": "17", "confidence": "medium", "entropy": "4.2", "language": "x",
            "line": 12, "column_start": 1, "column_end": 40, "path": "deploy/app.env",
            "validation": { "status": "Active Credential", "response": "" },
            "git_metadata": { "repository_url": "https://git.example.org/shop",
                "commit": { "id": "c0ffee", "url": "https://git.example.org/c0ffee", "date": TIME } },
        },
    })
}

fn betterleaks(secret: &str) -> Value {
    json!({
        "schema_version": 1, "time": TIME,
        "finding": {
            "rule_id": "azure-ad-client-secret", "rule_hash": "x", "description": "x", "confidence": "high",
            "match": { "full": format!("secret={secret}"), "value": secret, "fingerprint": "x" },
            "location": { "path": "deploy/app.env", "start_line": 12, "end_line": 12 }, "component_sets": [],
        },
    })
}

fn sarif(secret: &str) -> Value {
    json!({ "version": "2.1.0", "$schema": "x", "runs": [{
        "tool": { "driver": { "name": "gitleaks", "semanticVersion": "8", "rules": [{ "id": "azure-ad-client-secret" }] } },
        "results": [
            { "ruleIndex": 0, "message": { "text": "found" },
              "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "deploy/app.env" },
                "region": { "startLine": 12, "snippet": { "text": format!("secret={secret}") } } } }],
              "partialFingerprints": { "commitSha": "c0ffee", "date": TIME } },
            { "ruleId": "other", "message": { "text": "accepted" }, "suppressions": [{ "kind": "external" }] },
        ],
    }]})
}

#[test]
fn one_secret_has_one_fingerprint_whichever_scanner_reports_it() {
    let reports = [gitleaks, trufflehog, kingfisher, betterleaks, sarif].map(|report| report(&entra()));
    let all: Vec<Event> = reports.iter().flat_map(events).collect();
    let feeds: Vec<&str> = all.iter().map(|event| &*finding(event).feed).collect();
    assert_eq!(feeds, ["gitleaks", "trufflehog", "kingfisher", "betterleaks", "sarif"]);
    let push = json!({ "id": 1, "url": "https://paste.example.org/1", "body": entra(), "time": TIME });
    let fingerprint = finding(&events(&push)[0]).fingerprint.clone();
    assert!(fingerprint.is_some());
    for event in &all {
        let found = finding(event);
        assert_eq!(found.fingerprint, fingerprint, "{}", found.feed);
        assert_eq!((&*found.rule, found.hint.as_deref()), ("entra-client-secret", Some("zzz")), "{}", found.feed);
        assert_eq!((found.path.as_deref(), found.line), (Some("deploy/app.env"), Some(12)), "{}", found.feed);
        assert_eq!(event.time.to_string(), TIME, "{}", found.feed);
        assert!(found.proven);
    }
}

#[test]
fn a_report_names_applications_and_says_what_it_checked() {
    let found = events(&trufflehog(&entra()));
    let found = finding(&found[0]);
    assert_eq!(found.apps.iter().map(|app| app.0.to_string()).collect::<Vec<_>>(), [APP]);
    assert_eq!(found.tenants.len(), 1);
    assert_eq!(found.valid, Some(true));
    assert_eq!(found.repository.as_deref(), Some("https://git.example.org/shop"));
    let named = events(&gitleaks(&entra()));
    assert_eq!(finding(&named[0]).apps.len(), 1);
    assert_eq!(finding(&events(&kingfisher(&entra()))[0]).valid, Some(true));
    let mut dead = kingfisher(&entra());
    dead["finding"]["validation"]["status"] = "Inactive Credential".into();
    assert_eq!(finding(&events(&dead)[0]).valid, Some(false));
}

#[test]
fn what_picket_has_verified_is_valid_for_that_application() {
    for (result, valid) in [("verified", Some(true)), ("dead", Some(false)), ("unknown", None)] {
        for (tool, is_believed) in [("picket", true), ("another", false)] {
            let mut report = sarif(&entra());
            report["runs"][0]["tool"]["driver"]["name"] = tool.into();
            let verification = json!({ "result": result, "reason": "x", "tenant": TENANT, "app_id": APP });
            report["runs"][0]["results"][0]["properties"] = json!({ "verification": verification });
            let all = events(&report);
            let found = finding(&all[0]);
            assert_eq!(found.valid, valid.filter(|_| is_believed), "{result} by {tool}");
            assert_eq!((found.apps.len(), found.tenants.len()), if is_believed { (1, 1) } else { (0, 0) }, "{tool}");
        }
    }
    for strange in [json!({ "verification": true }), json!([]), json!(7)] {
        for tool in ["picket", "another"] {
            let mut report = sarif(&entra());
            report["runs"][0]["tool"]["driver"]["name"] = tool.into();
            report["runs"][0]["results"][0]["properties"] = strange.clone();
            assert_eq!(finding(&events(&report)[0]).valid, None, "{strange}");
        }
    }
}

#[test]
fn a_secret_that_we_do_not_know_keeps_its_fingerprint_and_no_more() {
    let reports = [gitleaks, trufflehog, kingfisher, betterleaks].map(|report| report(&unknown()));
    let all: Vec<Event> = reports.iter().flat_map(events).collect();
    for event in &all {
        let written = serde_json::to_string(event).expect("JSON");
        assert!(!written.contains(&unknown()), "{}", finding(event).feed);
        assert_eq!(finding(event).fingerprint.as_deref().map(str::len), Some(32), "{}", finding(event).feed);
        assert_eq!(finding(event).fingerprint, finding(&all[0]).fingerprint, "{}", finding(event).feed);
    }
    let hidden = gitleaks("REDACTED");
    assert_eq!(finding(&events(&hidden)[0]).fingerprint, None);
}

#[test]
fn what_is_reported_is_scrubbed_before_it_is_kept() {
    for report in [gitleaks, trufflehog, kingfisher] {
        let text = report(&unknown()).to_string();
        let scrubbed = context().scrubber.scrub_text(&text).into_owned();
        assert!(!scrubbed.contains(&unknown()), "{scrubbed}");
        serde_json::from_str::<Value>(&scrubbed).expect("still JSON");
        assert_eq!(events(&serde_json::from_str(&scrubbed).expect("JSON")), events(&report(&unknown())));
    }
}

#[test]
fn a_report_of_detect_secrets_names_places() {
    let report = json!({
        "version": "1.5.0", "plugins_used": [], "filters_used": [], "generated_at": TIME,
        "results": { "a.env": [
            { "type": "Secret Keyword", "filename": "a.env", "hashed_secret": "00", "is_verified": false, "line_number": 3 },
            { "type": "Secret Keyword", "filename": "a.env", "hashed_secret": "01", "is_secret": false, "line_number": 4 },
        ]},
    });
    let events = events(&report);
    let [event] = events.as_slice() else { panic!("one, not {events:?}") };
    let found = finding(event);
    assert_eq!((&*found.feed, &*found.rule, found.line), ("detect-secrets", "Secret Keyword", Some(3)));
}

#[test]
fn the_same_report_twice_is_the_same_events_and_a_list_holds_many() {
    let list = json!([gitleaks(&entra()), gitleaks(&unknown())]);
    let (once, again) = (events(&list), events(&list));
    assert_eq!(once.len(), 2);
    assert_eq!(once, again);
    assert_ne!(once[0].id, once[1].id);
}

fn dead(record: &Value) -> Reason {
    match outcomes(record).pop() {
        Some(Outcome::Dead(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_report_that_does_not_say_when_becomes_a_dead_letter_unless_time_is_added() {
    let mut report = gitleaks(&entra());
    report["Date"] = "".into();
    assert_eq!(dead(&report).code, ReasonCode::MissingField);
    assert!(dead(&report).detail.contains("`time`"));
    report["time"] = TIME.into();
    assert_eq!(events(&report)[0].time.to_string(), TIME);
}

#[test]
fn a_document_is_searched_and_kept_by_its_address() {
    let mut document = json!({
        "id": "p1", "url": "https://paste.example.org/p1", "public": true, "created_at": TIME,
        "body": format!("AZURE_CLIENT_ID={APP}\nAZURE_CLIENT_SECRET={}\n", entra()),
    });
    let all = events(&document);
    let found = finding(&all[0]);
    assert_eq!((&*found.feed, found.url.as_deref()), ("document", Some("https://paste.example.org/p1")));
    assert_eq!((found.exposure, found.apps.len()), (Exposure::Public, 1));
    document["body"] = "nothing".into();
    assert!(matches!(&outcomes(&document)[..], [Outcome::Ignored(rule)] if rule == "document without a finding"));
}

#[test]
fn gitlabs_hooks_are_read() {
    let mut hook = json!({
        "object_kind": "push", "event_name": "push", "before": "0", "after": "c0ffee", "ref": "refs/heads/main",
        "project": { "id": 1, "path_with_namespace": "contoso/shop", "visibility_level": 20 },
        "repository": { "name": "shop", "url": "git@example.org:contoso/shop.git" },
        "commits": [{ "id": "c0ffee", "message": format!("oops {}", entra()), "timestamp": TIME,
            "url": "https://git.example.org/c0ffee", "author": { "name": "A" }, "added": [], "modified": [], "removed": [] }],
        "total_commits_count": 1,
    });
    let all = events(&hook);
    let found = finding(&all[0]);
    assert_eq!((&*found.feed, found.repository.as_deref()), ("gitlab.push", Some("contoso/shop")));
    assert_eq!((found.exposure, found.commit.as_deref()), (Exposure::Public, Some("c0ffee")));
    hook["event_name"] = "project_create".into();
    assert!(matches!(&outcomes(&hook)[..], [Outcome::Ignored(rule)] if rule == "gitlab.project_create"));
}

#[test]
fn garbled_reports_are_dead_letters_that_quote_nothing() {
    let cases = [
        json!({ "RuleID": 7, "Secret": unknown() }),
        json!({ "SourceMetadata": [], "DetectorName": unknown(), "Raw": unknown() }),
        json!({ "rule": unknown(), "finding": {} }),
        json!({ "runs": unknown(), "version": "2.1.0" }),
        json!({ "results": [unknown()], "plugins_used": [] }),
        json!({ "url": "https://x.example.org", "body": [unknown()] }),
    ];
    for case in cases {
        let reason = dead(&case);
        assert!(!reason.detail.contains(&unknown()), "{}", reason.detail);
    }
}

/// A report as long as those of whole organisations are.
fn long_sarif(results: usize) -> Value {
    let mut report = sarif(&entra());
    let found = report["runs"][0]["results"][0].clone();
    let one = |number: usize| {
        let mut found = found.clone();
        found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = json!(format!("deploy/{number}.env"));
        found
    };
    report["runs"][0]["results"] = (0..results).map(one).collect();
    report
}

#[test]
fn a_report_may_be_longer_than_a_record() {
    const RESULTS: usize = 4_000;
    let report = long_sarif(RESULTS);
    assert!(report.to_string().len() > Limits::default().record_bytes);
    assert_eq!(events(&report).len(), RESULTS);
    // No other record may.
    let long = json!({ "url": "https://paste.example.org/p1", "body": "x".repeat(2 << 20), "time": TIME });
    let outcomes = outcomes(&long);
    let [Outcome::Dead(reason)] = outcomes.as_slice() else { panic!("one dead letter expected") };
    assert_eq!(reason.code, ReasonCode::TooLarge);
}

#[test]
fn a_long_report_with_bytes_that_are_no_utf8_says_where() {
    let mut bytes = long_sarif(4_000).to_string().into_bytes();
    let at = bytes.len() / 2 + bytes.iter().skip(bytes.len() / 2).position(|byte| *byte == b'/').expect("a path");
    bytes[at] = 0xff;
    let mut all = Vec::new();
    decode(&bytes, &context(), &mut |decoded| all.push(decoded.outcome));
    let [Outcome::Dead(reason)] = all.as_slice() else { panic!("one dead letter expected") };
    assert_eq!((reason.code, reason.detail.as_str()), (ReasonCode::InvalidUtf8, &*format!("byte {at} of the record")));
}

proptest! {
    #[test]
    fn an_altered_report_has_an_outcome(
        which in 0..4_usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let reports = [gitleaks(&entra()), trufflehog(&entra()), kingfisher(&entra()), sarif(&entra())];
        let mut bytes = reports[which].to_string().into_bytes();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for bytes in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
            let mut seen = 0;
            decode(bytes, &context(), &mut |decoded| seen += decoded.bytes.len());
            prop_assert!(seen <= bytes.len());
        }
    }
}
