//! `--verify`: who is asked, what is made of the answer, and that the secret goes nowhere else.

use super::issuer::{Issuer, Reply};
use super::planted::entra_secret;
use super::support::program::{expect_code, stderr, stdout};
use super::{lines, scan, write};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const TENANT: &str = "0a1b2c3d-1111-4222-8333-444455556666";
const APP: &str = "77778888-9999-4aaa-8bbb-ccccddddeeee";
const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"bm90LWEtdG9rZW4.aXMtaXQ.c2VjcmV0"}"#;

/// A file in which all of a credential stands.
fn env_file(secret: &str) -> String {
    format!("AZURE_TENANT_ID={TENANT}\nAZURE_CLIENT_ID={APP}\nAZURE_CLIENT_SECRET={secret}\n")
}

fn refusal(code: u32) -> Reply {
    Reply::json(401, &format!(r#"{{"error":"invalid_client","error_codes":[{code}],"trace_id":"t"}}"#))
}

/// A scan that asks this issuer.
fn asking(folder: &Path, issuer: &str, args: &[&str]) -> Command {
    let mut command = scan(folder, ["src", "--verify", "--verify-host", "127.0.0.1", "--verify-audit", "asked.ndjson"]);
    command.args(args).env("PICKET__VERIFY__ENDPOINT", issuer);
    command
}

/// The findings of a scan that asks, and what the file of its account holds.
fn asked(folder: &Path, issuer: &Issuer, code: i32) -> (Vec<Value>, Vec<Value>) {
    let output = expect_code(&mut asking(folder, &issuer.address(), &["--format", "json"]), code);
    let audit = std::fs::read_to_string(folder.join("asked.ndjson")).expect("an account");
    (lines(&output), audit.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect())
}

#[test]
fn what_the_issuer_says_is_told_of_the_finding() {
    let cases = [
        (Reply::json(200, TOKEN), "verified", "token-issued", "high"),
        (refusal(7_000_215), "dead", "secret-refused", "low"),
        (refusal(7_000_222), "dead", "expired", "low"),
        (refusal(700_016), "unknown", "AADSTS700016", "high"),
        (refusal(90_002), "unknown", "AADSTS90002", "high"),
        (refusal(53_003), "unknown", "AADSTS53003", "high"),
        (Reply::json(200, "welcome"), "unknown", "unreadable-answer", "high"),
        (Reply::json(503, ""), "unknown", "http-503", "high"),
        (Reply::redirect(302, "http://127.0.0.1:1/elsewhere"), "unknown", "redirected", "high"),
        (Reply::silent(), "unknown", "unreachable", "high"),
    ];
    for (reply, result, reason, confidence) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), "src/app.env", env_file(&entra_secret(5)));
        let issuer = Issuer::start(reply);
        let (found, audit) = asked(folder.path(), &issuer, 1);
        let [finding] = &*found else { panic!("one finding, not {found:?}") };
        let verification = &finding["verification"];
        assert_eq!((&verification["result"], &verification["reason"]), (&result.into(), &reason.into()));
        assert_eq!((&verification["tenant"], &verification["app_id"]), (&TENANT.into(), &APP.into()));
        assert_eq!(finding["confidence"], confidence, "{reason}");
        let owner = &finding["owner"]["application"];
        let verified = if result == "verified" { serde_json::json!("verified") } else { Value::Null };
        assert_eq!(owner["confidence"], verified, "{owner}");
        let steps: Vec<_> = audit.iter().map(|line| (&line["step"], &line["result"])).collect();
        assert_eq!(steps, [(&"asked".into(), &Value::Null), (&"answered".into(), &result.into())]);
        assert!(audit.iter().all(|line| line["fingerprint"] == finding["fingerprint"] && line["tenant"] == TENANT));
        assert_eq!(issuer.requests().len(), 1, "{reason}");
    }
}

#[test]
fn the_request_is_a_client_credentials_grant_with_the_secret_as_it_is_and_one_a_secret() {
    use base64::Engine;
    let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let folder = tempfile::tempdir().expect("a folder");
    let (plain, encoded) = (entra_secret(6), entra_secret(7));
    write(folder.path(), "src/a.env", env_file(&plain));
    write(folder.path(), "src/b.env", env_file(&plain));
    write(folder.path(), "src/c.yaml", format!("data:\n  env: {}\n", base64(&env_file(&encoded))));
    let issuer = Issuer::start(Reply::json(200, TOKEN));
    let (found, _) = asked(folder.path(), &issuer, 1);
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|finding| finding["verification"]["result"] == "verified"), "{found:?}");
    let requests = issuer.requests();
    assert_eq!(requests.len(), 2, "the same secret is tried once");
    for (request, secret) in requests.iter().zip([plain, encoded]) {
        assert_eq!(request.line, format!("POST /{TENANT}/oauth2/v2.0/token HTTP/1.1"));
        let expected = format!(
            "grant_type=client_credentials&client_id={APP}\
            &scope=00000003-0000-0000-c000-000000000000%2F.default&client_secret={secret}"
        );
        assert!(request.body == expected, "another form");
    }
}

#[test]
fn nobody_is_asked_who_is_not_allowed_or_not_accounted_for() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "src/app.env", env_file(&entra_secret(8)));
    let issuer = Issuer::start(Reply::json(200, TOKEN));
    let audit = ["--verify-audit", "asked.ndjson"];
    let cases = [
        (vec!["--verify", audit[0], audit[1]], 2, "--verify-host"),
        (vec!["--verify", "--verify-host", "127.0.0.1"], 2, "--verify-audit"),
        (vec!["--verify", "--verify-host", "login.microsoftonline.com", audit[0], audit[1]], 2, "may not be asked"),
        (vec!["--verify", "--verify-host", "127.0.0", audit[0], audit[1]], 2, "may not be asked"),
        (vec!["--verify", "--verify-host", "127.0.0.1", "--verify-audit", "no/such/folder"], 3, "cannot write"),
        (vec!["--verify-host", "127.0.0.1"], 2, "--verify"),
        (vec!["--only-verified"], 2, "--verify"),
    ];
    for (args, code, told) in cases {
        let mut command = scan(folder.path(), ["src"]);
        let output = expect_code(command.args(&args).env("PICKET__VERIFY__ENDPOINT", issuer.address()), code);
        assert!(stderr(&output).contains(told), "{args:?}: {}", stderr(&output));
    }
    let mut unasked = scan(folder.path(), ["src"]);
    unasked.env("PICKET__VERIFY__HOSTS", r#"["127.0.0.1"]"#).env("PICKET__VERIFY__AUDIT_FILE", "asked.ndjson");
    expect_code(unasked.env("PICKET__VERIFY__ENDPOINT", issuer.address()), 1);
    assert!(issuer.requests().is_empty(), "without --verify, or without leave, nothing is sent");
}

#[test]
fn a_redirect_is_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "src/app.env", env_file(&entra_secret(9)));
    let elsewhere = Issuer::start(Reply::json(200, TOKEN));
    for status in [301, 302, 303, 307, 308] {
        let issuer = Issuer::start(Reply::redirect(status, &elsewhere.address()));
        let (found, _) = asked(folder.path(), &issuer, 1);
        assert_eq!(found[0]["verification"]["reason"], "redirected", "{status}");
    }
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn what_names_no_tenant_or_no_application_is_not_asked_about_and_a_guess_kills_nothing() {
    let secret = entra_secret(10);
    let other = "12345678-aaaa-4bbb-8ccc-dddddddddddd";
    let cases = [
        (format!("AZURE_CLIENT_ID={APP}\nAZURE_CLIENT_SECRET={secret}\n"), "no-tenant-near-it", 0),
        (format!("AZURE_TENANT_ID={TENANT}\nAZURE_CLIENT_SECRET={secret}\n"), "no-application-near-it", 0),
        (format!("{}OTHER_CLIENT_ID={other}\n", env_file(&secret)), "refused-but-ambiguous", 1),
        (format!("{}OTHER_TENANT_ID={other}\n", env_file(&secret)), "refused-but-ambiguous", 1),
    ];
    for (text, reason, requests) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), "src/app.env", text);
        let issuer = Issuer::start(refusal(7_000_215));
        let (found, audit) = asked(folder.path(), &issuer, 1);
        let verification = &found[0]["verification"];
        assert_eq!((&verification["result"], &verification["reason"]), (&"unknown".into(), &reason.into()));
        assert_eq!((issuer.requests().len(), audit.len()), (requests, requests * 2), "{reason}");
    }
}

#[test]
fn only_verified_leaves_out_the_rest_and_its_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "src/app.env", env_file(&entra_secret(11)));
    write(folder.path(), "src/other.env", format!("AZURE_CLIENT_SECRET={}\n", entra_secret(12)));
    for (reply, code, findings) in [(Reply::json(200, TOKEN), 1, 1), (refusal(7_000_222), 0, 0)] {
        let issuer = Issuer::start(reply);
        let mut command = asking(folder.path(), &issuer.address(), &["--format", "json", "--only-verified"]);
        assert_eq!(lines(&expect_code(&mut command, code)).len(), findings);
    }
}

#[test]
fn an_issuer_that_does_not_answer_or_has_no_certificate_holds_nothing_up() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "src/app.env", env_file(&entra_secret(13)));
    let issuer = Issuer::start(Reply::never());
    let over_tls = issuer.address().replace("http:", "https:");
    for (address, reasons) in [(issuer.address(), ["timed-out"; 2]), (over_tls, ["timed-out", "unreachable"])] {
        let mut command = asking(folder.path(), &address, &["--format", "json"]);
        let found = lines(&expect_code(command.env("PICKET__VERIFY__TIMEOUT_MS", "300"), 1));
        let reason = found[0]["verification"]["reason"].as_str().expect("a reason").to_owned();
        assert!(reasons.contains(&reason.as_str()), "{address}: {reason}");
    }
}

#[test]
fn neither_secret_nor_token_is_in_anything_that_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = entra_secret(14);
    write(folder.path(), "src/app.env", env_file(&secret));
    let echo = format!(r#"{{"error":"{secret}","error_description":"{secret}","error_codes":[7000215]}}"#);
    let replies = [Reply::json(200, TOKEN), Reply::json(401, &echo), Reply::json(500, &secret), Reply::silent()];
    let pieces = |text: &str| -> Vec<String> {
        text.as_bytes().windows(8).map(|piece| String::from_utf8_lossy(piece).into_owned()).collect()
    };
    let traces = [pieces(&secret), pieces("bm90LWEtdG9rZW4.aXMtaXQ.c2VjcmV0")].concat();
    for reply in replies {
        for format in ["text", "json", "sarif", "github", "gitlab"] {
            let issuer = Issuer::start(reply.clone());
            let args = ["--format", format, "--log-level", "trace", "--write-baseline", "baseline"];
            let output = asking(folder.path(), &issuer.address(), &args).output().expect("starts");
            let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("written");
            let all = [stdout(&output), stderr(&output), read("asked.ndjson"), read("baseline")];
            for text in &all {
                assert!(!traces.iter().any(|trace| text.contains(trace)), "{format} shows a part of it");
            }
            assert_eq!(issuer.requests().len(), 1);
        }
    }
}

#[test]
fn people_read_what_works() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "src/app.env", env_file(&entra_secret(15)));
    let issuer = Issuer::start(Reply::json(200, TOKEN));
    let output = expect_code(&mut asking(folder.path(), &issuer.address(), &[]), 1);
    assert!(stdout(&output).contains(&format!("verified: it works for application {APP}")), "{}", stdout(&output));
    assert!(stderr(&output).contains("1 verified to work"), "{}", stderr(&output));
}
