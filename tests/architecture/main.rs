//! The arrows between modules point one way.
#![expect(clippy::expect_used, reason = "a test may fail")]

use std::path::{Path, PathBuf};

/// A module may import from those before it.
const ORDER: &[&str] = &[
    "record",
    "clock",
    "folder",
    "scrub",
    "decode",
    "sigma",
    "intelligence",
    "geo",
    "scan",
    "demo",
    "simulate",
    "store",
    "ingest",
    "config",
    "pipeline",
    "publish",
    "telemetry",
    "serve",
    "kafka",
    "cli",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

fn rank(module: &str) -> usize {
    ORDER
        .iter()
        .position(|known| *known == module)
        .unwrap_or_else(|| panic!("module {module} has no place in the order"))
}

#[test]
fn no_module_imports_from_a_later_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut imports = 0;
    for path in sources(&root) {
        let relative = path.strip_prefix(&root).expect("below src");
        let module = relative.iter().next().and_then(|part| part.to_str()).expect("a name").trim_end_matches(".rs");
        if matches!(module, "lib" | "main") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source");
        for import in text.split("crate::").skip(1) {
            let name: String = import.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            if name.is_empty() || name == module {
                continue;
            }
            imports += 1;
            assert!(rank(&name) < rank(module), "{} imports from {name}, which comes later", relative.display());
        }
    }
    assert!(imports > 30, "imports were found");
}
