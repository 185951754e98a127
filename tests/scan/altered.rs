//! Archives, packs and bundles with bytes altered, taken out or doubled: each is searched or told of, the rest goes on,
//! and no message shows a secret.

use super::content::{gzip, tar, zip};
use super::git::story;
use super::planted::{assignment, entra_secret};
use super::support::program::{stderr, stdout};
use super::{scan, write};

/// Alters bytes in a fixed but irregular way: the same every time, so that a failure can be looked at again.
struct Altering(u64);

impl Altering {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) as usize % below.max(1)
    }

    fn alter(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut altered = bytes.to_vec();
        for _ in 0..=self.next(4) {
            let at = self.next(altered.len());
            match self.next(5) {
                0 => altered.truncate(at),
                1 => altered.insert(at.min(altered.len()), 0xff),
                2 => altered.extend_from_within(at..),
                3 if !altered.is_empty() => drop(altered.remove(at)),
                _ => {
                    if let Some(byte) = altered.get_mut(at) {
                        *byte ^= 1 << self.next(8);
                    }
                }
            }
        }
        altered
    }
}

#[test]
fn altered_archives_are_searched_or_told_of_and_the_rest_goes_on() {
    const EACH: usize = 120;
    let folder = tempfile::tempdir().expect("a folder");
    let text = assignment(1);
    let layer = gzip(&tar("etc/app.env", text.as_bytes()));
    let archives = [
        ("zip", zip(&[("config/x.env", text.as_bytes()), ("lib/inner.zip", &zip(&[("y", text.as_bytes())]))])),
        ("tar", tar("blobs/sha256/0a", &layer)),
        ("gz", gzip(text.as_bytes())),
        ("zst", zstd::encode_all(text.as_bytes(), 1).expect("packs")),
        ("tgz", layer),
    ];
    let mut altering = Altering(7);
    for (kind, bytes) in &archives {
        for number in 0..EACH {
            write(folder.path(), &format!("{number}.{kind}"), altering.alter(bytes));
        }
    }
    write(folder.path(), "z.env", &text);
    let output = scan(folder.path(), [".", "--format", "json"]).output().expect("starts");
    let (found, message) = (stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(found.lines().any(|line| line.contains("\"path\":\"z.env\"")), "the rest goes on");
    assert!(!message.contains("panicked"), "{message}");
    assert!(!message.contains(&entra_secret(1)) && !found.contains(&entra_secret(1)));
}

#[test]
fn altered_packs_and_bundles_end_with_a_message() {
    const EACH: usize = 12;
    let Some(repository) = story() else { return };
    repository.git(&["gc", "-q"]);
    repository.git(&["bundle", "create", "-q", "all.bundle", "--all"]);
    let bundle = std::fs::read(repository.path().join("all.bundle")).expect("a bundle");
    let folder = repository.path().join(".git/objects/pack");
    let paths: Vec<_> =
        std::fs::read_dir(folder).expect("packs").map(|entry| entry.expect("an entry").path()).collect();
    let mut altering = Altering(11);
    for number in 0..EACH {
        write(repository.path(), "altered.bundle", altering.alter(&bundle));
        let output = scan(repository.path(), ["--git", "altered.bundle"]).output().expect("starts");
        ends_well(&output, &format!("bundle {number}"));
    }
    for path in &paths {
        let whole = std::fs::read(path).expect("a file");
        let mut permissions = std::fs::metadata(path).expect("a file").permissions();
        #[expect(clippy::permissions_set_readonly_false, reason = "git writes packs that cannot be written to")]
        permissions.set_readonly(false);
        std::fs::set_permissions(path, permissions).expect("allows writing");
        for number in 0..EACH / 2 {
            std::fs::write(path, altering.alter(&whole)).expect("writes");
            let output = scan(repository.path(), ["--git", "."]).output().expect("starts");
            ends_well(&output, &format!("{} {number}", path.display()));
        }
        std::fs::write(path, &whole).expect("writes");
    }
}

fn ends_well(output: &std::process::Output, which: &str) {
    let message = stderr(output);
    // What no longer begins like a bundle is no repository (2); any other damage is found on the way (3).
    assert!(matches!(output.status.code(), Some(0..=3)), "{which}: {:?} {message}", output.status);
    assert!(!message.contains("panicked"), "{which}: {message}");
    assert!(!message.contains(&entra_secret(1)) && !message.contains(&entra_secret(2)), "{which}");
}
