//! Exit codes, baselines, comments that allow, rules of the user's own.

use super::planted::{assignment, entra_secret};
use super::support::program::{expect_code, stderr, stdout};
use super::{findings, scan, write};

#[test]
fn exit_codes_say_what_came_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "leak/app.env", assignment(1));
    write(folder.path(), "clean/app.env", "PORT=8080\n");
    write(folder.path(), "broken.yaml", "- id: [");
    write(folder.path(), "no.baseline", "{}\n");
    let cases: &[(&str, &[&str], i32)] = &[
        ("nothing found", &["clean"], 0),
        ("an empty folder", &["empty"], 0),
        ("found", &["leak"], 1),
        ("found at the level", &["leak", "--fail-on", "medium"], 1),
        ("nothing to search", &[], 2),
        ("a path and standard input", &["leak", "--stdin"], 2),
        ("no such path", &["clean", "nowhere"], 2),
        ("no such level", &["clean", "--fail-on", "never"], 2),
        ("no such rules", &["clean", "--rules", "nowhere.yaml"], 2),
        ("broken rules", &["clean", "--rules", "broken.yaml"], 2),
        ("no such baseline", &["clean", "--baseline", "nowhere"], 2),
        ("a baseline that is none", &["clean", "--baseline", "no.baseline"], 2),
        ("an inventory that is none", &["clean", "--inventory", "clean/app.env"], 2),
        ("since without a repository", &["clean", "--since", "HEAD"], 2),
        ("no repository", &["--git", "clean"], 2),
        ("no such key", &["clean", "--key-file", "nowhere"], 2),
        ("a baseline nobody can write", &["leak", "--write-baseline", "nowhere/file"], 3),
    ];
    std::fs::create_dir(folder.path().join("empty")).expect("makes a folder");
    for (name, args, code) in cases {
        let output = scan(folder.path(), *args).output().expect("starts");
        assert_eq!(output.status.code(), Some(*code), "{name}: {}", stderr(&output));
        assert_eq!(*code >= 2, stderr(&output).contains("error:"), "{name}: {}", stderr(&output));
    }
}

#[test]
fn broken_rules_are_refused_with_the_name_of_their_file() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "mine.yaml", "- id: [");
    let output = expect_code(&mut scan(folder.path(), [".", "--rules", "mine.yaml"]), 2);
    assert!(stderr(&output).contains("mine.yaml"), "{}", stderr(&output));
}

#[test]
fn a_baseline_hides_what_it_knows_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "old.env", assignment(1));
    let accept = [".", "--write-baseline", "known.baseline"];
    expect_code(&mut scan(folder.path(), accept), 0);
    let baseline = std::fs::read(folder.path().join("known.baseline")).expect("a baseline");
    let text = String::from_utf8(baseline.clone()).expect("text");
    assert!(!text.contains(&entra_secret(1)), "a baseline holds no secret");
    expect_code(&mut scan(folder.path(), [".", "--baseline", "known.baseline"]), 0);
    // The same secret elsewhere is known; another one is not.
    write(folder.path(), "moved/old.env", assignment(1));
    write(folder.path(), "new.env", assignment(2));
    let found = findings(folder.path(), [".", "--baseline", "known.baseline"], 1);
    assert_eq!(super::paths(&found), ["new.env"]);
    expect_code(&mut scan(folder.path(), accept), 0);
    expect_code(&mut scan(folder.path(), [".", "--baseline", "known.baseline"]), 0);
}

#[test]
fn a_baseline_of_another_key_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "old.env", assignment(1));
    write(folder.path(), "key", "made up for this test");
    expect_code(&mut scan(folder.path(), ["old.env", "--write-baseline", "b"]), 0);
    let output = expect_code(&mut scan(folder.path(), ["old.env", "--baseline", "b", "--key-file", "key"]), 2);
    assert!(stderr(&output).contains("another fingerprint key"), "{}", stderr(&output));
    let ours = findings(folder.path(), ["old.env"], 1);
    let theirs = findings(folder.path(), ["old.env", "--key-file", "key"], 1);
    assert_ne!(ours[0]["fingerprint"], theirs[0]["fingerprint"]);
}

#[test]
fn a_comment_allows_a_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two, three) = (assignment(1), assignment(2), assignment(3));
    let text = format!("{} # picket:allow\n# picket:allow\n{two}{three}", one.trim_end());
    write(folder.path(), "app.env", text);
    let found = findings(folder.path(), ["."], 1);
    let lines: Vec<_> = found.iter().map(|finding| finding["line"].as_u64()).collect();
    assert_eq!(lines, [Some(4)]);
}

#[test]
fn the_inventory_says_whose_a_secret_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (secret, app) = (entra_secret(1), "7a0b3c1d-1111-4222-8333-0123456789ab");
    write(folder.path(), "app.env", format!("AZURE_CLIENT_ID={app}\nAZURE_CLIENT_SECRET={secret}\n"));
    let application = serde_json::json!({
        "@odata.type": "#microsoft.graph.application",
        "id": "7a0b3c1d-2222-4222-8333-0123456789ab",
        "appId": app,
        "displayName": "billing",
        "passwordCredentials": [{ "keyId": "7a0b3c1d-3333-4222-8333-0123456789ab", "hint": secret.get(..3) }],
        "keyCredentials": [],
    });
    write(folder.path(), "inventory.json", application.to_string());
    let found = findings(folder.path(), ["app.env", "--inventory", "inventory.json"], 1);
    let owner = &found[0]["owner"]["application"];
    assert_eq!(owner["app_id"], app);
    assert_eq!(owner["name"], "billing");
    assert_eq!(owner["confidence"], "matched");
    let text = stdout(&expect_code(&mut scan(folder.path(), ["app.env", "--inventory", "inventory.json"]), 1));
    assert!(text.contains("\"billing\" (matched)"), "{text}");
}

#[test]
fn a_finding_names_an_owner_that_is_no_application() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = ["q7Rk2ZpW9sXv4NbT8mLcH3yGfD6jUaE5oKiQw1BrVtC", "zYxJ0nMgPhSdFlAuq7Rk2ZpW9sXv4NbT8mLcH3yGfDx=="].concat();
    write(folder.path(), "app.env", format!("CONNECTION=AccountName=contososhop;AccountKey={key};EndpointSuffix=x\n"));
    let found = findings(folder.path(), ["app.env"], 1);
    let owner = &found[0]["owner"];
    assert_eq!((owner["kind"].as_str(), owner["name"].as_str()), (Some("storage-account"), Some("contososhop")));
}
