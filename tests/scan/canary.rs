//! A planted secret is in no byte that the program writes.

use super::planted::entra_secret;
use super::{scan, write};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Pieces of a secret of which none may be seen: eight characters in a row, plain and in Base64.
fn traces(secret: &str) -> Vec<String> {
    let pieces = secret.as_bytes().windows(8).map(|piece| String::from_utf8_lossy(piece).into_owned());
    let base64 = STANDARD.encode(secret);
    let base64 = base64.as_bytes().windows(12).map(|piece| String::from_utf8_lossy(piece).into_owned());
    pieces.chain(base64).collect()
}

#[test]
fn no_format_and_no_message_shows_a_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = entra_secret(77);
    let base64 = STANDARD.encode(&secret);
    write(folder.path(), "a.env", format!("AZURE_CLIENT_SECRET={secret}\n"));
    write(folder.path(), "b.json", format!(r#"{{"clientSecret":"{secret}","tenant":"{secret}"}}"#));
    write(folder.path(), "c.yaml", format!("data:\n  client_secret: {base64}\n"));
    write(folder.path(), "d.txt", format!("https://user:{secret}@host.example.org/?sig={secret}"));
    write(folder.path(), "e.tf", format!("client_secret = \"{secret}\" # picket:allow\n"));
    write(folder.path(), &format!("{secret}.env"), format!("client_secret={secret}\n"));
    write(folder.path(), "broken.yaml", format!("- id: \"{secret}\n  pattern: [{secret}"));
    write(folder.path(), "broken.toml", format!("[[rules]]\nid = \"{secret}\nregex = '''({secret}'''"));
    write(folder.path(), "broken.gz", [b"\x1f\x8b\x08".as_slice(), secret.as_bytes()].concat());
    write(folder.path(), "broken.zip", [b"PK\x03\x04".as_slice(), secret.as_bytes()].concat());
    let formats = ["text", "json", "sarif", "github", "gitlab"].map(|format| vec![".", "--format", format]);
    let others = [
        vec![".", "--write-baseline", "written"],
        vec![".", "--baseline", "a.env"],
        vec![".", "--rules", "broken.yaml"],
        vec![".", "--rules", "broken.toml"],
        vec![".", "--inventory", "a.env"],
        vec![".", "--log-level", "trace"],
    ];
    let traces = traces(&secret);
    for args in formats.into_iter().chain(others) {
        let output = scan(folder.path(), &args).output().expect("starts");
        for (name, bytes) in [("standard output", &output.stdout), ("standard error", &output.stderr)] {
            let text = String::from_utf8_lossy(bytes).replace(&format!("{secret}.env"), "");
            let seen = traces.iter().find(|trace| text.contains(*trace));
            assert!(seen.is_none(), "{args:?} shows a part of the secret on {name}");
        }
    }
    let baseline = std::fs::read_to_string(folder.path().join("written")).expect("a baseline");
    let baseline = baseline.replace(&format!("{secret}.env"), "");
    assert!(!traces.iter().any(|trace| baseline.contains(trace)), "the baseline shows a part of the secret");
}
