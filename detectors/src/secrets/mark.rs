//! The mark that stands where a secret stood.
//!
//! `picket-secret(RULE;proven|unproven;HINT;FINGERPRINT)`, and before the bracket what else is known: `;THUMBPRINT` (twice, SHA-1 and
//! SHA-256) where a certificate stands beside a private key, `;owner=KIND:NAME`, `;key=ID`: plain ASCII without quotes or backslashes, so JSON, YAML and
//! text stay what they were. Anyone can write such a mark into code; it says no more than a made-up secret would.

use crate::event::{CredentialOwner, OwnerKind};
use compact_str::CompactString;
use std::fmt::Write as _;
use std::ops::Range;

/// What every mark begins with.
pub(super) const PREFIX: &str = "picket-secret(";

/// Length of the fingerprint: 128 bits in hex.
pub(super) const FINGERPRINT: usize = 32;

/// Length of a thumbprint: SHA-1 in hex.
const THUMBPRINT: usize = 40;

/// Length of a newer thumbprint: SHA-256 in hex.
const THUMBPRINT_SHA256: usize = 64;

/// The longest mark there is; bounds the cost of reading one.
const LONGEST: usize = 512;

/// The longest name of an owner or id of a key, written.
const LONGEST_NAME: usize = 120;

/// What stands before an owner.
const OWNER: &str = "owner=";

/// What stands before the id of a key.
const KEY: &str = "key=";

/// What a mark says of the secret it replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark<'a> {
    /// The rule that found it.
    pub rule: &'a str,
    /// Its checksum holds.
    pub proven: bool,
    /// Its first three characters; `None` where the secret was too short to show any.
    pub hint: Option<CompactString>,
    /// Keyed fingerprint, 32 hex digits.
    pub fingerprint: &'a str,
    /// SHA-1 of the certificate of a private key, in capital hex digits.
    pub thumbprint: Option<&'a str>,
    /// The same certificate's SHA-256.
    pub thumbprint_sha256: Option<&'a str>,
    /// Whose it is.
    pub owner: Option<CredentialOwner>,
    /// The credential's own public id.
    pub key: Option<CompactString>,
    /// Where the mark stands in the text.
    pub range: Range<usize>,
}

/// All marks in a text, in order.
pub fn find_marks(text: &str) -> impl Iterator<Item = Mark<'_>> {
    text.match_indices(PREFIX).filter_map(|(at, _)| read(text, at))
}

fn read(text: &str, at: usize) -> Option<Mark<'_>> {
    let start = at + PREFIX.len();
    let bytes = text.as_bytes().get(start..)?;
    let length = bytes.iter().take(LONGEST).position(|b| *b == b')')?;
    let mut parts = text.get(start..start + length)?.split(';');
    let (rule, proof, hint, fingerprint) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let proven = match proof {
        "proven" => true,
        "unproven" => false,
        _ => return None,
    };
    let is_rule = !rule.is_empty() && rule.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let is_fingerprint =
        fingerprint.len() == FINGERPRINT && fingerprint.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !is_rule || !is_fingerprint {
        return None;
    }
    let range = at..start + length + 1;
    let hint = read_hint(hint)?;
    let (thumbprint, thumbprint_sha256, owner, key) = (None, None, None, None);
    let mut mark = Mark { rule, proven, hint, fingerprint, thumbprint, thumbprint_sha256, owner, key, range };
    parts.try_for_each(|part| mark.read_more(part))?;
    Some(mark)
}

impl<'a> Mark<'a> {
    /// Takes one of the parts in that not every mark has; `None` for what is none of them.
    fn read_more(&mut self, part: &'a str) -> Option<()> {
        if let Some(owner) = part.strip_prefix(OWNER) {
            let (kind, name) = owner.split_once(':')?;
            self.owner = Some(CredentialOwner { kind: OwnerKind::from_name(kind)?, name: read_name(name)? });
        } else if let Some(key) = part.strip_prefix(KEY) {
            self.key = Some(read_name(key)?);
        } else {
            if !part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F')) {
                return None;
            }
            match part.len() {
                THUMBPRINT => self.thumbprint = Some(part),
                THUMBPRINT_SHA256 => self.thumbprint_sha256 = Some(part),
                _ => return None,
            }
        }
        Some(())
    }
}

/// Whether a range lies on a mark, or touches one.
pub(super) fn touches(text: &[u8], range: Range<usize>) -> bool {
    let start = range.start.saturating_sub(LONGEST);
    // A rule may take the beginning of a mark for a secret, without the bracket that follows.
    let window = text.get(start..text.len().min(range.end + PREFIX.len())).unwrap_or_default();
    memchr::memmem::find_iter(window, PREFIX).any(|at| {
        let begins = start + at;
        let rest = text.get(begins..).unwrap_or_default();
        let ends = rest.iter().take(LONGEST).position(|byte| *byte == b')').map_or(begins, |length| begins + length);
        begins < range.end && range.start <= ends
    })
}

/// What a mark is to say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Saying<'a> {
    pub(super) rule: &'a str,
    pub(super) proven: bool,
    pub(super) hint: &'a [u8],
    pub(super) fingerprint: &'a str,
    pub(super) thumbprint: Option<&'a str>,
    pub(super) thumbprint_sha256: Option<&'a str>,
    pub(super) owner: Option<&'a CredentialOwner>,
    pub(super) key: Option<&'a str>,
}

/// Writes a mark.
pub(super) fn write(out: &mut Vec<u8>, saying: Saying<'_>) {
    out.extend_from_slice(PREFIX.as_bytes());
    out.extend_from_slice(saying.rule.as_bytes());
    out.extend_from_slice(if saying.proven { b";proven;" } else { b";unproven;" });
    out.extend_from_slice(written(saying.hint).as_bytes());
    out.push(b';');
    out.extend_from_slice(saying.fingerprint.as_bytes());
    for thumbprint in [saying.thumbprint, saying.thumbprint_sha256].into_iter().flatten() {
        out.push(b';');
        out.extend_from_slice(thumbprint.as_bytes());
    }
    let owner = saying.owner.map(|owner| (owner.kind.name(), written(owner.name.as_bytes())));
    if let Some((kind, name)) = owner.filter(|(_, name)| name.len() <= LONGEST_NAME) {
        out.extend([";", OWNER, kind, ":", &name].concat().bytes());
    }
    if let Some(key) = saying.key.map(|key| written(key.as_bytes())).filter(|key| key.len() <= LONGEST_NAME) {
        out.extend([";", KEY, &key].concat().bytes());
    }
    out.push(b')');
}

/// A text with all but plain characters written as `%XX`.
fn written(hint: &[u8]) -> CompactString {
    let mut written = CompactString::default();
    for &byte in hint {
        if super::unescape::is_unreserved(byte) {
            written.push(char::from(byte));
        } else {
            // Writing to a string in memory can't fail.
            write!(written, "%{byte:02X}").unwrap_or_default();
        }
    }
    written
}

/// `Some(None)` is a mark without a hint, `None` no mark.
#[expect(clippy::option_option, reason = "private, and the two absences differ")]
fn read_hint(written: &str) -> Option<Option<CompactString>> {
    const CHARACTERS: usize = 3;
    let hint = read_written(written)?;
    match hint.len() {
        0 => Some(None),
        CHARACTERS => Some(Some(CompactString::from_utf8_lossy(&hint))),
        _ => None,
    }
}

fn read_name(written: &str) -> Option<CompactString> {
    let name = read_written(written).filter(|name| !name.is_empty())?;
    Some(CompactString::from_utf8_lossy(&name))
}

/// The bytes that [`written`] was given; `None` for what it never writes.
fn read_written(written: &str) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let mut bytes = written.bytes();
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?].map(char::from).map(|digit| digit.to_digit(16));
                let [Some(high), Some(low)] = digits else { return None };
                (high * 16 + low) as u8
            }
            plain if super::unescape::is_unreserved(plain) => plain,
            _ => return None,
        });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn saying(owner: &CredentialOwner, key: &str) -> String {
        let (sha1, sha256) = ("A9".repeat(20), "B8".repeat(32));
        let mut out = b"x=".to_vec();
        write(
            &mut out,
            Saying {
                rule: "gcp-service-account",
                proven: false,
                hint: b"",
                fingerprint: &"0f".repeat(16),
                thumbprint: Some(&sha1),
                thumbprint_sha256: Some(&sha256),
                owner: Some(owner),
                key: Some(key),
            },
        );
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn owners_of_all_kinds_survive_their_mark() {
        for name in ["application", "storage-account", "aws-account", "gcp-service-account", "github-app"] {
            let kind = OwnerKind::from_name(name).expect("a kind");
            let owner = CredentialOwner { kind, name: "a;b)c:d/é@x".into() };
            let text = saying(&owner, "k;1)");
            let mark = find_marks(&text).next().expect("a mark");
            assert_eq!((mark.owner, mark.key.as_deref()), (Some(owner), Some("k;1)")), "{text}");
            assert_eq!((mark.thumbprint.map(str::len), mark.thumbprint_sha256.map(str::len)), (Some(40), Some(64)));
            assert_eq!(mark.range, 2..text.len());
        }
        assert_eq!(OwnerKind::from_name("nobody"), None);
    }

    proptest! {
        #[test]
        fn an_altered_mark_is_read_or_is_none(at in 0..260_usize, byte in 0x20..0x7f_u8) {
            let owner = CredentialOwner { kind: OwnerKind::StorageAccount, name: "acme".into() };
            let mut text = saying(&owner, "k1").into_bytes();
            let last = text.len() - 1;
            text[at.min(last)] = byte;
            let text = String::from_utf8_lossy(&text).into_owned();
            prop_assert!(find_marks(&text).all(|mark| mark.range.end <= text.len()));
        }
    }
}
