//! Histories, staged files, bundles.

use super::planted::{assignment, entra_secret};
use super::support::program::{expect_code, stderr};
use super::{findings, paths, scan, write};
use std::path::Path;
use std::process::Command;

/// A repository, made by git; `None` where there is no git.
pub(crate) struct Repository(tempfile::TempDir);

impl Repository {
    fn new() -> Option<Self> {
        if Command::new("git").arg("--version").output().is_err() {
            println!("skipped: there is no git here to make a repository with");
            return None;
        }
        let repository = Self(tempfile::tempdir().expect("a folder"));
        repository.git(&["init", "-q", "-b", "main"]);
        Some(repository)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn git(&self, args: &[&str]) {
        let name = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "gc.auto=0"];
        let nowhere = [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")];
        let output = Command::new("git").args(name).args(args).envs(nowhere).current_dir(self.path()).output();
        let output = output.expect("starts");
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn commit(&self, files: &[(&str, String)], message: &str) {
        for (name, content) in files {
            write(self.path(), name, content);
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }
}

/// Four commits and a merged branch: secret 1 comes and goes, secret 2 comes on the branch.
pub(crate) fn story() -> Option<Repository> {
    let repository = Repository::new()?;
    repository.commit(&[("readme", "hello\n".into()), ("sub/app.env", "PORT=1\n".into())], "one");
    repository.commit(&[("sub/app.env", format!("PORT=1\n{}", assignment(1)))], "two");
    repository.commit(&[("sub/app.env", format!("PORT=2\n{}", assignment(1)))], "another port");
    repository.commit(&[("sub/app.env", "PORT=2\n".into())], "taken out");
    repository.git(&["checkout", "-q", "-b", "side", "HEAD~3"]);
    repository.commit(&[("side.env", assignment(2))], "side");
    repository.git(&["checkout", "-q", "main"]);
    repository.git(&["merge", "-q", "-m", "merge", "side"]);
    Some(repository)
}

fn places(found: &[serde_json::Value]) -> Vec<(&str, u64)> {
    paths(found).into_iter().zip(found.iter().filter_map(|finding| finding["line"].as_u64())).collect()
}

#[test]
fn a_history_tells_which_commit_brought_a_secret_once() {
    let Some(repository) = story() else { return };
    let mut found = findings(repository.path(), ["--git", "."], 1);
    found.sort_by_key(|finding| finding["path"].to_string());
    assert_eq!(places(&found), [("side.env", 1), ("sub/app.env", 2)]);
    let commit = &found[1]["commit"];
    assert_eq!((&commit["author"], &commit["email"]), (&"Ann".into(), &"ann@example.org".into()));
    assert_eq!(commit["id"].as_str().map(str::len), Some(40));
    repository.git(&["gc", "-q"]);
    for jobs in ["1", "5"] {
        let mut again = findings(repository.path(), ["--git", ".", "--jobs", jobs], 1);
        again.sort_by_key(|finding| finding["path"].to_string());
        assert_eq!(again, found, "packed, with {jobs} threads");
    }
}

#[test]
fn a_folder_of_a_work_tree_stands_for_its_repository() {
    let Some(repository) = story() else { return };
    let found = findings(&repository.path().join("sub"), ["--git", "."], 1);
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn since_a_revision_only_what_came_after_counts() {
    let Some(repository) = story() else { return };
    repository.commit(&[("new.env", assignment(3))], &format!("says {}", assignment(4)));
    let found = findings(repository.path(), ["--git", ".", "--since", "HEAD~1"], 1);
    assert_eq!(paths(&found), ["(commit message)", "new.env"]);
    assert!(findings(repository.path(), ["--git", ".", "--since", "HEAD"], 0).is_empty());
    let output = expect_code(&mut scan(repository.path(), ["--git", ".", "--since", "nowhere"]), 2);
    assert!(stderr(&output).contains("nowhere"), "{}", stderr(&output));
}

#[test]
fn what_is_staged_is_compared_with_the_last_commit() {
    let Some(repository) = Repository::new() else { return };
    write(repository.path(), "first.env", assignment(1));
    repository.git(&["add", "-A"]);
    assert_eq!(paths(&findings(repository.path(), ["--git", ".", "--staged"], 1)), ["first.env"], "before any commit");
    repository.git(&["commit", "-q", "-m", "one"]);
    assert!(findings(repository.path(), ["--git", ".", "--staged"], 0).is_empty());
    write(repository.path(), "first.env", format!("PORT=1\n{}{}", assignment(1), assignment(2)));
    write(repository.path(), "unstaged.env", assignment(3));
    assert!(findings(repository.path(), ["--git", ".", "--staged"], 0).is_empty(), "nothing is staged yet");
    repository.git(&["add", "first.env"]);
    let found = findings(repository.path(), ["--git", ".", "--staged"], 1);
    assert_eq!(places(&found), [("first.env", 3)], "what was there before is no news");
}

#[test]
fn a_shallow_clone_is_searched_as_far_as_it_goes() {
    let Some(repository) = story() else { return };
    let url = format!("file://{}", repository.path().display());
    repository.git(&["clone", "-q", "--depth", "1", &url, "shallow"]);
    let found = findings(repository.path(), ["--git", "shallow"], 1);
    assert_eq!(paths(&found), ["side.env"], "what the last commit holds");
}

#[test]
fn the_shipped_hooks_stop_a_commit_with_a_secret() {
    let Some(repository) = Repository::new() else { return };
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    let hooks = std::fs::read_to_string(hooks).expect("the hooks");
    let entries: Vec<&str> = hooks.lines().filter_map(|line| line.trim().strip_prefix("entry: picket scan ")).collect();
    assert_eq!(entries.len(), 2);
    write(repository.path(), "app.env", assignment(1));
    for entry in entries {
        expect_code(&mut scan(repository.path(), entry.split_whitespace()), 0);
    }
    repository.git(&["add", "-A"]);
    let entries = hooks.lines().filter_map(|line| line.trim().strip_prefix("entry: picket scan "));
    for entry in entries {
        expect_code(&mut scan(repository.path(), entry.split_whitespace()), 1);
    }
}

#[test]
fn a_bundle_is_a_history_in_a_file() {
    let Some(repository) = story() else { return };
    repository.git(&["bundle", "create", "-q", "all.bundle", "--all"]);
    let whole = findings(repository.path(), ["--git", "."], 1);
    assert_eq!(findings(repository.path(), ["--git", "all.bundle"], 1), whole);
    let bytes = std::fs::read(repository.path().join("all.bundle")).expect("a bundle");
    for length in [30, bytes.len() / 2, bytes.len() - 1] {
        write(repository.path(), "cut.bundle", &bytes[..length]);
        let output = expect_code(&mut scan(repository.path(), ["--git", "cut.bundle"]), 3);
        assert!(stderr(&output).contains("cut.bundle"), "{length}: {}", stderr(&output));
    }
}

#[test]
fn an_object_that_memory_is_not_meant_for_is_not_unpacked() {
    let Some(repository) = Repository::new() else { return };
    let zeros = std::fs::File::create(repository.path().join("zeros")).expect("a file");
    zeros.set_len(257 << 20).expect("grows");
    drop(zeros);
    repository.commit(&[("app.env", assignment(1))], "one");
    repository.git(&["bundle", "create", "-q", "all.bundle", "--all"]);
    let output = expect_code(&mut scan(repository.path(), ["--git", "all.bundle"]), 3);
    assert!(stderr(&output).contains("all.bundle holds an object of more than"), "{}", stderr(&output));
    assert_eq!(
        paths(&findings(repository.path(), ["--git", "."], 1)),
        ["app.env"],
        "the rest of a repository is searched"
    );
}

#[test]
fn a_pack_that_is_cut_off_is_told() {
    let Some(repository) = story() else { return };
    repository.git(&["gc", "-q"]);
    let folder = repository.path().join(".git/objects/pack");
    let pack = std::fs::read_dir(folder).expect("packs").map(|entry| entry.expect("an entry").path());
    let pack = pack.into_iter().find(|path| path.extension().is_some_and(|end| end == "pack")).expect("a pack");
    let bytes = std::fs::read(&pack).expect("a pack");
    std::fs::remove_file(&pack).expect("removes");
    for length in [0, 12, bytes.len() / 3, bytes.len() * 2 / 3, bytes.len() - 30] {
        std::fs::write(&pack, &bytes[..length]).expect("writes");
        let output = scan(repository.path(), ["--git", "."]).output().expect("starts");
        let message = stderr(&output);
        assert!(matches!(output.status.code(), Some(1 | 3)), "{length}: {message}");
        assert!(message.contains("damaged"), "{length}: {message}");
        assert!(!message.contains("panicked"), "{length}: {message}");
        assert!(!message.contains(&entra_secret(1)), "{length}");
    }
}
