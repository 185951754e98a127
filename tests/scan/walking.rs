//! Which files are searched.

use super::planted::assignment;
use super::support::program::{expect_code, stderr};
use super::{findings, paths, scan, write};
use std::os::unix::fs::symlink;

#[test]
fn ignored_files_are_passed_over_unless_named() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in
        ["kept.env", "built/out.env", "sub/local.env", "sub/kept.env", ".hidden/x.env", ".git/config", "own.env"]
    {
        write(folder.path(), name, assignment(1));
    }
    write(folder.path(), ".gitignore", "/built/\n");
    write(folder.path(), "sub/.gitignore", "local.env\n");
    write(folder.path(), ".picketignore", "own.env\n");
    assert_eq!(paths(&findings(folder.path(), ["."], 1)), [".hidden/x.env", "kept.env", "sub/kept.env"]);
    let everything = paths(&findings(folder.path(), [".", "--no-ignore"], 1)).len();
    assert_eq!(everything, 6, "all but git's own store");
    assert_eq!(paths(&findings(folder.path(), ["built/out.env"], 1)), ["built/out.env"]);
}

#[test]
fn a_path_within_another_is_searched_once() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "a/x.env", assignment(1));
    write(folder.path(), "b/y.env", assignment(2));
    assert_eq!(paths(&findings(folder.path(), ["b", "a/x.env", "a", "./a/../a"], 1)), ["a/x.env", "b/y.env"]);
}

#[test]
fn links_are_not_followed_so_loops_do_no_harm() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "tree/a/x.env", assignment(1));
    write(folder.path(), "outside/y.env", assignment(2));
    symlink("..", folder.path().join("tree/a/up")).expect("links");
    symlink("itself", folder.path().join("tree/itself")).expect("links");
    symlink("nowhere", folder.path().join("tree/dangling")).expect("links");
    symlink("../outside", folder.path().join("tree/out")).expect("links");
    assert_eq!(paths(&findings(folder.path(), ["tree"], 1)), ["tree/a/x.env"]);
    // A link that was asked for by name is followed.
    assert_eq!(paths(&findings(folder.path(), ["tree/out"], 1)), ["tree/out/y.env"]);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_goes_on() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "locked/x.env", assignment(1));
    write(folder.path(), "open.env", assignment(2));
    let lock = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(folder.path().join("locked"), permissions).expect("changes");
    };
    lock(0o000);
    let is_root = std::fs::read_dir(folder.path().join("locked")).is_ok();
    if is_root {
        lock(0o755);
        println!("skipped: this user may read everything");
        return;
    }
    let output = expect_code(&mut scan(folder.path(), ["."]), 1);
    assert!(stderr(&output).contains("locked"), "{}", stderr(&output));
    std::fs::remove_file(folder.path().join("open.env")).expect("removes");
    let output = expect_code(&mut scan(folder.path(), ["."]), 3);
    assert!(stderr(&output).contains("could not be read"), "{}", stderr(&output));
    lock(0o755);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    for number in 0..400_u64 {
        let text = if number % 5 == 0 { assignment(number) } else { "nothing\n".repeat(number as usize) };
        write(folder.path(), &format!("d{}/f{number}.env", number % 17), text);
    }
    for format in ["text", "json", "sarif", "github", "gitlab"] {
        let run = |jobs: &str| expect_code(&mut scan(folder.path(), [".", "--format", format, "--jobs", jobs]), 1);
        let one = run("1");
        assert!(one.stdout.len() > 1_000, "{format}");
        for jobs in ["2", "7"] {
            let many = run(jobs);
            assert!(many.stdout == one.stdout && many.stderr == one.stderr, "{format} with {jobs} threads");
        }
    }
}
