//! Where a section is stored: within the head, which is written anyway, while it is small; else under its own key.
//! So a quiet principal is one key to write and one to read.

use super::codec;
use crate::state::{Section, SectionChange, StateError};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Bytes up to which a section stays within the head, and down to which it returns there.
const SMALL: (usize, usize) = (768, 384);

/// Where a section was stored last.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Place {
    /// There is nothing to store yet.
    #[default]
    Nowhere,
    /// Within the head.
    Within,
    /// Under its own key.
    Apart,
}

/// Collects what is to be written.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) changes: Vec<SectionChange>,
    /// The sections that go within the head, one after the other.
    within: Vec<u8>,
}

impl Writer {
    pub(super) fn new(changes: Vec<SectionChange>) -> Self {
        Self { changes, within: Vec::new() }
    }

    /// Writes a section where its size belongs, and says where that is. What is within the head is written with it,
    /// changed or not.
    pub(super) fn put<T: Serialize>(&mut self, section: Section, value: &T, changed: bool, was: Place) -> Place {
        if !changed && was != Place::Within {
            return was;
        }
        let start = self.within.len();
        self.within = codec::append(value, std::mem::take(&mut self.within));
        let (most, least) = SMALL;
        let small = self.within.len() - start <= if was == Place::Apart { least } else { most };
        if !small {
            let bytes = codec::versioned(self.within.get(start..).unwrap_or_default());
            self.within.truncate(start);
            self.changes.push((section, Some(bytes)));
            return Place::Apart;
        }
        if was == Place::Apart {
            self.changes.push((section, None));
        }
        Place::Within
    }

    /// Writes the head with what goes within it; `rest` adds what follows.
    pub(super) fn finish<T: Serialize>(
        mut self,
        head: &T,
        rest: impl FnOnce(Vec<u8>) -> Vec<u8>,
    ) -> Vec<SectionChange> {
        let mut bytes = codec::encode(head);
        bytes.extend_from_slice(&self.within);
        self.changes.push((Section::Head, Some(rest(bytes))));
        self.changes
    }
}

/// Reads a section from where it was stored; `within` is what of the head's bytes was not read yet.
pub(super) fn load<T: Default + DeserializeOwned, E: From<StateError>>(
    place: Place,
    section: Section,
    within: &mut &[u8],
    read: &mut impl FnMut(Section) -> Result<Option<Vec<u8>>, E>,
) -> Result<T, E> {
    match place {
        Place::Nowhere => Ok(T::default()),
        Place::Within => {
            let (value, rest) = codec::decode_front(section, within)?;
            *within = rest;
            Ok(value)
        }
        Place::Apart => match read(section)? {
            Some(bytes) => Ok(codec::decode(section, &bytes)?),
            None => Err(StateError::Corrupt { section }.into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        /// Sections grow and shrink; what is stored is what is loaded, and nothing is left behind.
        #[test]
        fn what_is_stored_is_what_is_loaded(
            steps in proptest::collection::vec(proptest::collection::vec((0_usize..2_000, any::<bool>()), 3), 1..20),
        ) {
            const SECTIONS: [Section; 3] = [Section::Habits, Section::Credentials, Section::Findings];
            let mut stored = BTreeMap::new();
            let mut places = [Place::Nowhere; 3];
            let mut values: [Vec<u8>; 3] = Default::default();
            for step in steps {
                let mut writer = Writer::new(Vec::new());
                for (at, (size, changed)) in step.into_iter().enumerate() {
                    if changed {
                        values[at] = vec![at as u8; size];
                    }
                    places[at] = writer.put(SECTIONS[at], &values[at], changed, places[at]);
                }
                for (section, bytes) in writer.finish(&places, |bytes| bytes) {
                    match bytes {
                        Some(bytes) => stored.insert(section, bytes),
                        None => stored.remove(&section),
                    };
                }
                let apart = places.iter().filter(|place| **place == Place::Apart).count();
                prop_assert_eq!(stored.len(), 1 + apart);
                let head = &stored[&Section::Head];
                let (loaded, mut within) = codec::decode_versioned::<[Place; 3]>(Section::Head, head).expect("the head");
                prop_assert_eq!(loaded, places);
                for (at, section) in SECTIONS.into_iter().enumerate() {
                    let mut read = |section: Section| Ok::<_, StateError>(stored.get(&section).cloned());
                    let value: Vec<u8> = load(places[at], section, &mut within, &mut read).expect("as it was written");
                    prop_assert_eq!(&value, &values[at]);
                }
                prop_assert!(within.is_empty());
            }
        }
    }

    #[test]
    fn a_section_that_is_gone_is_corrupt() {
        let loaded = load::<Vec<u8>, _>(Place::Apart, Section::Habits, &mut &[][..], &mut |_| Ok(None));
        assert_eq!(loaded, Err(StateError::Corrupt { section: Section::Habits }));
        let loaded = load::<Vec<u8>, StateError>(Place::Within, Section::Findings, &mut &[9, 1][..], &mut |_| Ok(None));
        assert_eq!(loaded, Err(StateError::Corrupt { section: Section::Findings }));
    }
}
