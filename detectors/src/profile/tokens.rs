//! Where tokens were issued to and where they were used from, for as long as a token may live: whichever record comes
//! first, the two meet here.

use crate::event::{EventTime, Id};
use serde::{Deserialize, Serialize};

/// A token at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct TokenAt {
    minute: i64,
    token: u64,
    prefix: u32,
}

/// A token where it was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Issued {
    at: TokenAt,
    /// Whether it was used there, too.
    is_used: bool,
}

/// The last tokens of a principal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    issued: Vec<Issued>,
    /// Elsewhere than where they were issued, or before that was told.
    used: Vec<TokenAt>,
}

impl Tokens {
    /// How many of each are kept: a workload renews its token once an hour, so these are most of a day.
    const CAPACITY: usize = 16;

    /// Where the token was issued to, if that is known.
    pub fn issued_to(&self, token: &Id) -> Option<u32> {
        self.find(token).map(|issued| issued.at.prefix)
    }

    /// Whether the token was used where it was issued, too.
    pub fn is_used_at_home(&self, token: &Id) -> bool {
        self.find(token).is_some_and(|issued| issued.is_used)
    }

    /// From where else than `prefix` the token was used, if that is known.
    pub fn used_elsewhere(&self, token: &Id, prefix: u32) -> Option<u32> {
        let token = key(token);
        self.used.iter().find(|at| at.token == token && at.prefix != prefix).map(|at| at.prefix)
    }

    /// Keeps where a token was issued to. True if something changed.
    pub fn issue(&mut self, token: &Id, prefix: u32, time: EventTime) -> bool {
        if self.find(token).is_some_and(|issued| issued.at.prefix == prefix) {
            return false;
        }
        let at = token_at(token, prefix, time);
        let is_used = self.used.iter().any(|used| (used.token, used.prefix) == (at.token, at.prefix));
        insert(&mut self.issued, Issued { at, is_used })
    }

    /// Keeps where a token was used from. True if something changed.
    pub fn note_use(&mut self, token: &Id, prefix: u32, time: EventTime) -> bool {
        let at = token_at(token, prefix, time);
        let is_at = |known: &TokenAt| (known.token, known.prefix) == (at.token, at.prefix);
        if let Some(issued) = self.issued.iter_mut().find(|issued| is_at(&issued.at)) {
            return !std::mem::replace(&mut issued.is_used, true);
        }
        !self.used.iter().any(is_at) && insert(&mut self.used, at)
    }

    fn find(&self, token: &Id) -> Option<&Issued> {
        let token = key(token);
        self.issued.iter().find(|issued| issued.at.token == token)
    }
}

fn key(token: &Id) -> u64 {
    let (high, low) = token.key().as_u64_pair();
    high ^ low.rotate_left(29)
}

fn token_at(token: &Id, prefix: u32, time: EventTime) -> TokenAt {
    TokenAt { minute: time.micros() / EventTime::MINUTE, token: key(token), prefix }
}

/// Keeps the newest, newest first.
fn insert<T: Ord>(list: &mut Vec<T>, new: T) -> bool {
    let at = list.partition_point(|known| *known > new);
    list.insert(at, new);
    list.truncate(Tokens::CAPACITY);
    at < Tokens::CAPACITY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(n: i64) -> Id {
        Id::parse(&format!("token-{n}")).expect("an id")
    }

    #[test]
    fn a_token_is_at_home_where_it_was_issued_whichever_is_told_first() {
        let (mut issued_first, mut used_first) = (Tokens::default(), Tokens::default());
        issued_first.issue(&token(1), 7, EventTime::default());
        assert!(issued_first.note_use(&token(1), 8, EventTime::default()));
        assert_eq!(
            (issued_first.used_elsewhere(&token(1), 7), issued_first.is_used_at_home(&token(1))),
            (Some(8), false)
        );
        issued_first.note_use(&token(1), 7, EventTime::default());
        used_first.note_use(&token(1), 7, EventTime::default());
        used_first.issue(&token(1), 7, EventTime::default());
        assert!(issued_first.is_used_at_home(&token(1)) && used_first.is_used_at_home(&token(1)));
        assert_eq!(used_first.used_elsewhere(&token(1), 7), None);
    }

    #[test]
    fn the_newest_are_kept_whatever_came_first() {
        let at = |minute: i64| EventTime::from_micros(minute * EventTime::MINUTE);
        let (mut forward, mut backward) = (Tokens::default(), Tokens::default());
        for n in 0..40 {
            forward.issue(&token(n), 1, at(n));
        }
        for n in (0..40).rev() {
            backward.issue(&token(n), 1, at(n));
        }
        assert_eq!(forward, backward);
        assert_eq!(forward.issued.len(), Tokens::CAPACITY);
        assert!(forward.issued_to(&token(39)).is_some());
    }
}
