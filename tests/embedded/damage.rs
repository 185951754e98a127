//! Damage: to the outputs it is repaired, to the store it is said.

use crate::support::corpus::{Corpus, Options};
use crate::support::program::{expect_code, outputs, picket, stderr, write_lines};
use std::path::{Path, PathBuf};

struct Ran {
    folder: tempfile::TempDir,
    file: PathBuf,
}

impl Ran {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let lines = Corpus::new(Options { records: 4_000, ..Options::default() });
        let file = write_lines(&folder.path().join("a.ndjson"), lines);
        let ran = Self { folder, file };
        ran.run(0);
        ran
    }

    fn run(&self, code: i32) -> String {
        let mut command = picket(["run", "--once"]);
        command.arg(&self.file).arg("--data").arg(self.data()).arg("--out").arg(self.out());
        stderr(&expect_code(&mut command, code))
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }
}

#[test]
fn a_torn_line_at_the_end_of_an_output_is_cut_off() {
    let ran = Ran::new();
    let before = outputs(&ran.out());
    for name in ["risk-detections", "risk-transitions"] {
        let path = ran.out().join(format!("{name}.ndjson"));
        let mut bytes = std::fs::read(&path).expect("reads");
        bytes.extend_from_slice(b"{\"id\":\"half a li");
        std::fs::write(&path, bytes).expect("writes");
    }
    ran.run(0);
    assert_eq!(outputs(&ran.out()), before);
}

fn largest_journal(data: &Path) -> PathBuf {
    let files = walkdir::WalkDir::new(data).into_iter().filter_map(Result::ok);
    let journals = files.filter(|entry| entry.path().extension().is_some_and(|ending| ending == "jnl"));
    journals.max_by_key(|entry| entry.metadata().expect("metadata").len()).expect("a journal").into_path()
}

#[test]
fn a_journal_damaged_in_the_middle_is_refused() {
    let ran = Ran::new();
    let journal = largest_journal(&ran.data());
    let mut bytes = std::fs::read(&journal).expect("reads");
    let used = bytes.iter().rposition(|byte| *byte != 0).expect("something is written");
    for byte in &mut bytes[used / 4..used / 4 + 200] {
        *byte ^= 0x5a;
    }
    std::fs::write(&journal, bytes).expect("writes");
    let said = ran.run(3);
    assert!(said.contains("lost commits") || said.contains("corrupt"), "{said}");
}

#[test]
fn a_journal_that_lost_its_end_is_refused() {
    let ran = Ran::new();
    let journal = largest_journal(&ran.data());
    let bytes = std::fs::read(&journal).expect("reads");
    let used = bytes.iter().rposition(|byte| *byte != 0).expect("something is written");
    std::fs::write(&journal, &bytes[..used / 2]).expect("writes");
    let said = ran.run(3);
    assert!(said.contains("lost commits") || said.contains("corrupt"), "{said}");
}

#[test]
fn a_store_whose_files_are_gone_is_refused() {
    let ran = Ran::new();
    let manifest = ran.data().join("version");
    std::fs::write(&manifest, b"not a store").expect("writes");
    let said = ran.run(3);
    assert!(said.contains("corrupt") && said.contains("data"), "{said}");
}

#[test]
fn a_store_of_a_newer_program_is_refused() {
    use picket::store::{Store, StoreOptions};
    let ran = Ran::new();
    {
        let store = Store::open(&ran.data(), StoreOptions::default()).expect("opens");
        let mut batch = store.batch();
        batch.meta("format", &99_u32.to_be_bytes());
        batch.commit().expect("commits");
    }
    let said = ran.run(3);
    assert!(said.contains("format 99") && said.contains("run the newer Picket"), "{said}");
}

#[test]
fn a_store_in_use_is_refused() {
    use picket::store::{Store, StoreOptions};
    let ran = Ran::new();
    let _held = Store::open(&ran.data(), StoreOptions::default()).expect("opens");
    let said = ran.run(3);
    assert!(said.contains("in use by another process"), "{said}");
}
