//! The crate's dependencies and sources prove that it has no I/O, async, clock or randomness.

use std::path::Path;

/// Crates that compute and nothing else. A new one needs a reason here.
const PURE: &[&str] = &[
    "aho-corasick",
    "blake3",
    "memchr",
    "compact_str",
    "postcard",
    "regex",
    "regex-syntax",
    "serde",
    "serde-saphyr",
    // Entra knows certificates by their SHA-1 or SHA-256.
    "sha1_smol",
    "sha2",
    "smallvec",
    "thiserror",
    "toml",
    "uuid",
    "zeroize",
];

/// Ways to the world that the standard library offers.
const WORLDLY: &[&str] = &[
    "std::fs",
    "std::net::Tcp",
    "std::net::Udp",
    "std::env",
    "std::io::stdin",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "async fn",
    "rand::",
    "new_v4",
    "println!",
    "tokio",
];

#[test]
fn only_pure_crates_are_used() {
    let manifest =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).expect("the manifest");
    let dependencies =
        manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).expect("a section");
    let names =
        dependencies.lines().filter_map(|line| line.split(['.', ' ', '=']).next()).filter(|name| !name.is_empty());
    let strangers: Vec<_> = names.filter(|name| !PURE.contains(name) && !name.starts_with('#')).collect();
    assert!(strangers.is_empty(), "not known to be pure: {strangers:?}");
}

#[test]
fn no_source_reaches_for_the_world() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            seen += 1;
            if path.file_name().is_some_and(|name| name == "tests.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a source");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let worldly: Vec<_> = WORLDLY.iter().filter(|word| code.contains(**word)).collect();
            assert!(worldly.is_empty(), "{} uses {worldly:?}", path.display());
        }
    }
    assert!(seen > 20, "the sources were found");
}
