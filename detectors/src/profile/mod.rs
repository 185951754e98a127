//! What has been learned of one principal, in sections that are stored apart once they are large.

pub(crate) mod codec;
mod credentials;
mod dedup;
mod expected;
mod habits;
mod head;
mod occasions;
mod oddities;
mod placement;
mod quarantine;
mod rate;
mod reach;
mod refusals;
mod shadowed;
mod tokens;
mod values;
mod windows;

pub use credentials::{Addition, Credentials, KnownCredential, NewPlaceUse};
pub(crate) use dedup::Seen;
pub use habits::{Habits, Property, Standing};
pub use head::Head;
pub use occasions::Occasions;
pub use oddities::{Oddities, Oddity, OddityKind};
pub use quarantine::{Quarantine, Quarantined};
pub use rate::{HourlyCount, magnitude};
pub use reach::Reach;
pub use refusals::Refusals;
pub use tokens::Tokens;
pub use values::{SignInValues, address_in, api_value, describe, prefix_value};

use crate::event::{EventTime, Window};
use crate::expectations::{Expectations, Suspicion};
use crate::risk::Ledger;
use crate::state::{Section, SectionChange, StateError};
use crate::tenant::{Adopted, Doubt};
use dedup::Dedup;
use expected::ExpectedChanges;
use placement::Writer;
use serde::{Deserialize, Serialize};
use shadowed::Shadowed;
use windows::Windows;

/// Findings: what risk rests on, and what is not trusted yet.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Findings {
    pub(crate) ledger: Ledger,
    pub(crate) quarantine: Quarantine,
    pub(crate) windows: Windows,
    pub(crate) shadowed: Shadowed,
    pub(crate) expected: ExpectedChanges,
    pub(crate) oddities: Oddities,
}

/// The profile of one principal.
#[derive(Debug, Default)]
pub struct Profile {
    /// Who it is.
    pub head: Head,
    pub(crate) habits: Habits,
    pub(crate) credentials: Credentials,
    pub(crate) findings: Findings,
    pub(crate) dedup: Dedup,
    pub(crate) changed: Changed,
    /// Values that have become usual by the observation that is being folded.
    pub(crate) adopted: Vec<Adopted>,
    /// What was doubtful about it.
    pub(crate) doubts: Vec<Doubt>,
}

/// Which sections changed since they were last saved.
#[derive(Debug, Default, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "one flag a section is what it is")]
pub(crate) struct Changed {
    pub(crate) head: bool,
    pub(crate) habits: bool,
    pub(crate) credentials: bool,
    pub(crate) findings: bool,
}

impl Changed {
    fn any(self) -> bool {
        self.head || self.habits || self.credentials || self.findings
    }
}

impl Profile {
    /// What is normal for it.
    pub fn habits(&self) -> &Habits {
        &self.habits
    }

    /// Its credentials.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The window that holds a finding: its own, else one of the configuration.
    pub(crate) fn expected<'a>(
        &'a self,
        configured: &'a Expectations,
        suspicion: &Suspicion<'_>,
    ) -> Option<&'a Window> {
        let own = self.findings.expected.holding(suspicion.kind, suspicion.time);
        own.or_else(|| configured.holding(&self.head.tenant, &self.head.id, suspicion))
    }

    pub(crate) fn load<E: From<StateError>>(
        mut read: impl FnMut(Section) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Self, E> {
        let Some(bytes) = read(Section::Head)? else { return Ok(Self::default()) };
        let (head, mut within) = codec::decode_versioned::<Head>(Section::Head, &bytes)?;
        let [habits, credentials, findings] = head.places;
        let mut profile = Self {
            habits: placement::load(habits, Section::Habits, &mut within, &mut read)?,
            credentials: placement::load(credentials, Section::Credentials, &mut within, &mut read)?,
            findings: placement::load(findings, Section::Findings, &mut within, &mut read)?,
            ..Self::default()
        };
        profile.dedup.load_inline(within)?;
        for hour in &head.dedup_hours {
            if let Some(bytes) = read(Section::Dedup(*hour))? {
                profile.dedup.load_chunk(*hour, &bytes)?;
            }
        }
        profile.head = head;
        Ok(profile)
    }

    pub(crate) fn take_changes(&mut self) -> Vec<SectionChange> {
        let flags = std::mem::take(&mut self.changed);
        let changes = self.dedup.take_changes(&self.head.dedup_hours);
        if changes.is_empty() && !flags.any() {
            return changes;
        }
        let mut writer = Writer::new(changes);
        let [habits, credentials, findings] = self.head.places;
        self.head.places = [
            writer.put(Section::Habits, &self.habits, flags.habits, habits),
            writer.put(Section::Credentials, &self.credentials, flags.credentials, credentials),
            writer.put(Section::Findings, &self.findings, flags.findings, findings),
        ];
        self.head.dedup_hours = self.dedup.hours();
        writer.finish(&self.head, |bytes| self.dedup.write_inline(bytes))
    }

    pub(crate) fn due(&self) -> Option<EventTime> {
        self.findings.ledger.falls_at()
    }

    pub(crate) fn applied(&self) -> Option<(i32, i64)> {
        self.head.applied
    }

    pub(crate) fn set_applied(&mut self, partition: i32, offset: i64) {
        self.head.applied = Some((partition, offset));
        self.changed.head = true;
    }

    pub(crate) fn memory(&self) -> usize {
        size_of::<Self>()
            + self.habits.memory()
            + self.credentials.memory()
            + self.findings.ledger.memory()
            + self.findings.quarantine.memory()
            + self.findings.windows.memory()
            + self.findings.expected.memory()
            + self.findings.oddities.memory()
            + self.dedup.memory()
            + self.head.grants.iter().map(|grant| 24 + grant.len()).sum::<usize>()
    }
}
