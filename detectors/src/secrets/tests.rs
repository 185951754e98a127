//! The scanner as a whole.

use super::{ENTRA_CLIENT_SECRET, Mark, NAMED_CLIENT_SECRET, Scrubber, find_marks, marvin};
use proptest::prelude::*;
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

static SCRUBBER: LazyLock<Scrubber> = LazyLock::new(Scrubber::default);

#[test]
fn a_rule_that_takes_the_beginning_of_a_mark_for_a_secret_leaves_it() {
    let text = format!("redis-cli -h cache.example.org -a {}\n", ["q1w2e3r4", "T5Y6U7"].concat());
    let scrubbed = scrub(&text);
    assert_eq!(only_mark(&scrubbed).rule, "redis-cli-password");
    assert_eq!(scrub(&scrubbed), scrubbed);
}

/// A secret of the current form; made at run time, so that no scanner takes this file for a leak.
fn proven_secret() -> impl Strategy<Value = String> {
    ("[A-Za-z0-9_~.-]{3}", "[A-Za-z0-9_~.-]{31}").prop_map(|(head, tail)| {
        let body = format!("{head}8Q~{tail}");
        let checksum = marvin::checksum(body.as_bytes());
        format!("{body}{}", String::from_utf8_lossy(&checksum))
    })
}

/// Text in which every sort of boundary, escape and literal occurs.
fn confusing_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => proven_secret().prop_map(String::into_bytes),
        2 => "[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{20,36}".prop_map(String::into_bytes),
        2 => "(client_secret|ClientSecret|--client-secret)[ =:\"]{1,4}[A-Za-z0-9+/=?@*.-]{30,46}".prop_map(String::into_bytes),
        1 => "\"secret\" ?: ?\"[a-zA-Z0-9\\\\/n]{4,20}\"".prop_map(String::into_bytes),
        3 => "(\\\\|\\\\n|\\\\u007e|\\\\u003d|\\\\/|%7E|%3D|Q~|8Q~|-|\\n|\\(|;|,|picket-secret\\()".prop_map(String::into_bytes),
        1 => "[ -~]{0,12}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn scrub(text: &str) -> String {
    SCRUBBER.scrub_text(text).into_owned()
}

fn only_mark(scrubbed: &str) -> Mark<'_> {
    let marks: Vec<_> = find_marks(scrubbed).collect();
    let [mark] = marks.as_slice() else { panic!("one mark expected in {scrubbed}") };
    mark.clone()
}

proptest! {
    #[test]
    fn a_proven_secret_is_found_wherever_it_stands(secret in proven_secret(), before in "\\PC{0,40}", after in "\\PC{0,40}") {
        let json = format!("{{\"a\": {}}}", quoted(&format!("{before}{secret}{after}")));
        let yaml = format!("a:\n  b: {secret}\n  c: '{before}'\n");
        for text in [format!("{before}{secret}{after}"), json, yaml] {
            let scrubbed = scrub(&text);
            prop_assert!(!scrubbed.contains(&secret), "{scrubbed}");
            prop_assert!(find_marks(&scrubbed).any(|mark| mark.proven && mark.rule == ENTRA_CLIENT_SECRET), "{scrubbed}");
        }
    }

    #[test]
    fn json_stays_json_and_holds_the_mark(secret in proven_secret(), before in "[\\n\\t\"\\\\/a-z]{0,9}", after in "\\PC{0,9}") {
        let json = format!("{{\"k\":{},\"n\":1}}", quoted(&format!("{before}{secret}{after}")));
        let scrubbed = scrub(&json);
        let read: Body = read_json(&scrubbed);
        prop_assert_eq!(find_marks(&read.k).count(), 1, "{}", scrubbed);
        prop_assert_eq!(read.n, 1);
    }

    #[test]
    fn escapes_hide_nothing(secret in proven_secret(), which in any::<u64>(), style in 0..4_u8) {
        let mut escaped = String::new();
        for (at, c) in secret.chars().enumerate() {
            let code = u32::from(c);
            match (which >> at & 1, style) {
                (0, _) => escaped.push(c),
                (_, 0) => write!(escaped, "\\u{code:04x}").expect("memory"),
                (_, 1) => write!(escaped, "\\\\u{code:04X}").expect("memory"),
                (_, 2) => write!(escaped, "%{code:02X}").expect("memory"),
                _ => write!(escaped, "%{code:02x}").expect("memory"),
            }
        }
        let scrubbed = scrub(&format!("{{\"k\":\"{escaped}\"}}"));
        let plain = scrub(&secret);
        prop_assert_eq!(only_mark(&scrubbed).fingerprint, only_mark(&plain).fingerprint);
        prop_assert!(!scrubbed.contains(&escaped));
    }

    #[test]
    fn scrubbing_twice_is_scrubbing_once(text in confusing_text()) {
        let once = SCRUBBER.scrub(&text).into_owned();
        let twice = SCRUBBER.scrub(&once);
        prop_assert!(matches!(twice, Cow::Borrowed(_)), "{:?}\n{:?}\n{:?}", B(&text), B(&once), B(&twice));
    }

    #[test]
    fn text_without_secrets_is_borrowed_as_it_is(text in "[a-zA-Z0-9 \\\\/%{}\":,._-]{0,300}") {
        prop_assume!(!text.to_ascii_lowercase().contains("secret"));
        let scrubbed = SCRUBBER.scrub(text.as_bytes());
        prop_assert!(matches!(scrubbed, Cow::Borrowed(_)));
        prop_assert_eq!(&*scrubbed, text.as_bytes());
    }

    #[test]
    fn any_bytes_do(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let scrubbed = SCRUBBER.scrub(&bytes);
        find_marks(&String::from_utf8_lossy(&scrubbed)).for_each(drop);
    }
}

/// Bytes as text for messages.
struct B<'a>(&'a [u8]);

impl std::fmt::Debug for B<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.escape_ascii().fmt(f)
    }
}

#[derive(Deserialize)]
struct Body {
    k: String,
    n: u8,
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("text is JSON")
}

fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn the_published_vector_leaves_its_mark() {
    let secret = format!("zzz8Q~{}blP", "z".repeat(31));
    let scrubbed = scrub(&format!("AZURE_CLIENT_SECRET={secret}"));
    let mark = only_mark(&scrubbed);
    assert_eq!((mark.rule, mark.proven, mark.hint.as_deref()), (ENTRA_CLIENT_SECRET, true, Some("zzz")));
    assert!(scrubbed.starts_with("AZURE_CLIENT_SECRET=picket-secret(entra-client-secret;proven;zzz;"));
}

#[test]
fn text_of_two_bytes_a_character_is_scrubbed_too() {
    let secret = format!("zzz8Q~{}blP", "z".repeat(31));
    let text = format!(
        "{{\"name\": \"Köln\", \"client_secret\": \"{secret}\", \"password\": \"{}\"}}",
        ["Tr7#kW9v", "Lq2!xBfjord"].concat()
    );
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    // A line of text that was cut behind the first byte of a line's end begins with the second.
    for bytes in
        [&[&[0xff, 0xfe], &*little], &[&[0xfe, 0xff], &*big], &[&[], &*little], &[&[], &*big], &[&[0], &*little]]
    {
        let bytes = bytes.concat();
        let scrubbed = SCRUBBER.scrub(&bytes);
        let left: String = scrubbed.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
        assert!(!left.contains(&secret) && !left.contains("fjord"), "{left}");
        assert_eq!(find_marks(&left).count(), 2, "{left}");
        assert_eq!(SCRUBBER.scrub(&scrubbed), scrubbed);
    }
    let harmless: Vec<u8> = "{\"name\": \"nothing to see\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(SCRUBBER.scrub(&harmless), harmless);
}

#[test]
fn a_secret_that_begins_within_an_escape_takes_all_of_it_along() {
    let body = format!("naB8Q~{}", "z".repeat(31));
    let secret = format!("{body}{}", String::from_utf8_lossy(&marvin::checksum(body.as_bytes())));
    for (before, left) in [("x\\", "x"), ("x\\\\", "x\\"), ("\\\\\\", "\\")] {
        let scrubbed = scrub(&format!("{{\"k\":\"{before}{secret}\",\"n\":1}}"));
        let read: Body = read_json(&scrubbed);
        assert!(read.k.starts_with(&format!("{left}picket-secret(")), "{scrubbed}");
        assert_eq!(read.n, 1);
    }
}

#[test]
fn fingerprints_depend_on_the_key_and_the_secret() {
    let text = format!("zzz8Q~{}blP", "z".repeat(31));
    let other = Scrubber::new(&[7; 32]);
    let (ours, theirs) = (scrub(&text), other.scrub_text(&text));
    assert_ne!(only_mark(&ours).fingerprint, only_mark(&theirs).fingerprint);
}

/// A marked secret without a checksum that holds.
fn unproven(head: &str, digit: u8, tail: usize) -> String {
    let tail: String = (0..tail).map(|n| char::from(b"kP3mW9tR2vB7nL5cD8fG1hJ4qS6xZ0aY"[n * 7 % 32])).collect();
    format!("{head}{digit}Q~{tail}")
}

#[test]
fn marked_secrets_are_found_between_boundaries_only() {
    let secret = unproven("aB3", 7, 31);
    for (text, found) in [
        (format!("x = '{secret}'"), true),
        (secret.clone(), true),
        (format!("(use {secret})."), true),
        (format!("is {}.", unproven("aB3", 8, 34)), true),
        (format!(r#""{{\"pass\": \"{secret}\"}}""#), true),
        (format!(r#""a\n{secret}\nb""#), true),
        (format!("a=b%3D{secret}"), true),
        (format!(r"a\u003d{secret}"), true),
        (format!("\n-{secret}\n"), true),
        (format!("abc{secret}"), false),
        (format!("{secret}abcdefgh"), false),
        (unproven("aB3", 7, 30), false),
        (format!("x{}", "~".repeat(40)), false),
        (format!("bP88Q~{}", "x".repeat(34)), false),
    ] {
        let scrubbed = scrub(&text);
        assert_eq!(find_marks(&scrubbed).any(|mark| !mark.proven), found, "{text}");
    }
}

#[test]
fn unmarked_secrets_need_a_name_and_must_look_generated() {
    let secret: String = unproven("q7F", 0, 32).replace("Q~", "+/");
    for (text, found) in [
        (format!("client_secret = \"{secret}\""), true),
        (format!("export ARM_CLIENT_SECRET='{secret}'"), true),
        (format!("\"clientSecret\": \"{secret}\""), true),
        (format!("\\\"clientSecret\\\":\\\"{}\\\"", secret.replace('/', "\\/")), true),
        (format!("az login --client-secret {secret}"), true),
        (format!("<ClientSecret>{secret}</ClientSecret>"), true),
        (format!("azureClientSecret := \"{secret}\""), true),
        (format!("token = \"{secret}\""), false),
        (format!("the client secret {secret}"), false),
        ("client_secret: 3f2504e0-4f89-11d3-9a0c-0305e82c3301".to_owned(), false),
        ("client_secret = process.env.AZURE_CLIENT_SECRET_2_production".to_owned(), false),
        ("client_secret: ${{ secrets.AZURE_CLIENT_SECRET }}".to_owned(), false),
        ("client_secret=<your-client-secret-goes-here-0123ABC>".to_owned(), false),
        ("clientSecret: 'YOUR_CLIENT_SECRET_Goes_Here_0123456789'".to_owned(), false),
    ] {
        let scrubbed = scrub(&text);
        assert_eq!(find_marks(&scrubbed).any(|mark| mark.rule == NAMED_CLIENT_SECRET), found, "{text}");
    }
}

#[test]
fn the_secret_of_an_alert_goes_whatever_it_is() {
    let scrubbed = scrub(r#"{"secret_type":"x","secret": "line one\nline \"two\"","n":2}"#);
    assert!(
        scrubbed.starts_with(r#"{"secret_type":"x","secret": "picket-secret(reported-secret;unproven;"#),
        "{scrubbed}"
    );
    assert!(scrubbed.ends_with(r#")","n":2}"#), "{scrubbed}");
    assert_eq!(scrub(r#"{"secret":"****************"}"#), r#"{"secret":"****************"}"#);
}

#[test]
fn a_hint_of_odd_characters_survives_its_mark() {
    let secret: String = unproven("q7F", 0, 32).replace("Q~", "+/").replacen("q7F", "q?+", 1);
    let scrubbed = scrub(&format!("client_secret={secret}"));
    assert_eq!(only_mark(&scrubbed).hint.as_deref(), Some("q?+"));
}

#[test]
fn no_mark_is_read_from_what_only_looks_like_one() {
    let hex = "0".repeat(32);
    for text in [
        "picket-secret(".to_owned(),
        format!("picket-secret(a;proven;abc;{hex}"),
        format!("picket-secret(a;maybe;abc;{hex})"),
        format!("picket-secret(A;proven;abc;{hex})"),
        format!("picket-secret(a;proven;ab;{hex})"),
        format!("picket-secret(a;proven;ab%;{hex})"),
        format!("picket-secret(a;proven;abc;{hex};)"),
        "picket-secret(a;proven;abc;é)".to_owned(),
    ] {
        assert_eq!(find_marks(&text).count(), 0, "{text}");
    }
}

/// Hostile text of 128 KiB each: a quadratic step anywhere would run for minutes.
#[test]
fn hostile_text_takes_linear_time() {
    const SIZE: usize = 1 << 17;
    let secret = format!("zzz8Q~{}blP", "z".repeat(31));
    for piece in
        ["Q~", "8Q~", "aaa8Q~", "\\", "\\u00", "\\u007e", "%", "%7E", "client_secret=", "\"secret\":\"", "a", &secret]
    {
        let text = piece.repeat(SIZE / piece.len());
        let scrubbed = SCRUBBER.scrub(text.as_bytes());
        assert!(!scrubbed.windows(secret.len()).any(|window| window == secret.as_bytes()), "{piece}");
    }
}

#[derive(Deserialize)]
struct Example {
    rule: String,
    text: String,
    expected: bool,
}

/// Rules of the peers that are about Entra client secrets.
const PEER_RULES: &[(&str, &str)] = &[
    ("gitleaks.jsonl", "azure-ad-client-secret"),
    ("betterleaks.jsonl", "azure-ad-client-secret"),
    ("secretlint.jsonl", "secretlint-rule-azure"),
];

/// Where we see it differently, and why.
const DISAGREEMENTS: &[(&str, &str)] =
    &[("ad_tenant_id:", "a tenant id is no secret"), ("AZURE_CLIENT_ID=", "a client id is no secret")];

#[test]
fn the_peers_examples_are_judged_as_the_peers_judge_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/secrets");
    if !folder.exists() {
        println!("skipped: the labelled examples (shared/data/secrets) are not here");
        return;
    }
    let mut seen = 0;
    for (file, rule) in PEER_RULES {
        let lines = std::fs::read_to_string(folder.join(file)).expect("a file of examples");
        for line in lines.lines() {
            let example: Example = read_json(line);
            if example.rule != *rule {
                continue;
            }
            seen += 1;
            let disagreed = DISAGREEMENTS.iter().any(|(start, _)| example.text.contains(start));
            let scrubbed = scrub(&example.text);
            let marks: Vec<_> = find_marks(&scrubbed).collect();
            assert_eq!(!marks.is_empty(), example.expected && !disagreed, "{file}: {}", example.text);
            // Their examples were altered for publication, so none may pass for genuine.
            assert!(marks.iter().all(|mark| !mark.proven), "{file}: {}", example.text);
        }
    }
    assert!(seen > 25, "only {seen} examples");
}
