//! Several principals that fell to one thing, told as one story.

use super::RiskLevel;
use crate::event::{EventTime, Id, PrincipalId, TenantId};
use compact_str::CompactString;
use serde::{Serialize, Serializer};

/// Why an incident is told (again).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum IncidentChange {
    /// A second principal fell to what one had fallen to.
    Opened,
    /// Another joined.
    Joined,
    /// It has become graver.
    Raised,
}

/// A principal of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fallen {
    /// Who.
    #[serde(serialize_with = "as_text")]
    pub id: PrincipalId,
    /// Its display name.
    pub display_name: Option<CompactString>,
    /// The gravest of its detections there.
    pub risk_level: RiskLevel,
}

/// An incident as it stands after a change; the last line of an id counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Incident {
    /// Derived from tenant, what is shared, and the number of the story (a version 5 UUID).
    pub id: uuid::Uuid,
    /// Where.
    #[serde(serialize_with = "tenant_as_text")]
    pub tenant_id: TenantId,
    /// What they share, as detections have it in `incidentKeys`.
    pub incident_key: CompactString,
    /// Why it is told.
    pub change: IncidentChange,
    /// The gravest level among them.
    pub risk_level: RiskLevel,
    /// The first activity that was detected.
    pub first_activity_date_time: EventTime,
    /// The last one so far.
    pub last_activity_date_time: EventTime,
    /// Who, sorted by id.
    pub principals: Vec<Fallen>,
    /// By what detectors, sorted.
    pub risk_event_types: Vec<CompactString>,
    /// The newest detections.
    pub detection_ids: Vec<uuid::Uuid>,
    /// A sentence that a person understands.
    pub explanation: String,
}

impl Incident {
    /// Detections further apart are two incidents: an address changes hands.
    pub const WITHIN: i64 = 7 * EventTime::DAY;
}

fn as_text<S: Serializer>(id: &PrincipalId, serializer: S) -> Result<S::Ok, S::Error> {
    id_as_text(&id.0, serializer)
}

fn tenant_as_text<S: Serializer>(id: &TenantId, serializer: S) -> Result<S::Ok, S::Error> {
    id_as_text(&id.0, serializer)
}

fn id_as_text<S: Serializer>(id: &Id, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
