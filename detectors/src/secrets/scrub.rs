//! Takes secrets out of bytes and leaves marks in their place.

use super::mark::{self, FINGERPRINT};
use super::scan::{Scanner, Spans};
use super::unescape::View;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use zeroize::Zeroizing;

/// The characters of a secret that a mark shows, as many as Graph shows.
const HINT: usize = 3;

/// Secrets shorter than this show none of their characters.
const SHORTEST_WITH_HINT: usize = 20;

/// Replaces secrets by marks. Make one and keep it: building the automata takes a while.
pub struct Scrubber {
    scanner: Scanner,
    key: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrubber").finish_non_exhaustive()
    }
}

impl Default for Scrubber {
    /// With a built-in key: fingerprints can be compared between deployments, and tried against guesses by whoever has
    /// the guesses. Deployments set their own.
    fn default() -> Self {
        Self::new(&blake3::derive_key("picket 2026-01 built-in key of secret fingerprints", &[]))
    }
}

impl Scrubber {
    /// With the deployment's own fingerprint key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self { scanner: Scanner::new(), key: Zeroizing::new(*key) }
    }

    /// The bytes without secrets; borrowed where there were none. Scrubbing again changes nothing, and JSON stays JSON.
    pub fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let view = View::new(bytes);
        if view.differs() {
            // What looks like an escape may be the beginning of a secret (`%6A` before a secret that begins with `6A`):
            // a checksum in the text as it stands is proof enough.
            let plain = View::as_it_stands(bytes);
            let spans = self.scanner.scan_proven(bytes);
            if !spans.is_empty() {
                let replaced = Zeroizing::new(self.replace(bytes, &plain, &spans));
                return Cow::Owned(self.scrub(&replaced).into_owned());
            }
        }
        let spans = self.scanner.scan(view.text());
        if spans.is_empty() { Cow::Borrowed(bytes) } else { Cow::Owned(self.replace(bytes, &view, &spans)) }
    }

    /// A keyed hash of any bytes, in hex: tells equal ones apart from others, and nothing of what is in them.
    pub fn hash(&self, bytes: &[u8]) -> String {
        blake3::keyed_hash(&self.key, bytes).to_hex().to_string()
    }

    /// [`Scrubber::scrub`] for text.
    pub fn scrub_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.scrub(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            }),
        }
    }

    fn replace(&self, bytes: &[u8], view: &View<'_>, spans: &Spans) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len() + spans.len() * 64);
        let mut copied = 0;
        for (&start, found) in spans {
            let Some(secret) = view.text().get(start..found.end) else { continue };
            let raw = escape_safe(bytes, view.raw(&(start..found.end)));
            out.extend_from_slice(bytes.get(copied..raw.start).unwrap_or_default());
            let hint = if secret.len() < SHORTEST_WITH_HINT { &[] } else { secret.get(..HINT).unwrap_or_default() };
            let proven = found.rule.tier == super::tier::Tier::Proven;
            mark::write(&mut out, found.rule.id, proven, hint, &self.fingerprint(secret));
            copied = raw.end;
        }
        out.extend_from_slice(bytes.get(copied..).unwrap_or_default());
        out
    }

    /// The same secret has the same fingerprint whichever rule finds it, so that feeds can be joined.
    fn fingerprint(&self, secret: &[u8]) -> String {
        let mut hex = blake3::keyed_hash(&self.key, secret).to_hex().to_string();
        hex.truncate(FINGERPRINT);
        hex
    }
}

/// Widens a range that begins inside a JSON escape (`\n`, `\u00e9`) to the whole escape: half of one is no JSON.
fn escape_safe(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    const LONGEST_ESCAPE: usize = 6;
    let before = bytes.get(..range.start).unwrap_or_default();
    let Some(back) = before.iter().rev().take(LONGEST_ESCAPE - 1).position(|b| *b == b'\\') else { return range };
    let backslash = range.start - back - 1;
    let run = before.get(..=backslash).unwrap_or_default().iter().rev().take_while(|b| **b == b'\\').count();
    let is_inside = back == 0 || (before.get(backslash + 1) == Some(&b'u'));
    if run % 2 == 1 && is_inside { backslash..range.end } else { range }
}
