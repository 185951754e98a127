//! Key files of Google service accounts: who they belong to, and whether they are more than a form.

use super::candidate::{Candidate, Scene};
use super::jwt::{member, member_range};
use super::sighting::{OwnerHints, Reason, Sureness};
use compact_str::CompactString;
use std::ops::Range;

/// How far around the type the other members are looked for.
const WINDOW: usize = 4 << 10;

/// The `"type": "service_account"` whose value stands at the literal.
pub(super) fn recognise(scene: &Scene<'_>, literal: &Range<usize>) -> Option<Candidate> {
    const NAME: &[u8] = b"type";
    const LONGEST_GAP: usize = 24;
    let text = scene.text;
    let lead = text.get(literal.start.saturating_sub(LONGEST_GAP)..literal.start)?;
    let name = memchr::memmem::rfind(lead, NAME)?;
    let gap = lead.get(name + NAME.len()..)?;
    let is_member =
        gap.contains(&b':') && gap.iter().all(|c| matches!(c, b'"' | b'\\' | b':' | b' ' | b'\t' | b'\'' | b'='));
    let is_closed = matches!(text.get(literal.end), Some(b'"' | b'\\' | b'\''));
    if !is_member || !is_closed {
        return None;
    }
    let offset = literal.start.saturating_sub(WINDOW);
    let around = text.get(offset..text.len().min(literal.end + WINDOW))?;
    let place = member_range(around, "private_key");
    let key = place.clone().and_then(|place| around.get(place));
    if key.is_some_and(|key| memchr::memmem::find(key, b"...").is_some() || key.len() < 40) {
        return None;
    }
    let text_of = |name| member(around, name).map(CompactString::from_utf8_lossy);
    let owner = OwnerHints {
        account: text_of("client_email"),
        project: text_of("project_id"),
        key_id: text_of("private_key_id"),
        ..OwnerHints::default()
    };
    let sureness = if owner.account.is_some() || key.is_some() { Sureness::High } else { Sureness::Medium };
    // The key itself is the secret, if it stands here.
    let span = place.map_or(literal.clone(), |place| offset + place.start..offset + place.end);
    Some(Candidate { owner, ..Candidate::sure(span, sureness, Reason::StructureReads) })
}
