//! Who a principal is, and the list of the sections stored of it.

use super::placement::Place;
use super::rate::HourlyCount;
use super::reach::Reach;
use crate::event::{AppId, EventTime, Id, Ownership, PrincipalKind, TenantId};
use crate::reference::Reference;
use crate::risk::{Impact, LastChange};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// Names, kind, times, permissions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The tenant as logs write it.
    pub tenant: TenantId,
    /// The principal's id as logs write it.
    pub id: Id,
    /// What kind it is.
    pub kind: PrincipalKind,
    /// Its display name.
    pub name: Option<CompactString>,
    /// Its client id.
    pub app: Option<AppId>,
    /// Whether it may sign in, as far as is known.
    pub enabled: bool,
    /// What it may do, from token roles, grants and the inventory.
    pub grants: Vec<CompactString>,
    /// What those are worth.
    pub impact: Impact,
    /// When somebody last gave it permissions in a way that raised no doubt.
    pub granted: Option<EventTime>,
    /// Whom to ask about it.
    pub ownership: Ownership,
    /// Whom to ask about its application, or an agent's blueprint.
    pub of_application: Ownership,
    /// The last change of it or its application that was seen.
    pub last_change: Option<LastChange>,
    /// When it came to be, if that was seen.
    pub created: Option<EventTime>,
    /// Whether it has told its tenant of anything.
    pub told: bool,
    /// When each credential (by its hash) was last used from a place that was known.
    pub home_uses: Vec<(u32, EventTime)>,
    /// Sign-ins of the hour.
    pub sign_ins: HourlyCount,
    /// API calls of the hour.
    pub calls: HourlyCount,
    /// What its calls touched on the day.
    pub reach: Reach,
    /// What it changed in the directory on the day.
    pub act_reach: Reach,
    /// The newest event time seen (clamped to ingest time).
    pub newest: EventTime,
    /// Stored dedup chunks.
    pub(super) dedup_hours: Vec<i64>,
    /// Where the habits, credentials and findings sections are stored.
    pub(super) places: [Place; 3],
    /// The observation log position included.
    pub(super) applied: Option<(i32, i64)>,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            tenant: TenantId::UNKNOWN,
            id: Id::Guid(uuid::Uuid::nil()),
            kind: PrincipalKind::default(),
            name: None,
            app: None,
            enabled: true,
            grants: Vec::new(),
            impact: Impact::default(),
            granted: None,
            ownership: Ownership::default(),
            of_application: Ownership::default(),
            last_change: None,
            created: None,
            told: false,
            home_uses: Vec::new(),
            sign_ins: HourlyCount::default(),
            calls: HourlyCount::default(),
            reach: Reach::default(),
            act_reach: Reach::default(),
            newest: EventTime::from_micros(i64::MIN / 2),
            dedup_hours: Vec::new(),
            places: Default::default(),
            applied: None,
        }
    }
}

impl Head {
    const GRANTS: usize = 48;
    const HOME_USES: usize = 4;

    /// Keeps a name; blank ones and ids in its place don't replace one.
    pub fn name_it(&mut self, name: Option<&CompactString>) {
        if let Some(name) = name.filter(|name| !name.trim().is_empty() && self.name.as_ref() != Some(name)) {
            self.name = Some(name.clone());
        }
    }

    /// Adds permissions and roles (by name or id) and weighs them.
    pub fn grant<'a>(&mut self, grants: impl IntoIterator<Item = &'a CompactString>, reference: &Reference) {
        for grant in grants {
            if self.grants.contains(grant) {
                continue;
            }
            self.impact = self.impact.max(reference.impact(grant));
            self.grants.push(grant.clone());
            if self.grants.len() > Self::GRANTS {
                // The least weighty is given up; what the rest is worth does not change.
                let least =
                    (0..self.grants.len()).min_by_key(|at| self.grants.get(*at).map(|grant| reference.impact(grant)));
                self.grants.remove(least.unwrap_or_default());
            }
        }
    }

    /// Takes permissions and roles away and weighs the rest.
    pub fn revoke(&mut self, grants: &[CompactString], reference: &Reference) {
        self.grants.retain(|grant| !grants.contains(grant));
        self.impact = self.grants.iter().map(|grant| reference.impact(grant)).max().unwrap_or(Impact::Limited);
    }

    /// Keeps a change, if it is the newest.
    pub fn note_change(&mut self, change: LastChange) {
        self.last_change = self.last_change.take().max(Some(change));
    }

    /// Keeps that a credential was used from a place that was known.
    pub fn note_home_use(&mut self, key: u32, time: EventTime) {
        match self.home_uses.iter_mut().find(|(known, _)| *known == key) {
            Some((_, newest)) => *newest = time.max(*newest),
            None => self.home_uses.push((key, time)),
        }
        if self.home_uses.len() > Self::HOME_USES {
            let oldest = self.home_uses.iter().enumerate().min_by_key(|(_, (key, time))| (*time, *key));
            if let Some((at, _)) = oldest {
                self.home_uses.remove(at);
            }
        }
    }

    /// When a credential was last used from a place that was known.
    pub fn home_use(&self, key: u32) -> Option<EventTime> {
        self.home_uses.iter().find(|(known, _)| *known == key).map(|(_, time)| *time)
    }
}
