//! What files may hold: encodings, archives, endless lines.

use super::planted::{assignment, entra_secret};
use super::support::program::{expect_code, picket, stderr};
use super::{findings, lines, paths, scan, write};
use std::io::{Cursor, Write};
use std::process::Stdio;

#[test]
fn text_is_found_in_its_encodings_and_binaries_are_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("first\r\n  {}", assignment(1));
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    write(folder.path(), "a-utf8.env", &text);
    write(folder.path(), "b-utf16.env", utf16);
    write(folder.path(), "c-utf16.env", big);
    write(folder.path(), "d-latin1.env", [b"\xe9\xff\n".as_slice(), text.as_bytes()].concat());
    write(folder.path(), "e-empty.env", "");
    write(folder.path(), "f-program", [b"\x7fELF\0\0".as_slice(), text.as_bytes()].concat());
    let found = findings(folder.path(), ["."], 1);
    assert_eq!(paths(&found), ["a-utf8.env", "b-utf16.env", "c-utf16.env", "d-latin1.env"]);
    for (finding, line) in found.iter().zip([2, 2, 2, 3]) {
        assert_eq!((finding["line"].as_u64(), finding["column"].as_u64()), (Some(line), Some(23)), "{finding}");
        assert_eq!(finding["end_column"].as_u64(), Some(63), "{finding}");
        assert_eq!(finding["fingerprint"], found[0]["fingerprint"]);
    }
}

#[test]
fn standard_input_is_searched() {
    let mut command = picket(["scan", "--stdin", "--format", "json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts");
    child.stdin.take().expect("a pipe").write_all(assignment(1).as_bytes()).expect("writes");
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(paths(&lines(&output)), ["stdin"]);
}

pub(crate) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("begins");
        zip.write_all(content).expect("writes");
    }
    zip.finish().expect("ends").into_inner()
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(content).expect("writes");
    gzip.finish().expect("ends")
}

pub(crate) fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = [0_u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    header[156] = b'0';
    header[257..263].copy_from_slice(b"ustar\0");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut bytes = [&header, content].concat();
    bytes.resize(bytes.len().next_multiple_of(512) + 1_024, 0);
    bytes
}

#[test]
fn archives_are_searched_wherever_they_lie() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = assignment(1);
    let layer = gzip(&tar("etc/app.env", text.as_bytes()));
    write(
        folder.path(),
        "a.jar",
        zip(&[("config/x.env", text.as_bytes()), ("lib/inner.zip", &zip(&[("y", text.as_bytes())]))]),
    );
    write(folder.path(), "image.tar", tar("blobs/sha256/0a", &layer));
    write(folder.path(), "old.log.gz", gzip(text.as_bytes()));
    write(folder.path(), "old.log.zst", zstd::encode_all(text.as_bytes(), 1).expect("packs"));
    let found = findings(folder.path(), ["."], 1);
    let expected = [
        "a.jar!config/x.env",
        "a.jar!lib/inner.zip!y",
        "image.tar!blobs/sha256/0a!etc/app.env",
        "old.log.gz",
        "old.log.zst",
    ];
    assert_eq!(paths(&found), expected);
}

#[test]
fn broken_and_endless_archives_are_told_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = assignment(1);
    let mut endless = zip(&[("x", b"nothing")]);
    for _ in 0..12 {
        endless = zip(&[("inner.zip", &endless)]);
    }
    let packed = gzip(&text.repeat(9_000).into_bytes());
    write(folder.path(), "a-endless.zip", endless);
    write(folder.path(), "b-cut.gz", &packed[..packed.len() / 2]);
    write(folder.path(), "c-none.zip", b"PK\x03\x04 and nothing of a zip file");
    write(folder.path(), "z.env", &text);
    let output = expect_code(&mut scan(folder.path(), [".", "--format", "json"]), 1);
    assert_eq!(paths(&lines(&output)).last(), Some(&"z.env"));
    for name in ["a-endless.zip!", "b-cut.gz: ", "c-none.zip: "] {
        assert!(stderr(&output).contains(name), "{name} in {}", stderr(&output));
    }
}

#[test]
fn a_file_of_nothing_but_secrets_is_cut_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "many.env", assignment(1).repeat(10_100));
    let output = expect_code(&mut scan(folder.path(), [".", "--format", "json"]), 1);
    assert_eq!(lines(&output).len(), 10_000);
    assert!(stderr(&output).contains("too much was found"), "{}", stderr(&output));
}

#[test]
fn one_endless_line_is_searched_in_bounded_memory() {
    const LINE: usize = 128 << 20;
    const MOST_MEMORY: u64 = 100 << 10;
    let folder = tempfile::tempdir().expect("a folder");
    let mut file = std::io::BufWriter::new(std::fs::File::create(folder.path().join("min.js")).expect("a file"));
    let piece = b"function(a,b){return a.b(c[0]+1)};".repeat(1_000);
    let (before, secret) = (LINE / piece.len() / 2, entra_secret(1));
    for _ in 0..before {
        file.write_all(&piece).expect("writes");
    }
    write!(file, "var client_secret='{secret}';").expect("writes");
    for _ in 0..before {
        file.write_all(&piece).expect("writes");
    }
    drop(file.into_inner().expect("writes"));
    let mut child = scan(folder.path(), [".", "--format", "json"]).stdout(Stdio::piped()).spawn().expect("starts");
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().expect("waits").is_none() {
        most = peak(&status).unwrap_or(most);
        std::thread::yield_now();
    }
    let found = lines(&child.wait_with_output().expect("ends"));
    assert_eq!(found.len(), 1);
    let column = (before * piece.len() + "var client_secret='".len() + 1) as u64;
    assert_eq!((found[0]["line"].as_u64(), found[0]["column"].as_u64()), (Some(1), Some(column)));
    assert!(most > 0 && most < MOST_MEMORY, "{most} KiB at the peak");
}

/// The most memory that a process had, in KiB.
fn peak(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// A PKCS #12 file: version 3, and something that is called data.
fn key_store() -> Vec<u8> {
    const DATA: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    let element = |tag: u8, content: &[u8]| {
        let length = u16::try_from(content.len()).expect("short").to_be_bytes();
        [&[tag, 0x82, length[0], length[1]][..], content].concat()
    };
    let safe = element(0xa0, &element(0x04, &[7; 600]));
    element(0x30, &[&[2, 1, 3][..], &element(0x30, &[DATA, &safe[..]].concat())].concat())
}

#[test]
fn key_stores_are_found_as_they_are_and_in_base64() {
    use base64::Engine as _;
    let folder = tempfile::tempdir().expect("a folder");
    let text = base64::engine::general_purpose::STANDARD.encode(key_store());
    write(folder.path(), "a.pfx", key_store());
    write(folder.path(), "b.yaml", format!("pfx: {text}\nnext: x\n"));
    let found = findings(folder.path(), ["."], 1);
    assert_eq!(paths(&found), ["a.pfx", "b.yaml"]);
    for finding in &found {
        assert_eq!((finding["rule"].as_str(), finding["confidence"].as_str()), (Some("azure-pfx"), Some("high")));
    }
    assert_eq!(found[1]["end_column"].as_u64(), Some(6 + text.len() as u64), "all of it is taken");
}
