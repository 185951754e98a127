//! Changes that the configuration expects, for whole tenants or for principals by name.

use crate::event::{EventTime, Id, TenantId, Window};

/// Why expected changes can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpectationError {
    /// Not the expected YAML.
    #[error("expected changes can't be read: {0}")]
    Unreadable(String),
    /// It does not end, or too late.
    #[error("expected change {id}: it must end after it begins, and within 366 days")]
    Endless {
        /// Its id.
        id: Id,
    },
    /// It is about nothing that is detected.
    #[error("expected change {id}: there is no detection {name}")]
    UnknownType {
        /// Its id.
        id: Id,
        /// The type.
        name: String,
    },
}

/// One expected change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The tenants it is about; all where none is named.
    pub tenants: Vec<Id>,
    /// The principals it is about; all where none is named.
    pub principals: Vec<Id>,
    /// When, what, who says so and why.
    pub window: Window,
}

/// All expected changes of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expectations(Vec<Expectation>);

impl Expectations {
    /// How long a window of the configuration may be.
    pub const LONGEST: i64 = 366 * EventTime::DAY;

    /// Takes expectations after a look at each.
    ///
    /// # Errors
    /// When one does not end, or is about nothing that is detected.
    pub fn of(all: Vec<Expectation>) -> Result<Self, ExpectationError> {
        for Expectation { window, .. } in &all {
            let id = || window.id.clone();
            if window.until <= window.from || window.until.since(window.from) > Self::LONGEST {
                return Err(ExpectationError::Endless { id: id() });
            }
            let unknown = window.risk_event_types.iter().find(|name| crate::detect::descriptor(name).is_none());
            if let Some(name) = unknown {
                return Err(ExpectationError::UnknownType { id: id(), name: name.to_string() });
            }
        }
        Ok(Self(all))
    }

    /// The window that holds a finding.
    pub(crate) fn holding(&self, tenant: &TenantId, principal: &Id, kind: &str, time: EventTime) -> Option<&Window> {
        let named = |names: &[Id], id: &Id| names.is_empty() || names.contains(id);
        let is_it = |one: &&Expectation| {
            named(&one.tenants, &tenant.0) && named(&one.principals, principal) && one.window.holds(kind, time)
        };
        self.0.iter().find(is_it).map(|one| &one.window)
    }
}
