//! Changes that the configuration expects, for whole tenants or for principals by name.

use crate::event::{EventTime, Id, Network, TenantId, Window};
use crate::observation::Observation;
use compact_str::CompactString;
use std::collections::BTreeSet;
use std::net::IpAddr;

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
    /// Another has the same id: which of them holds a finding could not be told.
    #[error("expected change {id}: the id is there twice")]
    Twice {
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
    /// The networks that it must come from; any where none is named.
    pub networks: Vec<Network>,
    /// The Sigma rules it is about, by id; where any is named, nothing else is held.
    pub rules: Vec<CompactString>,
    /// When, what, who says so and why.
    pub window: Window,
}

/// What is held, or is not: a finding, by what made it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Suspicion<'a> {
    /// The `riskEventType`.
    pub(crate) kind: &'a str,
    /// When.
    pub(crate) time: EventTime,
    /// From where.
    pub(crate) address: Option<IpAddr>,
    /// By which Sigma rule.
    pub(crate) rule: Option<&'a str>,
}

impl<'a> Suspicion<'a> {
    /// A finding of this type that an observation led to.
    pub(crate) fn of(kind: &'a str, observation: &Observation) -> Self {
        let address = observation.event.body.place().and_then(|place| place.address);
        Self { kind, time: observation.time(), address, rule: None }
    }
}

impl Expectation {
    fn is_about(&self, tenant: &TenantId, principal: &Id) -> bool {
        let named = |names: &[Id], id: &Id| names.is_empty() || names.contains(id);
        named(&self.tenants, &tenant.0) && named(&self.principals, principal)
    }

    fn holds(&self, suspicion: &Suspicion<'_>) -> bool {
        let from_there = |address| self.networks.iter().any(|network| network.contains(address));
        let by_rule = |rule| self.rules.iter().any(|known| known == rule);
        (self.networks.is_empty() || suspicion.address.is_some_and(from_there))
            && (self.rules.is_empty() || suspicion.rule.is_some_and(by_rule))
            && self.window.holds(suspicion.kind, suspicion.time)
    }
}

/// All expected changes of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expectations(Vec<Expectation>);

impl Expectations {
    /// How long a window of the configuration may be.
    pub const LONGEST: i64 = 366 * EventTime::DAY;
    const SIGN_INS: &str = "suspiciousSignins";

    /// Takes expectations after a look at each.
    ///
    /// # Errors
    /// When one does not end, has the id of another, or is about nothing that is detected.
    pub fn of(all: Vec<Expectation>) -> Result<Self, ExpectationError> {
        let mut known = BTreeSet::new();
        for Expectation { window, .. } in &all {
            let id = || window.id.clone();
            if !known.insert(window.id.key()) {
                return Err(ExpectationError::Twice { id: id() });
            }
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
    pub(crate) fn holding(&self, tenant: &TenantId, principal: &Id, suspicion: &Suspicion<'_>) -> Option<&Window> {
        let is_it = |one: &&Expectation| one.is_about(tenant, principal) && one.holds(suspicion);
        self.0.iter().find(is_it).map(|one| &one.window)
    }

    /// Whether sign-ins from where the observation comes from are expected: then nothing is to be made of them later,
    /// beside what comes from elsewhere.
    pub(crate) fn knows_place(&self, observation: &Observation) -> bool {
        let suspicion = Suspicion::of(Self::SIGN_INS, observation);
        let mut by_network = self.0.iter().filter(|one| !one.networks.is_empty());
        by_network.any(|one| one.is_about(&observation.tenant, &observation.id) && one.holds(&suspicion))
    }

    /// The Sigma rules that any of them names.
    pub fn rules(&self) -> impl Iterator<Item = &CompactString> {
        self.0.iter().flat_map(|one| &one.rules)
    }
}
