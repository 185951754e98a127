//! Keys and how they sort.

use picket_detectors::event::EventTime;
use picket_detectors::observation::EntityKey;
use picket_detectors::state::Section;
use smallvec::SmallVec;

/// State: the entity's key, then the section.
pub(super) fn state(entity: EntityKey, section: Section) -> SmallVec<[u8; 48]> {
    let mut key = SmallVec::from_slice(&entity.to_bytes());
    key.extend_from_slice(&section.to_bytes());
    key
}

/// Due: the time so that earlier sorts first, then the entity's key.
pub(super) fn due(time: EventTime, entity: EntityKey) -> Vec<u8> {
    let mut key = sortable(time).to_vec();
    key.extend_from_slice(&entity.to_bytes());
    key
}

/// The first key after everything due at or before `time`; `None` if that is everything.
pub(super) fn due_after(time: EventTime) -> Option<[u8; 8]> {
    time.micros().checked_add(1).map(|micros| sortable(EventTime::from_micros(micros)))
}

/// The inverse of [`due`].
pub(super) fn parse_due(key: &[u8]) -> Option<(EventTime, EntityKey)> {
    let (time, entity) = key.split_at_checked(8)?;
    let flipped = u64::from_be_bytes(time.try_into().ok()?);
    Some((EventTime::from_micros((flipped ^ SIGN).cast_signed()), EntityKey::from_bytes(entity)?))
}

/// Sequence numbers of outbox and inbox.
pub(super) fn sequence(key: &[u8]) -> Option<u64> {
    key.try_into().ok().map(u64::from_be_bytes)
}

const SIGN: u64 = 1 << 63;

/// Times before 1970 are negative: with the sign flipped, bytes sort as times do.
fn sortable(time: EventTime) -> [u8; 8] {
    (time.micros().cast_unsigned() ^ SIGN).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use picket_detectors::event::{PrincipalId, TenantId};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn due_keys_sort_by_time_and_survive_their_bytes(a: i64, b: i64) {
            let entity = EntityKey::principal(&TenantId::UNKNOWN, &PrincipalId::parse("p").expect("an id"));
            let key = |micros| due(EventTime::from_micros(micros), entity);
            prop_assert_eq!(key(a).cmp(&key(b)), a.cmp(&b));
            prop_assert_eq!(parse_due(&key(a)), Some((EventTime::from_micros(a), entity)));
        }
    }
}
