//! What stands in Picket's own topics: keys and values with their versions.

use picket_detectors::observation::{EntityKey, Observation};

/// The version of observation values that this program writes, and the newest it reads.
pub(crate) const OBSERVATION_VERSION: u8 = 1;

/// The suffix of state keys whose value says when the entity wants its next tick. No section begins with it.
pub(crate) const DUE_SUFFIX: u8 = 0xFF;

/// Why an observation can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// Written by a newer Picket: the partition must stop.
    Version(u8),
    /// Not what any Picket writes: a dead letter.
    Corrupt,
}

/// An observation as the value of a record: a version byte, then postcard.
pub(crate) fn encode_observation(observation: &Observation) -> Result<Vec<u8>, postcard::Error> {
    postcard::to_extend(observation, vec![OBSERVATION_VERSION])
}

/// The inverse of [`encode_observation`].
pub(crate) fn decode_observation(value: &[u8]) -> Result<Observation, Unreadable> {
    match value.split_first() {
        Some((&OBSERVATION_VERSION, bytes)) => postcard::from_bytes(bytes).map_err(|_| Unreadable::Corrupt),
        Some((&version, _)) if version > OBSERVATION_VERSION => Err(Unreadable::Version(version)),
        _ => Err(Unreadable::Corrupt),
    }
}

/// The partition of a key, as every client with `murmur2_random` reckons it; a copy of a snapshot says which it is for.
pub(crate) fn partition_of(key: EntityKey, partitions: usize) -> i32 {
    if let Some(partition) = key.snapshot_partition() {
        return partition;
    }
    let positive = murmur2(&key.to_bytes()) & 0x7fff_ffff;
    let count = u32::try_from(partitions).unwrap_or(u32::MAX).max(1);
    (positive % count).cast_signed()
}

/// `MurmurHash2` with Kafka's seed (public domain algorithm by Austin Appleby).
fn murmur2(bytes: &[u8]) -> u32 {
    const MIX: u32 = 0x5bd1_e995;
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut hash = 0x9747_b28c ^ length;
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let mut k = u32::from_le_bytes(word.try_into().unwrap_or_default()).wrapping_mul(MIX);
        k ^= k >> 24;
        hash = hash.wrapping_mul(MIX) ^ k.wrapping_mul(MIX);
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        let tail = rest.iter().rev().fold(0_u32, |tail, &byte| (tail << 8) | u32::from(byte));
        hash = (hash ^ tail).wrapping_mul(MIX);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MIX);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;
    use picket_detectors::event::{Body, Event, EventId, EventTime, Id, TenantId};
    use picket_detectors::observation::{EntityKind, Role};
    use std::sync::Arc;
    use uuid::Uuid;

    fn observation() -> Observation {
        let id = Id::Guid(Uuid::from_u128(7));
        Observation {
            entity: EntityKey { kind: EntityKind::Principal, tenant: Uuid::nil(), id: id.key() },
            id: id.clone(),
            tenant: TenantId::UNKNOWN,
            role: Role::Subject,
            ingested: EventTime::from_micros(5),
            event: Arc::new(Event {
                id: EventId(id),
                tenant: TenantId::UNKNOWN,
                time: EventTime::from_micros(4),
                body: Body::Tick,
                signals: Vec::new(),
            }),
        }
    }

    #[test]
    fn an_observation_survives_its_bytes() {
        let bytes = encode_observation(&observation()).expect("bytes");
        assert_eq!(decode_observation(&bytes), Ok(observation()));
    }

    #[test]
    fn a_newer_version_is_told_from_rubbish() {
        let mut bytes = encode_observation(&observation()).expect("bytes");
        bytes[0] = 2;
        assert_eq!(decode_observation(&bytes), Err(Unreadable::Version(2)));
        assert_eq!(decode_observation(&[1, 255]), Err(Unreadable::Corrupt));
        assert_eq!(decode_observation(&[]), Err(Unreadable::Corrupt));
        assert_eq!(decode_observation(&[0]), Err(Unreadable::Corrupt));
    }

    /// Values from Kafka's own unit test of its hash.
    #[test]
    fn hashes_as_kafka_does() {
        for (text, hash) in [
            ("21", -973_932_308_i32),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(text.as_bytes()).cast_signed(), hash, "{text}");
        }
    }
}
