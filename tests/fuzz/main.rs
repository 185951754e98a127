//! The fuzz targets without a fuzzer: every seed, whole and cut off, goes through its target on the stable compiler, so
//! that targets keep building and what they claim keeps holding.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a target stops at what it did not expect, and is public where cargo-fuzz builds it"
)]

mod feeds;

use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz")
}

/// The names of what lies in a folder, without their endings.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut names: Vec<_> = entries.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    names
}

#[test]
fn every_target_is_known_everywhere() {
    let targets: Vec<String> = feeds::TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&folder().join("targets")), targets);
    assert_eq!(names(&folder().join("seeds")), targets);
    let text = |name: &str| std::fs::read_to_string(folder().join(name)).expect("a file");
    let (manifest, readme) = (text("Cargo.toml"), text("README.md"));
    for name in targets {
        assert!(manifest.contains(&format!("path = \"targets/{name}.rs\"")), "{name} is not in Cargo.toml");
        assert_eq!(readme.matches(&format!("| `{name}` |")).count(), 2, "{name} is not in both tables of the README");
        let target = text(&format!("targets/{name}.rs"));
        assert!(target.contains(&format!("|bytes: &[u8]| picket_fuzz::feeds::{name}(bytes)")), "{name} does another's");
    }
}

#[test]
fn every_seed_goes_through_its_target_whole_and_cut_off() {
    for (name, target) in feeds::TARGETS {
        for seed in std::fs::read_dir(folder().join("seeds").join(name)).expect("seeds") {
            let seed = seed.expect("an entry").path();
            let bytes = std::fs::read(&seed).expect("a seed");
            println!("{}", seed.display());
            target(&bytes);
            for eighth in 0..8 {
                target(&bytes[..bytes.len() * eighth / 8]);
            }
        }
    }
}
