//! Whom to ask about a workload identity.

use super::{DirectoryChange, Operation};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// Whom to ask, by user principal name, else by id, else by display name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ownership {
    /// Who runs it and may change it.
    pub owners: Vec<CompactString>,
    /// Who answers for it: agents have such people.
    pub sponsors: Vec<CompactString>,
    /// To whom it reports: an agent's user account has a manager, as people have.
    pub managers: Vec<CompactString>,
}

impl Ownership {
    /// How many of each are kept.
    const MOST: usize = 8;

    /// Whether nobody is known.
    pub fn is_empty(&self) -> bool {
        self.owners.is_empty() && self.sponsors.is_empty() && self.managers.is_empty()
    }

    /// Takes what an export lists; what it leaves out stays, for most exports leave it out. True if that is news.
    pub fn list(&mut self, listed: &Self) -> bool {
        let mut is_news = false;
        for (known, listed) in [
            (&mut self.owners, &listed.owners),
            (&mut self.sponsors, &listed.sponsors),
            (&mut self.managers, &listed.managers),
        ] {
            let listed: Vec<CompactString> = listed.iter().take(Self::MOST).cloned().collect();
            if !listed.is_empty() && *known != listed {
                *known = listed;
                is_news = true;
            }
        }
        is_news
    }

    /// Takes an owner in that a change adds, and gives up one that it takes away. True if that is news.
    pub fn change(&mut self, change: &DirectoryChange) -> bool {
        let Some(owner) = change.owner().filter(|_| change.succeeded) else { return false };
        // An export may have named the same one by its id.
        let names = [owner.name.clone(), owner.id.as_ref().map(|id| id.to_string().into())];
        let is_known = |one: &CompactString| names.iter().flatten().any(|name| name.eq_ignore_ascii_case(one));
        match change.operation {
            Operation::OwnerAdded => {
                let name = names.iter().flatten().next().filter(|_| !self.owners.iter().any(is_known));
                let has_room = self.owners.len() < Self::MOST;
                self.owners.extend(name.filter(|_| has_room).cloned());
                has_room && name.is_some()
            }
            Operation::OwnerRemoved => {
                let before = self.owners.len();
                self.owners.retain(|one| !is_known(one));
                before != self.owners.len()
            }
            _ => false,
        }
    }

    /// One's own people, then those of what one belongs to.
    #[must_use]
    pub fn and(&self, of_application: &Self) -> Self {
        let joined = |own: &[CompactString], others: &[CompactString]| {
            let others = others.iter().filter(|one| !own.contains(*one));
            own.iter().chain(others).take(Self::MOST).cloned().collect()
        };
        Self {
            owners: joined(&self.owners, &of_application.owners),
            sponsors: joined(&self.sponsors, &of_application.sponsors),
            managers: joined(&self.managers, &of_application.managers),
        }
    }
}
