//! Takes secrets out of bytes and leaves marks in their place.

use super::decoded::utf8_of_utf16;
use super::key::FingerprintKey;
use super::mark::{self, Saying};
use super::rule::Kind;
use super::scan::{Spans, Tiers};
use super::scanner::{Origin, Scanner};
use super::sighting::{Reason, Sighting, Sureness};
use super::unescape::View;
use crate::event::OwnerKind;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use zeroize::Zeroizing;

/// The characters of a secret that a mark shows, as many as Graph shows.
const HINT: usize = 3;

/// Secrets shorter than this show none of their characters.
const SHORTEST_WITH_HINT: usize = 20;

/// Replaces secrets by marks. Make one and keep it: building the automata takes a while.
///
/// Its own tiers go first: they find Entra's secrets and reported ones wherever they stand, in fragments too. What all
/// the rules of a [`super::Scanner`] find besides goes after them.
pub struct Scrubber {
    tiers: Tiers,
    scanner: Scanner,
    key: FingerprintKey,
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scrubber").finish_non_exhaustive()
    }
}

impl Default for Scrubber {
    /// With a built-in key: see [`FingerprintKey`].
    fn default() -> Self {
        Self::with_key(FingerprintKey::default())
    }
}

impl Scrubber {
    /// With the deployment's own fingerprint key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self::with_key(FingerprintKey::new(key))
    }

    fn with_key(key: FingerprintKey) -> Self {
        Self { tiers: Tiers::new(), scanner: Scanner::shipped(key.clone()), key }
    }

    /// The bytes without secrets; borrowed where there were none. Scrubbing again changes nothing, and JSON stays JSON. What
    /// is left of UTF-16 is UTF-8.
    pub fn scrub<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(text) = utf8_of_utf16(bytes) else { return self.scrub_bytes(bytes) };
        match self.scrub_bytes(&text) {
            Cow::Borrowed(_) => Cow::Borrowed(bytes),
            Cow::Owned(clean) => Cow::Owned(clean),
        }
    }

    fn scrub_bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        /// Every round leaves marks, which end what was found; more rounds than these only hostile text needs.
        const ROUNDS: usize = 16;
        let mut clean = self.scrub_by_tiers(bytes);
        for _ in 0..ROUNDS {
            let Some(next) = self.scrub_by_rules(&clean) else { break };
            let next = Zeroizing::new(next);
            clean = Cow::Owned(self.scrub_by_tiers(&next).into_owned());
        }
        clean
    }

    /// One round with all rules; `None` if they find nothing.
    fn scrub_by_rules(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let sightings = self.scanner.scan_all(bytes, &Origin::default());
        let is_secret = |sighting: &&Sighting| {
            sighting.confidence > Sureness::Low
                && sighting.kind != Kind::Identifier
                && !mark::touches(bytes, sighting.start..sighting.end)
        };
        let mut out = Vec::new();
        let mut copied = 0;
        for sighting in sightings.iter().filter(is_secret) {
            let raw = escape_safe(bytes, sighting.start..sighting.end);
            let Some(before) = bytes.get(copied..raw.start) else { continue };
            if out.is_empty() {
                out.reserve_exact(bytes.len() + sightings.len() * 200);
            }
            out.extend_from_slice(before);
            let hint = sighting.owner.hint.as_deref().unwrap_or_default();
            let proven = sighting.reasons.contains(&Reason::ChecksumHolds);
            let saying = Saying {
                rule: &sighting.rule,
                proven,
                hint: hint.as_bytes(),
                fingerprint: &sighting.fingerprint.to_string(),
                thumbprint: sighting.owner.thumbprint.as_deref(),
                thumbprint_sha256: sighting.owner.thumbprint_sha256.as_deref(),
                owner: sighting.owner.named.as_ref().filter(|owner| owner.kind != OwnerKind::Application),
                key: sighting.owner.key_id.as_deref(),
            };
            mark::write(&mut out, saying);
            copied = raw.end;
        }
        (copied > 0).then(|| {
            out.extend_from_slice(bytes.get(copied..).unwrap_or_default());
            out
        })
    }

    /// One round with the scrubber's own tiers.
    fn scrub_by_tiers<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let view = View::new(bytes);
        if view.differs() {
            // What looks like an escape may be the beginning of a secret (`%6A` before a secret that begins with `6A`):
            // a checksum in the text as it stands is proof enough.
            let plain = View::as_it_stands(bytes);
            let spans = self.tiers.scan_proven(bytes);
            if !spans.is_empty() {
                let replaced = Zeroizing::new(self.replace(bytes, &plain, &spans));
                return Cow::Owned(self.scrub_by_tiers(&replaced).into_owned());
            }
        }
        let spans = self.tiers.scan(view.text());
        if spans.is_empty() { Cow::Borrowed(bytes) } else { Cow::Owned(self.replace(bytes, &view, &spans)) }
    }

    /// A keyed hash of any bytes, in hex: tells equal ones apart from others, and nothing of what is in them.
    pub fn hash(&self, bytes: &[u8]) -> String {
        self.key.hash(bytes)
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
            let fingerprint = self.key.fingerprint(secret).to_string();
            mark::write(
                &mut out,
                Saying {
                    rule: found.rule.id,
                    proven,
                    hint,
                    fingerprint: &fingerprint,
                    thumbprint: None,
                    thumbprint_sha256: None,
                    owner: None,
                    key: None,
                },
            );
            copied = raw.end;
        }
        out.extend_from_slice(bytes.get(copied..).unwrap_or_default());
        out
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
