//! What a healthy machine won't show: a full disk, a failing sync, a stage that panics, a death between writing and
//! syncing an accepted body.

use super::{corpus, run};
use crate::support::program::{Running, assert_same, eventually, expect_code, picket, stderr};

#[test]
fn a_fault_stops_the_program_with_a_message_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = corpus(folder.path(), 5_000);
    let calm = folder.path().join("calm");
    expect_code(&mut run(&file, &calm), 0);
    let cases = [
        ("store.sync", "return", "the store failed to sync"),
        ("publish.append", "return", "cannot write"),
        ("commit.before", "panic", "the commit stage panicked"),
        ("publish.after_append", "panic", "the publish stage panicked"),
    ];
    for (point, action, message) in cases {
        let faulty = folder.path().join(point);
        let mut command = run(&file, &faulty);
        command.env("FAILPOINTS", format!("{point}=2*off->{action}"));
        let said = stderr(&expect_code(&mut command, 3));
        assert!(said.contains(message), "{point}: {said}");
        expect_code(&mut run(&file, &faulty), 0);
        assert_same(&faulty.join("out"), &calm.join("out"), point);
    }
}

/// Posts until the program dies, and gives how many bodies it had accepted.
fn post_until_death(running: &mut Running) -> usize {
    let post = |number: usize| {
        let body = format!("{{\"n\": {number}}}");
        crate::support::program::request(&running.address, "POST", "/v1/ingest", &[], body.as_bytes())
    };
    let accepted = (0..10_000).take_while(|number| post(*number).is_ok_and(|(status, _, _)| status == 202)).count();
    running.child.wait().expect("ends");
    accepted
}

#[test]
fn a_body_that_was_acknowledged_is_never_lost() {
    for point in ["inbox.before_sync", "inbox.after_sync", "commit.after_batch", "publish.after_append"] {
        let folder = tempfile::tempdir().expect("a folder");
        let (data, out) = (folder.path().join("data"), folder.path().join("out"));
        let mut command = picket(["run", "--listen", "127.0.0.1:0"]);
        command.arg("--data").arg(&data).arg("--out").arg(&out);
        command.env("FAILPOINTS", format!("{point}=6*off->panic")).env("FAILPOINTS_ABORT", "1");
        let accepted = post_until_death(&mut Running::spawn(command, &data));
        assert!(accepted >= 3, "{point}: died before anything happened");
        let running = Running::start(&data, &out, &[]);
        let letters = || std::fs::read_to_string(out.join("dead-letters.ndjson")).expect("reads").lines().count();
        eventually("the letters", || (letters() >= accepted).then_some(()));
        assert_eq!(running.terminate(), Some(0));
        // One body more may have been written when the program died before it could say so.
        assert!((accepted..=accepted + 1).contains(&letters()), "{point}: {accepted} accepted, {} judged", letters());
    }
}
