//! Token ids: the join between a sign-in and the calls made with its token.
//!
//! Entra writes one GUID in two ways: base64 of its 36 characters (until about 2022), and base64url of its 16 bytes in
//! little-endian order, without padding (since). Both become the GUID.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use picket_detectors::event::Id;
use uuid::Uuid;

const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);

/// Reads a token id in either encoding; other text stays text, blank text is none.
pub(super) fn parse(text: &str) -> Option<Id> {
    let text = text.trim();
    let guid = match text.len() {
        22 | 24 => bytes::<16>(text).map(Uuid::from_bytes_le),
        48 => bytes::<36>(text).and_then(|bytes| Uuid::try_parse_ascii(&bytes).ok()),
        _ => None,
    };
    match guid {
        Some(guid) => Some(Id::Guid(guid)),
        None => Id::parse(text),
    }
}

/// Exactly so many bytes.
fn bytes<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    let decoded = URL_SAFE.decode_slice(text, &mut bytes).or_else(|_| STANDARD.decode_slice(text, &mut bytes));
    (decoded.ok()? == LENGTH).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GUID: &str = "a0000000-0000-4000-8000-000000000001";

    #[test]
    fn both_encodings_and_the_bare_guid_are_one_id() {
        let expected = Id::Guid(GUID.parse().expect("a guid"));
        for text in [GUID, "AAAAoAAAAECAAAAAAAAAAQ", "AAAAoAAAAECAAAAAAAAAAQ==", &STANDARD.encode(GUID)] {
            assert_eq!(parse(text), Some(expected.clone()), "{text}");
        }
    }

    #[test]
    fn other_text_stays_text() {
        assert_eq!(parse("not-a-token"), Id::parse("not-a-token"));
        assert_eq!(parse("!!!!!!!!!!!!!!!!!!!!!!"), Id::parse("!!!!!!!!!!!!!!!!!!!!!!"));
        assert_eq!(parse("  "), None);
    }

    proptest! {
        #[test]
        fn every_guid_survives_both_encodings(bits: u128) {
            let guid = Uuid::from_u128(bits);
            let new = URL_SAFE.encode(guid.to_bytes_le());
            prop_assert_eq!(parse(new.trim_end_matches('=')), Some(Id::Guid(guid)));
            prop_assert_eq!(parse(&STANDARD.encode(guid.to_string())), Some(Id::Guid(guid)));
        }
    }
}
