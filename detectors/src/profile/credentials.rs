//! The credentials of a principal: who added them, when they went, and from where each is used.

use super::occasions::{Occasions, cells_between, landmark};
use super::refusals::Refusals;
use super::tokens::Tokens;
use crate::event::{CredentialKind, Day, EventTime, Id, KeyId};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// How a credential came to be, from the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Addition {
    /// When.
    pub time: EventTime,
    /// What names the act: the correlation id, else the event's id. One act's records share it.
    pub act: Id,
    /// Who did it, in words.
    pub actor: CompactString,
    /// How suspicious it was by itself, in tenths of bits.
    pub tenth_bits: i16,
}

impl Addition {
    /// Of several accounts of one addition the first by this counts: the earliest, as the most suspicious that it was
    /// judged.
    pub(crate) fn rank(&self) -> (EventTime, &Id, Reverse<i16>) {
        (self.time, &self.act, Reverse(self.tenth_bits))
    }
}

/// A sign-in with a credential from a network that was new to the principal on that day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NewPlaceUse {
    /// When.
    pub time: EventTime,
    /// The sign-in.
    pub event: Id,
    /// The network, hashed.
    pub network: u32,
    /// The place in words.
    pub place: CompactString,
    /// How surprising the place was for the principal, in tenths of bits.
    pub tenth_bits: i16,
}

/// One credential.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KnownCredential {
    /// Its key id.
    pub key: KeyId,
    /// Its kind, once something has said it.
    pub kind: Option<CredentialKind>,
    /// How it came to be, if that was seen.
    pub added: Option<Addition>,
    /// When it was removed.
    pub removed: Option<EventTime>,
    /// End of validity, if the inventory says it.
    pub expires: Option<EventTime>,
    /// Days of use.
    pub active: Occasions,
    /// Networks it is used from.
    pub networks: Vec<(u32, Occasions)>,
    /// Its first use from a network new to the principal.
    pub first_away: Option<EventTime>,
    /// Its last uses from networks new to the principal, newest first.
    pub new_place_uses: Vec<NewPlaceUse>,
}

impl KnownCredential {
    const NETWORKS: usize = 8;
    const NEW_PLACE_USES: usize = 4;

    fn new(key: KeyId) -> Self {
        Self {
            key,
            kind: None,
            added: None,
            removed: None,
            expires: None,
            active: Occasions::default(),
            networks: Vec::new(),
            first_away: None,
            new_place_uses: Vec::new(),
        }
    }

    /// Counts a day of use from a network. True if something changed.
    fn learn_use(&mut self, network: Option<u32>, day: Day, landmark: Day) -> bool {
        let changed = self.active.add(day, landmark);
        let Some(network) = network else { return changed };
        if let Some((_, days)) = self.networks.iter_mut().find(|(known, _)| *known == network) {
            return changed | days.add(day, landmark);
        }
        let mut days = Occasions::default();
        days.add(day, landmark);
        if self.networks.len() == self.networks.capacity() {
            self.networks.reserve_exact(1 + self.networks.len() / 2);
        }
        self.networks.push((network, days));
        self.networks.sort_by_key(|(network, days)| (std::cmp::Reverse(days.value()), *network));
        self.networks.truncate(Self::NETWORKS);
        true
    }

    /// Whether it was used at home on a day before that of `first`, and before all days of use from new places; on days
    /// that are complete, whatever the order of arrival within the allowed disorder.
    fn began_at_home(&self, first: EventTime, landmark: Day) -> bool {
        let away = self.first_away.map_or(first, |away| away.min(first));
        self.active.has_before(away.plus(-crate::detect::ALLOWED_DISORDER).day(), landmark)
    }

    /// Keeps the last use from each new place, whatever the order of arrival: an addition joins any use after it.
    pub fn note_new_place(&mut self, new_use: NewPlaceUse) -> bool {
        let first = self.first_away.map_or(new_use.time, |first| first.min(new_use.time));
        let is_first = self.first_away.replace(first) != Some(first);
        is_first | self.keep_new_place(new_use)
    }

    fn keep_new_place(&mut self, new_use: NewPlaceUse) -> bool {
        if self.new_place_uses.iter().any(|known| known.network == new_use.network && *known >= new_use) {
            return false;
        }
        self.new_place_uses.retain(|known| known.network != new_use.network);
        let at = self.new_place_uses.partition_point(|known| *known > new_use);
        self.new_place_uses.insert(at, new_use);
        self.new_place_uses.truncate(Self::NEW_PLACE_USES);
        true
    }
}

/// All credentials known of a principal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Credentials {
    /// What the weights of days are relative to.
    landmark: Day,
    known: Vec<KnownCredential>,
    /// Proofs that were refused.
    pub refusals: Refusals,
    /// Tokens and where they went, of principals that call APIs.
    pub tokens: Tokens,
}

impl Credentials {
    /// How many are kept; the dead and the longest unused are given up first.
    const CAPACITY: usize = 48;

    /// Finds one.
    pub fn find(&self, key: &KeyId) -> Option<&KnownCredential> {
        self.known.iter().find(|known| known.key == *key)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &KnownCredential> {
        self.known.iter()
    }

    /// The uses from new places, of all of them.
    pub fn new_place_uses(&self) -> impl Iterator<Item = (&KeyId, &NewPlaceUse)> {
        self.known.iter().flat_map(|known| known.new_place_uses.iter().map(|one| (&known.key, one)))
    }

    /// Whether one was used at home on a day before its `first` use from a new place.
    pub fn began_at_home(&self, key: &KeyId, first: EventTime) -> bool {
        self.find(key).is_some_and(|known| known.began_at_home(first, self.landmark))
    }

    /// What the weights of days are relative to.
    pub fn landmark(&self) -> Day {
        self.landmark
    }

    /// Counts a day of use of a credential from a network. True if something changed.
    pub fn learn_use(&mut self, key: &KeyId, network: Option<u32>, day: Day) -> bool {
        self.rebase(day);
        let landmark = self.landmark;
        self.entry(key).learn_use(network, day, landmark)
    }

    fn rebase(&mut self, day: Day) {
        let cells = cells_between(self.landmark, landmark(day));
        if cells == 0 {
            return;
        }
        self.landmark = landmark(day);
        for known in &mut self.known {
            known.active.rebase(cells);
            known.networks.iter_mut().for_each(|(_, days)| days.rebase(cells));
        }
    }

    /// Finds one or makes a place for it.
    pub fn entry(&mut self, key: &KeyId) -> &mut KnownCredential {
        let at = self.known.iter().position(|known| known.key == *key).unwrap_or_else(|| {
            self.make_room();
            if self.known.len() == self.known.capacity() {
                self.known.reserve_exact(1 + self.known.len() / 2);
            }
            self.known.push(KnownCredential::new(key.clone()));
            self.known.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "found or pushed just above")]
        &mut self.known[at]
    }

    fn make_room(&mut self) {
        if self.known.len() < Self::CAPACITY {
            return;
        }
        let least = self.known.iter().enumerate().min_by_key(|(at, known)| {
            (known.removed.is_none(), known.active.newest(), known.added.as_ref().map(|added| added.time), *at)
        });
        if let Some((at, _)) = least {
            self.known.remove(at);
        }
    }

    /// Roughly how much memory it takes.
    pub fn memory(&self) -> usize {
        self.known
            .iter()
            .map(|known| size_of::<KnownCredential>() + known.networks.len() * 24 + known.new_place_uses.len() * 96)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn use_at(minute: i64, network: u32) -> NewPlaceUse {
        NewPlaceUse {
            time: EventTime::from_micros(minute * EventTime::MINUTE),
            event: Id::parse(&format!("event-{minute}")).expect("an id"),
            network,
            place: "AS64500".into(),
            tenth_bits: 90,
        }
    }

    #[test]
    fn the_last_use_of_each_new_network_is_kept_whatever_came_first() {
        let uses = [use_at(3, 1), use_at(1, 1), use_at(2, 2)];
        let mut forward = KnownCredential::new(KeyId::parse("k").expect("an id"));
        let mut backward = forward.clone();
        for one in &uses {
            forward.note_new_place(one.clone());
        }
        for one in uses.iter().rev() {
            backward.note_new_place(one.clone());
        }
        assert_eq!(forward, backward);
        assert_eq!(forward.new_place_uses, [use_at(3, 1), use_at(2, 2)]);
    }

    #[test]
    fn the_table_is_bounded() {
        let mut credentials = Credentials::default();
        for n in 0..200 {
            credentials.entry(&KeyId::parse(&format!("key-{n}")).expect("an id"));
        }
        assert_eq!(credentials.iter().count(), Credentials::CAPACITY);
    }
}
