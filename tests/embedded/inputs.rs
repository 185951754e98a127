//! Inputs of all kinds, good and bad.

use crate::support::corpus::{Corpus, Options, made_up_secret};
use crate::support::program::{
    Running, assert_same, eventually, expect_code, outputs, picket, stderr, stdout, write_lines,
};
use base64::Engine as _;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

fn replay(file: &Path, out: &Path) -> serde_json::Value {
    let mut command = picket(["replay", "--json"]);
    command.arg(file).arg("--out").arg(out);
    serde_json::from_str(&stdout(&expect_code(&mut command, 0))).expect("one object")
}

#[test]
fn an_empty_file_is_no_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = write_lines(&folder.path().join("empty.ndjson"), []);
    let summary = replay(&file, &folder.path().join("out"));
    assert_eq!(summary["records"], 0);
    assert!(outputs(&folder.path().join("out")).values().all(Vec::is_empty));
}

#[test]
fn compression_and_shape_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let lines: Vec<String> = Corpus::new(Options { records: 2_000, ..Options::default() }).collect();
    let plain = write_lines(&at("a.ndjson"), lines.clone());
    replay(&plain, &at("1"));
    let text = std::fs::read(&plain).expect("reads");
    let gzip = std::fs::File::create(at("misnamed.txt")).expect("creates");
    let mut gzip = flate2::write::GzEncoder::new(gzip, flate2::Compression::fast());
    gzip.write_all(&text).and_then(|()| gzip.finish().map(drop)).expect("compresses");
    std::fs::write(at("c.zst"), zstd::encode_all(&*text, 1).expect("compresses")).expect("writes");
    std::fs::write(at("array.json"), format!("[\n{}\n]\n", lines.join(",\n"))).expect("writes");
    std::fs::write(at("envelope.json"), format!("{{\"records\": [\n{}\n]}}\n", lines.join(",\n"))).expect("writes");
    let wide = format!("\u{feff}{}", String::from_utf8(text).expect("UTF-8"));
    std::fs::write(at("wide.json"), wide.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
        .expect("writes");
    for name in ["misnamed.txt", "c.zst", "array.json", "envelope.json", "wide.json"] {
        let out = at(&format!("out-{name}"));
        replay(&at(name), &out);
        assert_same(&out, &at("1"), name);
    }
}

#[test]
fn a_folder_is_read_with_all_that_is_in_it_but_hidden_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let logs = folder.path().join("logs");
    std::fs::create_dir_all(logs.join("deep/er")).expect("creates");
    let line = || Corpus::new(Options { records: 1, ..Options::default() });
    write_lines(&logs.join("a.ndjson"), line());
    write_lines(&logs.join("deep/er/b.ndjson"), line());
    write_lines(&logs.join(".hidden"), line());
    assert_eq!(replay(&logs, &folder.path().join("out"))["records"], 2);
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let text = write_lines(&at("a.ndjson"), Corpus::new(Options { records: 500, ..Options::default() }));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&std::fs::read(&text).expect("reads")).expect("compresses");
    let cut = gzip.finish().expect("compresses");
    std::fs::write(at("cut.gz"), &cut[..cut.len() / 2]).expect("writes");
    let cases = [("missing.ndjson", 2, "does not exist"), ("cut.gz", 3, "cannot read on in")];
    for (name, code, message) in cases {
        let mut command = picket(["replay"]);
        command.arg(at(name)).arg("--out").arg(at("out"));
        let said = stderr(&expect_code(&mut command, code));
        assert!(said.contains(message) && said.contains(name), "{name}: {said}");
    }
}

#[test]
fn a_folder_without_rights_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let locked = folder.path().join("locked");
    std::fs::create_dir(&locked).expect("creates");
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o000)).expect("sets");
    if std::fs::read_dir(&locked).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    let mut command = picket(["replay"]);
    command.arg(&locked).arg("--out").arg(folder.path().join("out"));
    let said = stderr(&expect_code(&mut command, 3));
    assert!(said.contains("locked"), "{said}");
}

#[test]
fn outputs_that_cannot_be_written_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let file = write_lines(&at("a.ndjson"), Corpus::new(Options { records: 10, ..Options::default() }));
    std::fs::create_dir_all(at("out/risk-detections.ndjson")).expect("creates");
    for out in ["a.ndjson", "out"] {
        let mut command = picket(["replay"]);
        command.arg(&file).arg("--out").arg(at(out));
        let said = stderr(&expect_code(&mut command, 3));
        assert!(said.contains(out), "{said}");
    }
}

#[test]
fn hostile_lines_become_dead_letters_and_the_rest_is_judged() {
    let folder = tempfile::tempdir().expect("a folder");
    let good: Vec<String> = Corpus::new(Options { records: 3, ..Options::default() }).collect();
    let path = folder.path().join("a.ndjson");
    let mut file = std::fs::File::create(&path).expect("creates");
    let deep = format!("{{\"category\":\"AuditLogs\",\"properties\":{}1{}}}", "[".repeat(9_000), "]".repeat(9_000));
    let long = format!("{{\"category\":\"AuditLogs\",\"x\":\"{}\"}}", "y".repeat(50 << 20));
    let wild = good[1].replacen("createdDateTime\":\"20", "createdDateTime\":\"99", 1);
    for line in [&good[0], &deep, &long, &wild, &good[2]] {
        file.write_all(line.as_bytes()).and_then(|()| file.write_all(b"\n")).expect("writes");
    }
    file.write_all(b"{\"category\":\"AuditLogs\",\"name\":\"\xff\xfe\"}\n").expect("writes");
    let summary = replay(&path, &folder.path().join("out"));
    assert_eq!((&summary["records"], &summary["events"]), (&6.into(), &3.into()), "{summary}");
    let letters = outputs(&folder.path().join("out"));
    assert!(letters["dead-letters"].len() < 1 << 20, "dead letters keep more than 64 KiB of a record");
}

#[test]
fn a_secret_in_a_record_that_cannot_be_read_is_not_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = made_up_secret(8);
    let line = format!("{{\"client_secret\": \"{secret}\", cut off");
    let file = write_lines(&folder.path().join("a.ndjson"), [line, "{}".to_owned()]);
    let mut command = picket(["replay"]);
    let output = expect_code(command.arg(&file).arg("--out").arg(folder.path().join("out")), 3);
    let said = stderr(&output);
    assert!(said.contains("none of 2 records could be understood") && said.contains("dead-letters.ndjson"), "{said}");
    let letters = String::from_utf8(outputs(&folder.path().join("out"))["dead-letters"].clone()).expect("UTF-8");
    let bytes = |line: &str| {
        let letter: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let bytes = base64::engine::general_purpose::STANDARD.decode(letter["bytes"].as_str().expect("text"));
        String::from_utf8(bytes.expect("base64")).expect("UTF-8")
    };
    let kept: String = letters.lines().map(bytes).collect();
    assert!(kept.contains("client_secret") && !kept.contains(&secret), "{kept}");
}

#[test]
fn an_inventory_of_another_shape_is_warned_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let logs = write_lines(&at("a.ndjson"), Corpus::new(Options { records: 20, ..Options::default() }));
    let application = r##"{"@odata.type":"#microsoft.graph.application","id":"o","appId":"a"}"##;
    let warns = |text: String| {
        let inventory = write_lines(&at("inventory.ndjson"), [text]);
        let mut command = picket(["replay"]);
        let command = command.arg("--inventory").arg(&inventory).arg(&logs).arg("--out").arg(at("out"));
        stderr(&expect_code(command, 0)).contains("the inventory names no application")
    };
    assert!(warns(format!(r#"{{"applications":[{application}]}}"#)));
    assert!(!warns(format!(r#"{{"value":[{application}]}}"#)));
}

#[test]
fn standard_input_is_read_to_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let file =
        write_lines(&folder.path().join("a.ndjson"), Corpus::new(Options { records: 3_000, ..Options::default() }));
    let at = |name: &str| folder.path().join(name);
    let mut by_file = picket(["run", "--once"]);
    expect_code(by_file.arg(&file).arg("--data").arg(at("data1")).arg("--out").arg(at("out1")), 0);
    let mut by_pipe = picket(["run", "--once", "--stdin", "--stdout"]);
    by_pipe.arg("--data").arg(at("data2")).arg("--out").arg(at("out2"));
    by_pipe.stdin(std::fs::File::open(&file).expect("opens"));
    let output = expect_code(&mut by_pipe, 0);
    assert_same(&at("out1"), &at("out2"), "outputs");
    let said = stderr(&output);
    assert!(said.contains("ended records=3000 "), "{said}");
    assert_eq!(output.stdout, outputs(&at("out2"))["risk-detections"]);
    let replay = |name: &str| {
        let mut replay = picket(["replay"]);
        replay.arg("--out").arg(at(name));
        replay
    };
    expect_code(replay("out3").arg(&file), 0);
    expect_code(replay("out4").arg("--stdin").stdin(std::fs::File::open(&file).expect("opens")), 0);
    assert_same(&at("out3"), &at("out4"), "outputs of a replay");
}

#[test]
fn a_file_that_grows_is_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let file = write_lines(&at("a.ndjson"), ["{\"n\": 1}".to_owned()]);
    let running = Running::start(&at("data"), &at("out"), &["--follow", file.to_str().expect("text")]);
    let letters = || std::fs::read_to_string(at("out/dead-letters.ndjson")).unwrap_or_default().lines().count();
    eventually("the first line", || (letters() == 1).then_some(()));
    let mut growing = std::fs::File::options().append(true).open(&file).expect("opens");
    growing.write_all(b"{\"n\"").expect("writes");
    growing.write_all(b": 2}\n{\"n\": 3}\n").expect("writes");
    eventually("the lines added", || (letters() == 3).then_some(()));
    assert_eq!(running.terminate(), Some(0));
}

/// Writes lines that are dead letters, and waits until all of them so far were read.
struct Growing {
    folder: tempfile::TempDir,
    written: usize,
}

impl Growing {
    fn at(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn start(&self, what: &str) -> Running {
        Running::start(&self.at("data"), &self.at("out"), &["--follow", self.at(what).to_str().expect("text")])
    }

    fn write(&mut self, file: &mut std::fs::File, lines: usize) {
        for _ in 0..lines {
            self.written += 1;
            file.write_all(format!("{{\"n\": {}}}\n", self.written).as_bytes()).expect("writes");
        }
    }

    fn create(&self, name: &str) -> std::fs::File {
        std::fs::File::create(self.at(name)).expect("creates")
    }

    fn await_all(&self) {
        let letters = || std::fs::read_to_string(self.at("out/dead-letters.ndjson")).unwrap_or_default();
        eventually("all lines", || (letters().lines().count() == self.written).then_some(()));
        let letters = letters();
        let read: BTreeSet<&str> = letters.lines().filter_map(|line| line.split("\"bytes\"").nth(1)).collect();
        assert_eq!(read.len(), self.written, "each once: {letters}");
    }
}

#[test]
fn a_file_that_is_rotated_is_read_to_its_end_and_the_next_from_its_beginning() {
    let mut growing = Growing { folder: tempfile::tempdir().expect("a folder"), written: 0 };
    let mut file = growing.create("a.ndjson");
    let running = growing.start("a.ndjson");
    growing.write(&mut file, 3);
    growing.await_all();
    assert_eq!(running.terminate(), Some(0));
    // While nobody looks.
    let mut file = growing.create("b.ndjson");
    growing.write(&mut file, 4);
    std::fs::rename(growing.at("b.ndjson"), growing.at("a.ndjson")).expect("renames");
    let running = growing.start("a.ndjson");
    growing.await_all();
    // And while somebody does, who writes on for a moment; then what is there is cut.
    std::fs::rename(growing.at("a.ndjson"), growing.at("a.ndjson.1")).expect("renames");
    growing.write(&mut file, 2);
    let mut next = growing.create("a.ndjson");
    growing.write(&mut file, 1);
    growing.write(&mut next, 2);
    growing.await_all();
    next.set_len(0).expect("is cut");
    let mut next = std::fs::File::options().append(true).open(growing.at("a.ndjson")).expect("opens");
    growing.write(&mut next, 1);
    growing.await_all();
    assert_eq!(running.terminate(), Some(0));
}

#[test]
fn a_folder_that_is_followed_may_get_more_files() {
    let mut growing = Growing { folder: tempfile::tempdir().expect("a folder"), written: 0 };
    std::fs::create_dir(growing.at("logs")).expect("a folder");
    let running = growing.start("logs");
    for name in ["logs/a.ndjson", "logs/b.jsonl"] {
        std::fs::write(growing.at("logs/old.ndjson.gz"), b"\x1f\x8b\x08").expect("writes");
        let mut file = growing.create(name);
        growing.write(&mut file, 2);
        growing.await_all();
    }
    assert_eq!(running.terminate(), Some(0));
}

#[test]
fn the_outputs_of_another_run_are_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let lines: Vec<String> = Corpus::new(Options { records: 300, ..Options::default() }).collect();
    let records = write_lines(&at("records.ndjson"), lines);
    let run = |data: &str| {
        let mut command = picket(["run", "--once"]);
        command.arg(&records).arg("--data").arg(at(data)).arg("--out").arg(at("out"));
        command
    };
    expect_code(&mut run("data"), 0);
    std::fs::write(at("out/risk-detections.ndjson"), "kept\n").expect("writes");
    let said = stderr(&expect_code(&mut run("other"), 2));
    assert!(said.contains("choose another folder"), "{said}");
    let mut replay = picket(["replay"]);
    replay.arg(&records).arg("--out").arg(at("out"));
    expect_code(&mut replay, 2);
    assert_eq!(std::fs::read_to_string(at("out/risk-detections.ndjson")).expect("reads"), "kept\n");
}
