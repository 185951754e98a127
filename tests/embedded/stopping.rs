//! Stopping: the first signal drains, the second does not wait.

use crate::support::corpus::{Corpus, Options};
use crate::support::program::{Running, assert_same, eventually, expect_code, outputs, picket, write_lines};

#[test]
fn a_signal_drains_what_was_accepted() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().expect("a folder");
        let (data, out) = (folder.path().join("data"), folder.path().join("out"));
        let mut running = Running::start(&data, &out, &[]);
        for number in 0..50 {
            assert_eq!(running.post(format!("{{\"n\": {number}}}").as_bytes()), 202);
        }
        running.signal(signal);
        assert_eq!(running.child.wait().expect("ends").code(), Some(0), "{signal}");
        let letters = outputs(&out)["dead-letters"].clone();
        assert_eq!(letters.iter().filter(|byte| **byte == b'\n').count(), 50, "{signal}");
    }
}

#[cfg(feature = "failpoints")]
#[test]
fn the_second_signal_stops_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut command = picket(["run", "--listen", "127.0.0.1:0"]);
    command.arg("--data").arg(&data).arg("--out").arg(folder.path().join("out"));
    // The commit of the first batch never ends; those before it name the store and keep the body.
    command.env("FAILPOINTS", "commit.after_batch=2*off->sleep(3600000)");
    let mut running = Running::spawn(command, &data);
    running.post(b"no JSON");
    running.signal("TERM");
    eventually("the end of serving", || {
        crate::support::program::request(&running.address, "GET", "/healthz", &[], b"").is_err().then_some(())
    });
    assert_eq!(running.child.try_wait().expect("waits"), None, "it did not drain");
    running.signal("TERM");
    assert_eq!(running.child.wait().expect("ends").code(), Some(3));
}

#[test]
fn a_run_that_was_stopped_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let lines: Vec<String> = Corpus::new(Options { records: 4_000, ..Options::default() }).collect();
    let (first, rest) = lines.split_at(2_500);
    let whole = write_lines(&at("whole.ndjson"), lines.clone());
    let growing = write_lines(&at("growing.ndjson"), first.to_vec());
    let run = |file: &std::path::Path, name: &str| {
        let mut command = picket(["run", "--once"]);
        command.arg(file).arg("--data").arg(at(&format!("data-{name}"))).arg("--out").arg(at(name));
        expect_code(&mut command, 0);
    };
    run(&whole, "undisturbed");
    run(&growing, "two-parts");
    write_lines(&growing, first.iter().chain(rest).cloned());
    run(&growing, "two-parts");
    run(&growing, "two-parts");
    assert_same(&at("two-parts"), &at("undisturbed"), "outputs");
}
