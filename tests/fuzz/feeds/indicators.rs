//! Any bytes as a file of indicators: lists, CSV, Spamhaus DROP, STIX 2.1.

use picket::intelligence::{Table, read};
use std::path::PathBuf;
use std::sync::LazyLock;

/// One file, written anew for each run.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| tempfile::tempdir().expect("a folder").keep().join("indicators"));

const ENDINGS: [&str; 3] = ["txt", "csv", "json"];

/// Reads the file, whose kind the first byte chooses.
pub fn indicators(bytes: &[u8]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let file = FILE.with_extension(ENDINGS[usize::from(*choice) % ENDINGS.len()]);
    std::fs::write(&file, rest).expect("writes");
    let reading = read(&[file]);
    for complaint in &reading.complaints {
        let _text = complaint.to_string();
    }
    let _table = Table::new(reading.indicators);
}
