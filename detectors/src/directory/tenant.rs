//! A tenant: counts the principals that share a value, and publishes what is shared when a day has ended.

use crate::event::{Body, Day, Event, EventId, EventTime, Id, NAMESPACE};
use crate::observation::{EntityKey, Observation, Role};
use crate::profile::Property;
use crate::tenant::{Adopted, DoubtsByDay, SharedValue, Snapshot, Summary};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::sync::Arc;
use uuid::Uuid;

/// A number that grows, told apart by day as far as its newest: a day's snapshot knows the days before.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Growing {
    earlier: u32,
    newest: Day,
    on_newest: u32,
}

impl Growing {
    fn add(&mut self, day: Day) {
        match day.cmp(&self.newest) {
            Ordering::Greater => *self = Self { earlier: self.all(), newest: day, on_newest: 1 },
            Ordering::Equal => self.on_newest = self.on_newest.saturating_add(1),
            Ordering::Less => self.earlier = self.earlier.saturating_add(1),
        }
    }

    fn all(self) -> u32 {
        self.earlier.saturating_add(self.on_newest)
    }

    fn before(self, day: Day) -> u32 {
        if self.newest < day { self.all() } else { self.earlier }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Counted {
    property: Property,
    value: u32,
    first: Day,
    principals: Growing,
}

impl Counted {
    const fn key(&self) -> (Property, u32) {
        (self.property, self.value)
    }

    /// Whether it is shared by enough principals, though maybe not for long enough.
    fn is_common(&self) -> bool {
        self.principals.all() >= Tenant::SHARED_BY
    }

    fn as_of(&self, day: Day) -> Option<SharedValue> {
        let principals = self.principals.before(day);
        let shared = principals >= Tenant::SHARED_BY && self.first <= day - Tenant::ESTABLISHED_DAYS;
        shared.then_some(SharedValue { property: self.property, value: self.value, principals })
    }
}

/// What a tenant's principals have told of themselves.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Tenant {
    principals: Growing,
    /// Sorted by property and value.
    counted: Vec<Counted>,
    /// The day whose end is waited for.
    open: Option<Day>,
    /// The first day that anything was told of.
    since: Option<Day>,
    /// The first day on which a place was usual for anybody: since then sign-ins are told.
    sign_ins_since: Option<Day>,
    doubts: DoubtsByDay,
}

impl Tenant {
    /// Fewer principals share nothing: two may be one workload with two names.
    const SHARED_BY: u32 = 3;
    /// What is younger may be a thief who goes from one principal to the next.
    const ESTABLISHED_DAYS: Day = 7;
    /// How many values of a property are counted; beyond that the least shared is given up.
    const CAPACITY: usize = 512;

    pub(super) fn fold(&mut self, observation: &Observation) -> Vec<Observation> {
        match &observation.event.body {
            Body::Summary(summary) => {
                self.count(summary);
                Vec::new()
            }
            Body::Tick => self.publish(observation).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// An hour after the day's end, when what comes late has come.
    pub(super) fn due(&self) -> Option<EventTime> {
        self.open.map(|day| EventTime::start_of(day.saturating_add(1)).plus(EventTime::HOUR))
    }

    fn count(&mut self, summary: &Summary) {
        if let Some(first) = summary.adopted.first().filter(|_| summary.newcomer) {
            self.principals.add(first.day);
        }
        for &doubt in &summary.doubts {
            self.wait_for_the_end_of(doubt.day);
            self.doubts.count(doubt);
        }
        for &Adopted { property, value, day } in &summary.adopted {
            // Inventories tell of trusts as old as the tenant; what happens in it is counted by days that were seen.
            if !matches!(property, Property::Trust | Property::TrustedSystem) {
                self.wait_for_the_end_of(day);
            }
            if matches!(property, Property::Network | Property::Country) {
                self.sign_ins_since = Some(self.sign_ins_since.map_or(day, |since| since.min(day)));
            }
            match self.counted.binary_search_by_key(&(property, value), Counted::key) {
                Ok(at) => {
                    if let Some(counted) = self.counted.get_mut(at) {
                        counted.principals.add(day);
                        counted.first = counted.first.min(day);
                    }
                }
                Err(at) => {
                    let principals = Growing { earlier: 0, newest: day, on_newest: 1 };
                    self.counted.insert(at, Counted { property, value, first: day, principals });
                    self.make_room(property);
                }
            }
        }
    }

    fn wait_for_the_end_of(&mut self, day: Day) {
        self.open = Some(self.open.map_or(day, |open| open.min(day)));
        self.since = Some(self.since.map_or(day, |since| since.min(day)));
    }

    fn make_room(&mut self, property: Property) {
        let values = || self.counted.iter().filter(|counted| counted.property == property);
        if values().count() <= Self::CAPACITY {
            return;
        }
        let least = values().min_by_key(|counted| (counted.principals.all(), counted.principals.newest, counted.value));
        let least = least.map(Counted::key);
        self.counted.retain(|counted| Some(counted.key()) != least);
    }

    /// The snapshot of the days that have ended, if they were waited for.
    fn publish(&mut self, tick: &Observation) -> Option<Observation> {
        let today = tick.time().plus(-EventTime::HOUR).day();
        if self.open.is_none_or(|open| open >= today) {
            return None;
        }
        let goes_on = |counted: &Counted| {
            counted.principals.newest >= today || counted.is_common() && counted.first > today - Self::ESTABLISHED_DAYS
        };
        let goes_on = self.counted.iter().any(goes_on) || self.doubts.any_since(today);
        self.open = goes_on.then_some(today);
        let principals = self.principals.before(today);
        let snapshot = Snapshot {
            effective: EventTime::start_of(today).plus(2 * EventTime::HOUR),
            principals,
            shared: self.counted.iter().filter_map(|counted| counted.as_of(today)).collect(),
            doubts: self.doubts.before(today, principals, self.since.unwrap_or(today)),
            sign_ins_since: self.sign_ins_since,
        };
        Some(addressed(snapshot, tick))
    }

    pub(super) fn memory(&self) -> usize {
        self.counted.capacity() * size_of::<Counted>() + self.doubts.memory()
    }
}

/// To the first partition; who writes a log of several makes copies.
fn addressed(snapshot: Snapshot, tick: &Observation) -> Observation {
    let mut name = tick.entity.to_bytes().to_vec();
    name.extend_from_slice(&snapshot.effective.micros().to_be_bytes());
    let event = Event {
        id: EventId(Id::Guid(Uuid::new_v5(&NAMESPACE, &name))),
        tenant: tick.tenant.clone(),
        time: tick.time(),
        body: Body::Snapshot(Box::new(snapshot)),
        signals: Vec::new(),
    };
    Observation {
        entity: EntityKey::snapshot(tick.entity.tenant, 0),
        id: tick.id.clone(),
        tenant: tick.tenant.clone(),
        role: Role::Subject,
        ingested: tick.ingested,
        event: Arc::new(event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::TenantId;

    fn observation(time: EventTime, body: Body) -> Observation {
        let event =
            Event { id: EventId(Id::Guid(Uuid::nil())), tenant: TenantId::UNKNOWN, time, body, signals: Vec::new() };
        Observation {
            entity: EntityKey::tenant(&TenantId::UNKNOWN),
            id: TenantId::UNKNOWN.0,
            tenant: TenantId::UNKNOWN,
            role: Role::Subject,
            ingested: time,
            event: Arc::new(event),
        }
    }

    fn at(day: Day, hour: i64) -> EventTime {
        EventTime::start_of(day).plus(hour * EventTime::HOUR)
    }

    fn tell(tenant: &mut Tenant, day: Day, value: u32) {
        let summary = Summary {
            newcomer: true,
            adopted: vec![Adopted { property: Property::Prefix, value, day }],
            doubts: Vec::new(),
        };
        tenant.fold(&observation(at(day, 5), Body::Summary(Box::new(summary))));
    }

    fn tick(tenant: &mut Tenant, day: Day) -> Option<Snapshot> {
        let told = tenant.fold(&observation(at(day, 1), Body::Tick)).pop()?;
        match &told.event.body {
            Body::Snapshot(snapshot) => Some((**snapshot).clone()),
            _ => None,
        }
    }

    #[test]
    fn a_value_of_three_principals_is_shared_after_a_week() {
        let mut tenant = Tenant::default();
        (0..3).for_each(|_| tell(&mut tenant, 100, 7));
        (0..2).for_each(|_| tell(&mut tenant, 100, 8));
        for day in 101..107 {
            assert_eq!(tenant.due(), Some(at(day, 1)), "it waits for the value to be established");
            assert!(!tick(&mut tenant, day).expect("a snapshot").shares(Property::Prefix, 7), "on day {day}");
        }
        let snapshot = tick(&mut tenant, 107).expect("a snapshot");
        assert_eq!((snapshot.principals_with(Property::Prefix, 7), snapshot.principals), (3, 5));
        assert!(!snapshot.shares(Property::Prefix, 8));
        assert_eq!(tenant.due(), None);
    }

    #[test]
    fn a_snapshot_knows_the_days_before_its_own_whatever_came_since() {
        let told = |late: bool| {
            let mut tenant = Tenant::default();
            (0..3).for_each(|_| tell(&mut tenant, 100, 7));
            if late {
                tell(&mut tenant, 108, 7);
                tell(&mut tenant, 108, 9);
            }
            tick(&mut tenant, 108).expect("a snapshot")
        };
        assert_eq!(told(false), told(true));
    }

    #[test]
    fn of_too_many_values_the_least_shared_is_given_up() {
        let mut tenant = Tenant::default();
        (0..3).for_each(|_| tell(&mut tenant, 100, u32::MAX));
        (0..2_000).for_each(|value| tell(&mut tenant, 100, value));
        assert_eq!(tenant.counted.len(), Tenant::CAPACITY);
        assert!(tick(&mut tenant, 108).expect("a snapshot").shares(Property::Prefix, u32::MAX));
    }
}
