//! A block of addresses as one tenant sees it: knows which principals were refused from there within a day, and tells them
//! once they are several. Nobody runs several workloads and has lost the secrets of all of them; who has a list of secrets
//! tries it on all.

use crate::event::{Body, Event, EventId, EventTime, Id, NAMESPACE, SignIn, Spray};
use crate::observation::{EntityKey, Observation, Role};
use crate::profile::prefix_value;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Refused {
    principal: Id,
    newest: EventTime,
    told: bool,
}

/// The principals that were refused.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct AddressBlock {
    refused: Vec<Refused>,
}

impl AddressBlock {
    /// Fewer share a configuration that went wrong.
    const SEVERAL: usize = 4;
    /// A longer list tells the others no more.
    const CAPACITY: usize = 64;

    pub(super) fn fold(&mut self, observation: &Observation) -> Vec<Observation> {
        let Body::SignIn(sign_in) = &observation.event.body else { return Vec::new() };
        let Some(prefix) = prefix_value(&sign_in.place) else { return Vec::new() };
        self.keep(sign_in, observation.time());
        if self.refused.len() < Self::SEVERAL {
            return Vec::new();
        }
        let principals = u32::try_from(self.refused.len()).unwrap_or(u32::MAX);
        let spray = Spray { prefix, principals };
        let untold = self.refused.iter_mut().filter(|refused| !refused.told);
        untold
            .map(|refused| {
                refused.told = true;
                addressed(spray, &refused.principal, observation)
            })
            .collect()
    }

    /// Who was refused a day before the newest is forgotten.
    fn keep(&mut self, sign_in: &SignIn, time: EventTime) {
        let newest = self.refused.iter().map(|refused| refused.newest).max().unwrap_or(time).max(time);
        if newest.since(time) > EventTime::DAY {
            return;
        }
        let principal = &sign_in.principal.0;
        match self.refused.iter_mut().find(|refused| refused.principal == *principal) {
            Some(known) => known.newest = known.newest.max(time),
            None => self.refused.push(Refused { principal: principal.clone(), newest: time, told: false }),
        }
        self.refused.retain(|refused| newest.since(refused.newest) <= EventTime::DAY);
        if self.refused.len() > Self::CAPACITY {
            let oldest = self.refused.iter().enumerate().min_by_key(|(_, refused)| refused.newest).map(|(at, _)| at);
            self.refused.remove(oldest.unwrap_or_default());
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.refused.capacity() * size_of::<Refused>()
    }
}

fn addressed(spray: Spray, principal: &Id, by: &Observation) -> Observation {
    let name = format!("spray|{principal}|{}", by.event.id);
    let event = Event {
        id: EventId(Id::Guid(Uuid::new_v5(&NAMESPACE, name.as_bytes()))),
        tenant: by.tenant.clone(),
        time: by.event.time,
        body: Body::Spray(spray),
        signals: Vec::new(),
    };
    Observation {
        entity: EntityKey::principal(&by.tenant, &crate::event::PrincipalId(principal.clone())),
        id: principal.clone(),
        tenant: by.tenant.clone(),
        role: Role::Subject,
        ingested: by.ingested,
        event: Arc::new(event),
    }
}
