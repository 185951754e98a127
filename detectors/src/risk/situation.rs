//! What whoever looks at an alert needs to act on it.

use super::Impact;
use crate::event::{DirectoryChange, EventTime};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// A change of a principal or its application: what, by whom, when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastChange {
    /// When.
    pub date_time: EventTime,
    /// What, in the audit log's words, small letters.
    pub activity: CompactString,
    /// Who, by name, else by id, as far as the record says.
    pub initiated_by: Option<CompactString>,
}

impl LastChange {
    /// The longest text kept, in characters.
    const MAX: usize = 96;

    /// What an audit record says.
    pub fn of(change: &DirectoryChange, time: EventTime) -> Self {
        let cut = |text: &str| text.chars().take(Self::MAX).collect::<CompactString>();
        let actor = &change.actor;
        Self {
            date_time: time,
            activity: cut(&change.activity),
            initiated_by: match (&actor.name, &actor.id) {
                (Some(name), _) => Some(cut(name)),
                (None, id) => id.as_ref().map(|id| cut(&id.to_string())),
            },
        }
    }
}

/// What a principal may do, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reach {
    /// Permissions and roles by name or id, those worth most first, [`Reach::TOLD`] at most.
    pub permissions: Vec<CompactString>,
    /// How many more it holds.
    pub more: usize,
}

impl Reach {
    /// How many permissions are told.
    pub const TOLD: usize = 8;

    /// The permissions worth most, by what each is worth.
    pub fn of(grants: &[CompactString], impact: impl Fn(&str) -> Impact) -> Self {
        let mut permissions = grants.to_vec();
        permissions.sort_by_cached_key(|grant| (std::cmp::Reverse(impact(grant)), grant.clone()));
        permissions.truncate(Self::TOLD);
        Self { more: grants.len() - permissions.len(), permissions }
    }
}

/// Whom to ask, what happened last, and what is at stake.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Situation {
    /// Who owns the principal or its application.
    pub owners: Vec<CompactString>,
    /// Who answers for an agent or its blueprint.
    pub sponsors: Vec<CompactString>,
    /// To whom an agent reports.
    pub managers: Vec<CompactString>,
    /// The last change of it or its application that was seen.
    pub last_change: Option<LastChange>,
    /// What it may do.
    pub reach: Reach,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_worth_most_is_told_first_and_the_rest_is_counted() {
        let grants: Vec<CompactString> = ["b", "a", "c"].map(CompactString::from).into();
        let few = Reach::of(&grants, |grant| if grant == "c" { Impact::TenantTakeover } else { Impact::Limited });
        assert_eq!((few.permissions, few.more), (vec!["c".into(), "a".into(), "b".into()], 0));
        let many: Vec<CompactString> = (0..20_u8).map(|n| char::from(b'a' + n).to_string().into()).collect();
        let reach = Reach::of(&many, |_| Impact::Limited);
        assert_eq!((reach.permissions.len(), reach.more), (Reach::TOLD, 12));
    }
}
