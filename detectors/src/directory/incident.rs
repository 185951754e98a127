//! What several principals may fall to, a network or a credential: knows who did lately, and tells of it as one incident.
//!
//! A story goes on as long as each fall comes within a week of another; the next one has a number, and so an id, of its
//! own. What is older than the story by more than that is left out, and a late fall that lies between two stories joins
//! the later one.

use crate::event::{Body, EventTime, Fall, NAMESPACE, PrincipalId};
use crate::observation::Observation;
use crate::risk::{Fallen, Incident, IncidentChange, RiskLevel};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A principal that fell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Member {
    principal: PrincipalId,
    name: Option<CompactString>,
    level: RiskLevel,
}

/// What is shared, and the story of the day.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Shared {
    /// How many stories there were before.
    number: u32,
    /// The first and the last fall of the story.
    span: Option<(EventTime, EventTime)>,
    members: Vec<Member>,
    types: Vec<CompactString>,
    detections: Vec<Uuid>,
    /// How grave it was when it was last told; `None` before it was.
    told: Option<RiskLevel>,
}

impl Shared {
    /// An incident of more principals is no other story for the rest of them.
    const MEMBERS: usize = 256;
    const TYPES: usize = 32;
    const DETECTIONS: usize = 64;

    /// Takes a fall in and gives the incident, if that is news.
    pub(super) fn fold(&mut self, observation: &Observation) -> Option<Incident> {
        let Body::Fall(fall) = &observation.event.body else { return None };
        let time = observation.time();
        if !self.admits(time) || self.detections.contains(&fall.detection) {
            return None;
        }
        let (first, last) = self.span.unwrap_or((time, time));
        self.span = Some((first.min(time), last.max(time)));
        let joined = self.take(fall);
        let level = self.members.iter().map(|member| member.level).max().unwrap_or_default();
        let change = match self.told {
            _ if self.members.len() < 2 => return None,
            None => IncidentChange::Opened,
            Some(_) if joined => IncidentChange::Joined,
            Some(told) if level > told => IncidentChange::Raised,
            Some(_) => return None,
        };
        self.told = Some(level);
        Some(self.incident(observation, fall, change, level))
    }

    /// Whether a fall belongs to the story, or begins the next.
    fn admits(&mut self, time: EventTime) -> bool {
        let Some((first, last)) = self.span else { return true };
        if time.since(last) > Incident::WITHIN {
            *self = Self { number: self.number.saturating_add(1), ..Self::default() };
        }
        first.since(time) <= Incident::WITHIN
    }

    /// True if it is a principal that was not among them.
    fn take(&mut self, fall: &Fall) -> bool {
        if self.detections.len() >= Self::DETECTIONS {
            self.detections.remove(0);
        }
        self.detections.push(fall.detection);
        if !self.types.contains(&fall.risk_event_type) && self.types.len() < Self::TYPES {
            self.types.push(fall.risk_event_type.clone());
            self.types.sort_unstable();
        }
        if let Some(member) = self.members.iter_mut().find(|member| member.principal == fall.principal) {
            member.level = member.level.max(fall.level);
            member.name = fall.name.clone().or(member.name.take());
            return false;
        }
        if self.members.len() >= Self::MEMBERS {
            return false;
        }
        let (principal, name, level) = (fall.principal.clone(), fall.name.clone(), fall.level);
        self.members.push(Member { principal, name, level });
        self.members.sort_by_cached_key(|member| member.principal.to_string());
        true
    }

    fn incident(
        &self,
        observation: &Observation,
        fall: &Fall,
        change: IncidentChange,
        risk_level: RiskLevel,
    ) -> Incident {
        let (first, last) = self.span.unwrap_or_default();
        let tenant = &observation.tenant;
        let name = format!("{tenant}|incident|{}|{}", fall.key, self.number);
        let fallen = |member: &Member| Fallen {
            id: member.principal.clone(),
            display_name: member.name.clone(),
            risk_level: member.level,
        };
        Incident {
            id: Uuid::new_v5(&NAMESPACE, name.as_bytes()),
            tenant_id: tenant.clone(),
            incident_key: fall.key.clone(),
            change,
            risk_level,
            first_activity_date_time: first,
            last_activity_date_time: last,
            principals: self.members.iter().map(fallen).collect(),
            risk_event_types: self.types.clone(),
            detection_ids: self.detections.clone(),
            explanation: self.explain(&fall.key),
        }
    }

    fn explain(&self, key: &str) -> String {
        let what = match key.split_once(':') {
            Some(("network", network)) => format!("from the network {network}"),
            Some(("credential", credential)) => format!("with the credential {credential}"),
            _ => format!("with {key} in common"),
        };
        format!(
            "{} principals were detected {what}, each within a week of another. One cause is likelier than as many: look \
             for what they share before looking at each.",
            self.members.len()
        )
    }

    pub(super) fn memory(&self) -> usize {
        self.members.len() * (size_of::<Member>() + 32) + self.detections.len() * size_of::<Uuid>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, EventId, Id, TenantId};
    use crate::observation::{EntityKey, Role};
    use std::sync::Arc;

    const KEY: &str = "network:203.0.113.0/24";

    fn fall(principal: &str, hours: i64, level: RiskLevel) -> Observation {
        let detection = Uuid::new_v5(&NAMESPACE, format!("{principal} {hours}").as_bytes());
        let body = Body::Fall(Box::new(Fall {
            key: KEY.into(),
            principal: PrincipalId(Id::Text(principal.into())),
            name: Some(principal.into()),
            detection,
            risk_event_type: "suspiciousSignins".into(),
            level,
        }));
        let time = EventTime::from_micros(hours * EventTime::HOUR);
        let event = Event { id: EventId(Id::Guid(detection)), tenant: TenantId::UNKNOWN, time, body, signals: vec![] };
        Observation {
            entity: EntityKey::incident(&TenantId::UNKNOWN, KEY),
            id: Id::Text(KEY.into()),
            tenant: TenantId::UNKNOWN,
            role: Role::Subject,
            ingested: time,
            event: Arc::new(event),
        }
    }

    /// What is told of falls: why, how many, how grave, and which story.
    fn told(falls: &[Observation]) -> Vec<(IncidentChange, usize, RiskLevel, Uuid)> {
        let mut shared = Shared::default();
        let incidents = falls.iter().filter_map(|fall| shared.fold(fall));
        incidents.map(|one| (one.change, one.principals.len(), one.risk_level, one.id)).collect()
    }

    fn changes(falls: &[Observation]) -> Vec<(IncidentChange, usize)> {
        told(falls).into_iter().map(|(change, count, _, _)| (change, count)).collect()
    }

    const DAY: i64 = 24;
    const WEEK: i64 = 7 * DAY;

    #[test]
    fn it_opens_with_the_second_principal_and_is_told_again_when_another_joins_or_it_grows_graver() {
        use IncidentChange::{Joined, Opened, Raised};
        let (low, medium) = (RiskLevel::Low, RiskLevel::Medium);
        let falls = [
            fall("a", 0, low),
            fall("a", 1, medium),
            fall("b", 2, low),
            fall("b", 3, medium),
            fall("c", 4, low),
            fall("c", 5, RiskLevel::High),
            fall("a", 6, low),
        ];
        assert_eq!(changes(&falls), [(Opened, 2), (Joined, 3), (Raised, 3)]);
        assert!(told(&falls).iter().all(|(_, _, _, id)| *id == told(&falls)[0].3), "one story, one id");
    }

    #[test]
    fn one_principal_is_no_incident_and_the_same_detection_counts_once() {
        let one = fall("a", 0, RiskLevel::High);
        assert_eq!(changes(&[one.clone(), one, fall("a", 5, RiskLevel::High)]), []);
        let (a, b) = (fall("a", 0, RiskLevel::Low), fall("b", 1, RiskLevel::Low));
        assert_eq!(changes(&[a.clone(), b.clone(), b, a]).len(), 1);
    }

    #[test]
    fn a_story_goes_on_within_a_week_and_the_next_has_an_id_of_its_own() {
        let low = RiskLevel::Low;
        let edge = [fall("a", 0, low), fall("b", WEEK, low)];
        assert_eq!(changes(&edge), [(IncidentChange::Opened, 2)], "a week to the hour");
        assert_eq!(changes(&[fall("a", 0, low), fall("b", WEEK + 1, low)]), []);
        let two = [edge.as_slice(), &[fall("a", 3 * WEEK, low), fall("b", 3 * WEEK + 1, low)]].concat();
        let told = told(&two);
        assert_eq!(told.len(), 2);
        assert_ne!(told[0].3, told[1].3);
    }

    #[test]
    fn the_order_of_arrival_changes_neither_the_id_nor_the_last_state() {
        let low = RiskLevel::Low;
        let falls = [fall("a", 0, low), fall("b", 1, RiskLevel::High), fall("c", 2, low)];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
            let mut shared = Shared::default();
            let last = order.iter().filter_map(|at| shared.fold(&falls[*at])).last().expect("an incident");
            assert_eq!((last.principals.len(), last.risk_level), (3, RiskLevel::High), "{order:?}");
            assert_eq!(last.id, told(&falls)[0].3, "{order:?}");
            let span = (last.first_activity_date_time, last.last_activity_date_time);
            assert_eq!(span, (EventTime::from_micros(0), EventTime::from_micros(2 * EventTime::HOUR)), "{order:?}");
        }
    }

    #[test]
    fn what_is_older_than_the_story_by_more_than_a_week_is_left_out() {
        let low = RiskLevel::Low;
        let late =
            [fall("a", 2 * WEEK, low), fall("b", 2 * WEEK + 1, low), fall("c", WEEK - 1, low), fall("d", WEEK, low)];
        assert_eq!(changes(&late), [(IncidentChange::Opened, 2), (IncidentChange::Joined, 3)]);
    }
}
