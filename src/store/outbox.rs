//! Outputs that are committed and not yet published everywhere.

use super::{Store, StoreError, keys};

/// Which output a line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OutputKind {
    /// A risk detection.
    Detection,
    /// A principal's risk state.
    RiskState,
    /// A change of a risk state.
    Transition,
    /// A record that can't be understood.
    DeadLetter,
    /// Several principals that fell to one thing.
    Incident,
}

impl OutputKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Detection, Self::RiskState, Self::Transition, Self::DeadLetter, Self::Incident];

    /// The name of the file that holds outputs of this kind.
    pub fn file_name(self) -> String {
        format!("{}.ndjson", self.name())
    }

    /// The byte that stands for it in the store.
    pub const fn tag(self) -> u8 {
        match self {
            Self::Detection => 1,
            Self::RiskState => 2,
            Self::Transition => 3,
            Self::DeadLetter => 4,
            Self::Incident => 5,
        }
    }

    /// The inverse of [`OutputKind::tag`].
    pub fn from_tag(tag: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.tag() == tag)
    }

    /// The name of the topic and of the file, without prefix and ending.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Detection => "risk-detections",
            Self::RiskState => "risky-principals",
            Self::Transition => "risk-transitions",
            Self::DeadLetter => "dead-letters",
            Self::Incident => "incidents",
        }
    }
}

/// One committed output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Its place among all outputs, without gaps.
    pub sequence: u64,
    /// Which output.
    pub kind: OutputKind,
    /// JSON on one line, without the line's end.
    pub line: Vec<u8>,
}

impl Store {
    /// Committed outputs from `first` on, in order.
    pub fn outbox_from(&self, first: u64) -> impl Iterator<Item = Result<OutboxEntry, StoreError>> {
        self.outbox.range(first.to_be_bytes()..).map(|guard| {
            let (key, value) = guard.into_inner().map_err(StoreError::read)?;
            let bad = || StoreError::BadValue { keyspace: "outbox" };
            let sequence = keys::sequence(&key).ok_or_else(bad)?;
            let (&tag, line) = value.split_first().ok_or_else(bad)?;
            let kind = OutputKind::from_tag(tag).ok_or_else(bad)?;
            Ok(OutboxEntry { sequence, kind, line: line.to_vec() })
        })
    }
}
