//! Records to hold rules against: the peers' real cases and events, where they are at hand, and our scenarios.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// The folder of shared data; `None` (said aloud) where it is absent.
pub(crate) fn shared(part: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(part);
    if folder.exists() {
        return Some(folder);
    }
    println!("skipped: there is no ../shared/data/{part}");
    None
}

fn lines_of(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    match serde_json::from_str(&text) {
        Ok(one) => vec![one],
        Err(_) => text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect(),
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    walk.map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|kind| kind == "json" || kind == "jsonl" || kind == "ndjson"))
        .collect()
}

/// All records as text.
pub(crate) fn all() -> Vec<String> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")];
    folders.extend(["events", "peer-cases"].into_iter().filter_map(shared));
    let values = folders.iter().flat_map(|folder| files(folder)).flat_map(|path| lines_of(&path));
    let mut texts = Vec::new();
    for value in values {
        for inner in ["event", "records"] {
            match value.get(inner) {
                Some(Value::Array(records)) => texts.extend(records.iter().map(Value::to_string)),
                Some(record @ Value::Object(_)) => texts.push(record.to_string()),
                _ => {}
            }
        }
        texts.push(value.to_string());
    }
    texts
}
