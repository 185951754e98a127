//! The inbox: accepted means durable, and nothing grows without bound.

use crate::support::corpus::{Corpus, Options, made_up_secret};
use crate::support::program::{Running, eventually, outputs, picket};
use std::io::Write;

fn letters(out: &std::path::Path) -> usize {
    std::fs::read_to_string(out.join("dead-letters.ndjson")).unwrap_or_default().lines().count()
}

#[test]
fn posted_records_are_judged_and_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    let running = Running::start(&data, &out, &[]);
    let records: Vec<String> = Corpus::new(Options { records: 50, days: 1, ..Options::default() }).collect();
    assert_eq!(running.post(records.join("\n").as_bytes()), 202);
    assert_eq!(running.post(format!("{{\"records\":[{}]}}", records.join(",")).as_bytes()), 202);
    assert_eq!(running.post(b"{\"n\": 1}"), 202);
    let metrics = || running.request("GET", "/metrics", &[], b"").2;
    let page = eventually("judging", || {
        Some(metrics()).filter(|page| page.contains("picket_records_dead_total{code=\"unknown_shape\"} 1"))
    });
    let sum = |name: &str| -> f64 {
        let lines = page.lines().filter(|line| line.starts_with(name));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    };
    assert_eq!((sum("picket_records_decoded_total"), sum("picket_records_dead_total")), (100.0, 1.0));
    assert!(sum("picket_observations_total{fate=\"duplicate\"}") >= 50.0, "{page}");
    assert_eq!(running.request("GET", "/healthz", &[], b"").0, 200);
    assert_eq!(running.terminate(), Some(0));
    assert_eq!(letters(&out), 1);
}

#[test]
fn what_was_accepted_survives_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    let mut running = Running::start(&data, &out, &[]);
    for number in 0..20 {
        assert_eq!(running.post(format!("{{\"n\": {number}}}").as_bytes()), 202);
    }
    running.child.kill().expect("kills");
    running.child.wait().expect("ends");
    let running = Running::start(&data, &out, &[]);
    eventually("the letters", || (letters(&out) == 20).then_some(()));
    assert_eq!(running.terminate(), Some(0));
    assert_eq!(letters(&out), 20);
}

#[test]
fn outputs_go_on_where_their_files_were_moved_away_or_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    let mut running = Running::start(&data, &out, &[]);
    let mut expected = 0;
    let mut post = |running: &Running| {
        expected += 1;
        assert_eq!(running.post(format!("{{\"n\": {expected}}}").as_bytes()), 202);
    };
    let has = |count: usize| eventually("the letters", || (letters(&out) == count).then_some(()));
    post(&running);
    post(&running);
    has(2);
    std::fs::rename(out.join("dead-letters.ndjson"), out.join("dead-letters.1")).expect("rotates");
    post(&running);
    has(1);
    std::fs::remove_dir_all(&out).expect("removes");
    post(&running);
    post(&running);
    has(2);
    running.child.kill().expect("kills");
    running.child.wait().expect("ends");
    let running = Running::start(&data, &out, &[]);
    post(&running);
    has(3);
    assert_eq!(running.terminate(), Some(0));
    assert_eq!(letters(&out), 3);
}

#[test]
fn bodies_that_are_too_long_or_make_no_sense_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    let mut command = picket(["run", "--listen", "127.0.0.1:0"]);
    command.arg("--data").arg(&data).arg("--out").arg(&out).env("PICKET__SERVE__BODY_BYTES", "1000");
    let running = Running::spawn(command, &data);
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).expect("compresses");
        encoder.finish().expect("compresses")
    };
    let zipped = &["Content-Encoding: gzip"];
    let post = |headers: &[&str], body: &[u8]| running.request("POST", "/v1/ingest", headers, body).0;
    let cases: [(&str, u16, u16); 10] = [
        ("as long as it may be", 202, post(&[], &[b'x'; 1000])),
        ("one byte more", 413, post(&[], &[b'x'; 1001])),
        ("gzip of as much", 202, post(zipped, &gzip(&[b'x'; 1000]))),
        ("a small bomb", 413, post(zipped, &gzip(&vec![b'x'; 1_000_000]))),
        ("gzip without a word on it", 202, post(&[], &gzip(&[b'x'; 1000]))),
        ("a small bomb without a word on it", 413, post(&[], &gzip(&vec![b'x'; 1_000_000]))),
        ("no gzip", 400, post(zipped, b"plain")),
        ("another encoding", 415, post(&["Content-Encoding: br"], b"x")),
        ("nothing", 400, post(&[], b" \n")),
        ("another method", 405, running.request("GET", "/v1/ingest", &[], b"").0),
    ];
    for (name, expected, found) in cases {
        assert_eq!(found, expected, "{name}");
    }
    eventually("the letters", || (letters(&out) == 3).then_some(()));
}

#[test]
fn only_bearers_of_the_token_may_post() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut command = picket(["run", "--listen", "127.0.0.1:0"]);
    command.arg("--data").arg(&data).arg("--out").arg(folder.path().join("out"));
    command.env("PICKET__SERVE__TOKEN_ENV", "TEST_TOKEN").env("TEST_TOKEN", "made-up-here");
    let running = Running::spawn(command, &data);
    let (status, head, _) = running.request("POST", "/v1/ingest", &[], b"x");
    assert_eq!(status, 401);
    assert!(head.to_ascii_lowercase().contains("www-authenticate: bearer"), "{head}");
    let post = |header: &str| running.request("POST", "/v1/ingest", &[header], b"x").0;
    assert_eq!(post("Authorization: Bearer made-up-there"), 401);
    assert_eq!(post("Authorization: Bearer made-up-here"), 202);
}

#[test]
fn webhooks_are_let_in_by_their_signature() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut command = picket(["run", "--listen", "127.0.0.1:0"]);
    command.arg("--data").arg(&data).arg("--out").arg(folder.path().join("out"));
    command.env("PICKET__SERVE__TOKEN_ENV", "TEST_TOKEN").env("TEST_TOKEN", "made-up-here");
    // The example of GitHub's documentation.
    command.env("PICKET__SERVE__WEBHOOK_SECRET_ENV", "TEST_SECRET").env("TEST_SECRET", "It's a Secret to Everybody");
    let running = Running::spawn(command, &data);
    let signature = "X-Hub-Signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let token = "Authorization: Bearer made-up-here";
    let cases: [(&str, u16, &[&str], &[u8]); 7] = [
        ("signed", 202, &[signature], b"Hello, World!"),
        ("signed for another body", 401, &[signature], b"Hello, World?"),
        ("a bad signature beside the token", 401, &[signature, token], b"x"),
        ("GitLab's", 202, &["X-Gitlab-Token: It's a Secret to Everybody"], b"x"),
        ("not GitLab's", 401, &["X-Gitlab-Token: guessed"], b"x"),
        ("the token", 202, &[token], b"x"),
        ("nothing", 401, &[], b"x"),
    ];
    for (name, expected, headers, body) in cases {
        assert_eq!(running.request("POST", "/v1/ingest", headers, body).0, expected, "{name}");
    }
}

#[cfg(feature = "failpoints")]
#[test]
fn too_great_a_backlog_is_refused_until_it_is_judged() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    let mut command = picket(["run", "--listen", "127.0.0.1:0"]);
    command.arg("--data").arg(&data).arg("--out").arg(&out);
    // Every commit is slow, so that something waits.
    command.env("PICKET__SERVE__BACKLOG_BYTES", "100").env("FAILPOINTS", "commit.before=sleep(300)");
    let running = Running::spawn(command, &data);
    assert_eq!(running.post(&[b'x'; 60]), 202);
    let (status, head, _) = running.request("POST", "/v1/ingest", &[], &[b'x'; 60]);
    assert_eq!(status, 429);
    assert!(head.to_ascii_lowercase().contains("retry-after: 1"), "{head}");
    eventually("room", || (running.post(&[b'x'; 60]) == 202).then_some(()));
    eventually("the letters", || (letters(&out) == 2).then_some(()));
}

#[test]
fn a_secret_in_a_body_is_gone_before_the_store_sees_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    let secret = made_up_secret(7);
    let running = Running::start(&data, &out, &[]);
    let body = format!("{{\"client_secret\": \"{secret}\", \"x\": 1}}");
    assert_eq!(running.post(body.as_bytes()), 202);
    eventually("the letter", || (letters(&out) == 1).then_some(()));
    assert_eq!(running.terminate(), Some(0));
    for entry in walkdir::WalkDir::new(folder.path()).into_iter().filter_map(Result::ok) {
        if entry.file_type().is_file() {
            let bytes = std::fs::read(entry.path()).expect("reads");
            assert!(memchr::memmem::find(&bytes, secret.as_bytes()).is_none(), "{}", entry.path().display());
        }
    }
    let _ = outputs(&out);
}
