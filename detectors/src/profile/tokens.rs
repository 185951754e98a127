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

/// The last tokens of a principal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    issued: Vec<TokenAt>,
    used: Vec<TokenAt>,
}

impl Tokens {
    /// How many of each are kept: a workload renews its token once an hour, so these are most of a day.
    const CAPACITY: usize = 16;

    /// Where the token was issued to, if that is known.
    pub fn issued_to(&self, token: &Id) -> Option<u32> {
        find(&self.issued, token)
    }

    /// From where else than `prefix` the token was used, if that is known.
    pub fn used_elsewhere(&self, token: &Id, prefix: u32) -> Option<u32> {
        let token = key(token);
        self.used.iter().find(|at| at.token == token && at.prefix != prefix).map(|at| at.prefix)
    }

    /// Keeps where a token was issued to. True if something changed.
    pub fn issue(&mut self, token: &Id, prefix: u32, time: EventTime) -> bool {
        keep(&mut self.issued, token, prefix, time)
    }

    /// Keeps where a token was used from, unless it was issued there.
    pub fn note_use(&mut self, token: &Id, prefix: u32, time: EventTime) -> bool {
        self.issued_to(token) != Some(prefix) && keep(&mut self.used, token, prefix, time)
    }
}

fn key(token: &Id) -> u64 {
    let (high, low) = token.key().as_u64_pair();
    high ^ low.rotate_left(29)
}

fn find(list: &[TokenAt], token: &Id) -> Option<u32> {
    let token = key(token);
    list.iter().find(|at| at.token == token).map(|at| at.prefix)
}

fn keep(list: &mut Vec<TokenAt>, token: &Id, prefix: u32, time: EventTime) -> bool {
    let token = key(token);
    if list.iter().any(|at| at.token == token && at.prefix == prefix) {
        return false;
    }
    let new = TokenAt { minute: time.micros() / EventTime::MINUTE, token, prefix };
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
    fn a_token_used_where_it_was_issued_is_not_kept() {
        let mut tokens = Tokens::default();
        tokens.issue(&token(1), 7, EventTime::default());
        assert!(!tokens.note_use(&token(1), 7, EventTime::default()));
        assert!(tokens.note_use(&token(1), 8, EventTime::default()));
        assert_eq!(tokens.used_elsewhere(&token(1), 7), Some(8));
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
