//! Configuration and the command line, as their users see them.

use crate::support::program::{expect_code, picket, stderr, stdout};

#[test]
fn files_that_are_not_there_are_told_by_a_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("picket.toml");
    let text = "[rules]\nfolders = [\"no-rules\"]\noverrides = \"no.yaml\"\n[intelligence]\nfiles = [\"no-list.txt\", \"picket.toml\"]\n[geo]\nfiles = [\"no.mmdb\"]\n";
    std::fs::write(&path, text).expect("writes");
    let mut check = picket(["config", "check", "--config", "picket.toml"]);
    let output = expect_code(check.current_dir(folder.path()), 0);
    let said = stderr(&output);
    for (key, file) in [
        ("rules.folders", "no-rules"),
        ("rules.overrides", "no.yaml"),
        ("intelligence.files", "no-list.txt"),
        ("geo.files", "no.mmdb"),
    ] {
        assert!(said.contains(&format!("{key}: there is no {file}")), "{said}");
    }
    assert_eq!(said.lines().count(), 4, "{said}");
}

#[test]
fn mistakes_are_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("picket.toml");
    let cases = [
        "[batch]\nrecrods = 5\n",
        "[bacth]\nrecords = 5\n",
        "[batch]\nrecords = \"five\"\n",
        "[batch]\nrecords = 0\n",
        "[batch\n",
        "[run]\nmode = \"cloud\"\n",
        "[serve]\nlisten = \"everywhere\"\n",
        "[serve]\ntoken_env = \"PICKET_TEST_NOT_SET\"\n",
        "[log]\nlevel = \"picket=loud\"\n",
    ];
    let mut said = String::new();
    for text in cases {
        std::fs::write(&path, text).expect("writes");
        let output = expect_code(picket(["config", "check", "--config"]).arg(&path), 2);
        said.push_str(&stderr(&output).replace(&*folder.path().to_string_lossy(), "DIR"));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn variables_and_flags_are_checked_like_the_file() {
    let mut variable = picket(["config", "check"]);
    variable.env("PICKET__SERVE__LISTN", "x");
    let mut flag = picket(["config", "check", "--log-format", "yaml"]);
    let missing = &mut picket(["config", "check", "--config", "does-not-exist.toml"]);
    let said = [&mut variable, &mut flag, missing].map(|command| stderr(&expect_code(command, 2)));
    insta::assert_snapshot!(said.concat());
}

#[test]
fn settings_are_shown_with_their_origin() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("picket.toml");
    std::fs::write(&path, "[batch]\nrecords = 5\n").expect("writes");
    let mut command = picket(["config", "show", "--origin", "--log-level", "warn", "--config"]);
    command.arg(&path).env("PICKET__BATCH__BYTES", "1000");
    let shown = stdout(&expect_code(&mut command, 0)).replace(&*folder.path().to_string_lossy(), "DIR");
    let shown: Vec<&str> = shown.lines().filter(|line| !line.ends_with("# default")).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn what_is_shown_is_a_valid_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("picket.toml");
    std::fs::write(&path, expect_code(&mut picket(["config", "show"]), 0).stdout).expect("writes");
    expect_code(picket(["config", "check", "--config"]).arg(&path), 0);
}

#[test]
fn the_help_is_worth_reading() {
    for args in [&["--help"][..], &["run", "--help"], &["replay", "--help"], &["explain", "--help"]] {
        let name = format!("help {}", args.join(" "));
        insta::assert_snapshot!(name, stdout(&expect_code(&mut picket(args), 0)));
    }
}

#[test]
fn wrong_usage_ends_with_2() {
    let cases: [&[&str]; 4] = [&[], &["replay"], &["replay", "x", "--out"], &["run", "--once"]];
    for args in cases {
        expect_code(&mut picket(args), 2);
    }
}

#[test]
fn arguments_that_name_nothing_are_wrong_usage() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |args: &[&str]| {
        let mut command = picket(args.iter().copied());
        stderr(&expect_code(command.current_dir(folder.path()), 2))
    };
    let simulate = ["simulate", "--out", "sim"];
    for start in ["tomorrow", "2026-x-03-02"] {
        let said = run(&[&simulate[..], &["--start", start]].concat());
        assert!(said.contains("write it as 2026-03-02"), "{said}");
    }
    assert!(run(&[&simulate[..], &["--campaigns", "theft"]].concat()).contains("theft is unknown"), "named");
    for file in ["risky-principals.ndjson", "risk-detections.ndjson"] {
        std::fs::write(folder.path().join(file), "").expect("writes");
    }
    assert!(run(&["explain", "nobody", "--in", "."]).contains("the id or name nobody"));
    let said = run(&["run", "--roles", "score", "--listen", "127.0.0.1:0", "--data", "data"]);
    assert!(said.contains("set kafka.bootstrap"), "{said}");
}

#[test]
fn completions_are_printed_and_a_closed_pipe_is_no_error() {
    let script = stdout(&expect_code(&mut picket(["completions", "bash"]), 0));
    assert!(script.contains("replay"));
    let mut child = picket(["completions", "zsh"]).stdout(std::process::Stdio::piped()).spawn().expect("starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("ends").code(), Some(0));
}

#[test]
fn the_shipped_schema_is_the_program_s() {
    let schema = stdout(&expect_code(&mut picket(["config", "schema"]), 0));
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/picket.schema.json");
    let shipped = std::fs::read_to_string(shipped).expect("the shipped schema");
    assert!(shipped == schema, "deploy/picket.schema.json is old: write it anew by `picket config schema`");
}
