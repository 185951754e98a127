//! How the elements of a list begin: by that the next whole one is found behind a damaged one.
//!
//! The records of one export begin alike, with the same white space and the same first two names; objects within them
//! don't. So a record is told from a part of a record without knowing what either is.

use crate::decode::scan::{end_of_string, end_of_value, past_space};

/// How one element begins.
#[derive(Debug, PartialEq, Eq)]
struct Outline {
    /// From its bracket to the end of its first name.
    first: Vec<u8>,
    /// The second name, if there is one.
    second: Option<Vec<u8>>,
}

impl Outline {
    fn of(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..Outlines::LOOK).unwrap_or(bytes);
        let name = past_space(bytes, 1);
        if bytes.first() != Some(&b'{') || bytes.get(name) != Some(&b'"') {
            return None;
        }
        let name_end = end_of_string(bytes, name)?;
        let colon = past_space(bytes, name_end);
        if bytes.get(colon) != Some(&b':') {
            return None;
        }
        let behind = past_space(bytes, end_of_value(bytes, past_space(bytes, colon + 1))?);
        let second = match bytes.get(behind)? {
            b',' => {
                let second = past_space(bytes, behind + 1);
                bytes.get(second).filter(|byte| **byte == b'"')?;
                Some(bytes.get(second..end_of_string(bytes, second)?)?.to_vec())
            }
            b'}' => None,
            _ => return None,
        };
        Some(Self { first: bytes.get(..name_end)?.to_vec(), second })
    }
}

/// How the elements seen so far begin; the few latest ways.
#[derive(Debug, Default)]
pub(super) struct Outlines(Vec<Outline>);

impl Outlines {
    /// How many bytes of an element are looked at.
    pub(super) const LOOK: usize = 4 << 10;
    const MOST: usize = 16;

    /// Learns how a whole element begins.
    pub(super) fn learn(&mut self, element: &[u8]) {
        let Some(outline) = Outline::of(element) else { return };
        if !self.0.contains(&outline) {
            if self.0.len() >= Self::MOST {
                self.0.remove(0);
            }
            self.0.push(outline);
        }
    }

    /// Whether these bytes, [`Self::LOOK`] of them or all there are, begin as a whole element did.
    pub(super) fn know(&self, bytes: &[u8]) -> bool {
        let may_be = self.0.iter().any(|known| bytes.starts_with(&known.first));
        may_be && Outline::of(bytes).is_some_and(|outline| self.0.contains(&outline))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_told_from_a_part_of_a_record() {
        let mut outlines = Outlines::default();
        outlines.learn(br#"{"id":"1","category":"x","targets":[{"id":"2","name":"y"}]}"#);
        assert!(outlines.know(br#"{"id":"another","category":7}"#));
        for other in [r#"{"id":"2","name":"y"}]}"#, r#"{ "id":"2","category":"y"}"#, r#"{"id":"2"}"#, "{", ""] {
            assert!(!outlines.know(other.as_bytes()), "{other}");
        }
    }
}
