//! One risk detection, in Graph's shape, with the evidence that explains it.

use super::{Impact, RiskDetail, RiskLevel, RiskStatus, Situation};
use crate::event::{AppId, EventTime, Id, KeyId, Place, PrincipalId, PrincipalKind, TenantId, Window};
use compact_str::CompactString;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

/// One piece of evidence: what was seen, what is usual, and how much it speaks for theft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// What it is about: `autonomousSystem`, `deployment`, `resource`, `addedBy`, ….
    pub kind: CompactString,
    /// What was seen.
    pub observed: CompactString,
    /// What is usual, in words; empty where nothing is known.
    pub usual: CompactString,
    /// How much it speaks for theft (positive) or against (negative), in bits, rounded to tenths.
    pub bits: f32,
}

/// The typed evidence of a detection.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The pieces, strongest first.
    pub facts: Vec<Fact>,
    /// Their sum in bits, where they are a likelihood ratio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_bits: Option<f32>,
    /// How many days of activity the judgement rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_days: Option<u32>,
    /// The events that made it.
    pub event_ids: Vec<Id>,
    /// What it was counted under when the score was made; detections of one cause do not add up.
    pub cause: CompactString,
    /// The weight it has in the score, 0 to 1.
    pub weight: f32,
}

/// One risk detection.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// Derived from tenant, principal, detector and the event that fired it (a version 5 UUID).
    pub id: uuid::Uuid,
    /// Where.
    pub tenant: TenantId,
    /// Who.
    pub principal: PrincipalId,
    /// What kind of identity; agents are written in the agents' form.
    pub kind: PrincipalKind,
    /// Its display name.
    pub name: Option<CompactString>,
    /// Its client id.
    pub app: Option<AppId>,
    /// The detector's name on the wire.
    pub risk_event_type: &'static str,
    /// The level this detection alone would give.
    pub level: RiskLevel,
    /// Its own state.
    pub status: RiskStatus,
    /// Why.
    pub detail: RiskDetail,
    /// `signin` or `servicePrincipal`.
    pub activity: &'static str,
    /// The sign-in's id, where there is one.
    pub request: Option<Id>,
    /// The correlation id, where there is one.
    pub correlation: Option<Id>,
    /// Where the event came from.
    pub place: Place,
    /// When the event happened.
    pub activity_time: EventTime,
    /// Event time at which all the evidence was there.
    pub detected_time: EventTime,
    /// The credentials involved.
    pub keys: Vec<KeyId>,
    /// What it rests on.
    pub evidence: Evidence,
    /// Two sentences a person understands.
    pub explanation: String,
    /// What the principal's fall would cost.
    pub impact: Impact,
    /// Whom to ask, what happened last, what is at stake.
    pub situation: Situation,
    /// What to do about it, in order.
    pub actions: &'static [&'static str],
    /// The expected change that holds it: it is told and does not count.
    pub expected: Option<Box<Window>>,
}

impl Serialize for Detection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.kind {
            PrincipalKind::Agent => self.serialize_agent(serializer),
            PrincipalKind::Application | PrincipalKind::ManagedIdentity | PrincipalKind::External => {
                self.serialize_service_principal(serializer)
            }
        }
    }
}

impl Detection {
    /// Graph's `servicePrincipalRiskDetection`, all members, then ours.
    fn serialize_service_principal<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("requestId", &self.request.as_ref().map(Id::to_string))?;
        map.serialize_entry("correlationId", &self.correlation.as_ref().map(Id::to_string))?;
        map.serialize_entry("riskEventType", self.risk_event_type)?;
        map.serialize_entry("riskState", &self.status)?;
        map.serialize_entry("riskLevel", &self.level)?;
        map.serialize_entry("riskDetail", &self.detail)?;
        map.serialize_entry("source", "Picket")?;
        map.serialize_entry("detectionTimingType", "nearRealtime")?;
        map.serialize_entry("activity", self.activity)?;
        map.serialize_entry("tokenIssuerType", "AzureAD")?;
        map.serialize_entry("ipAddress", &self.place.address)?;
        map.serialize_entry("location", &SignInLocation::of(&self.place))?;
        map.serialize_entry("activityDateTime", &self.activity_time)?;
        map.serialize_entry("detectedDateTime", &self.detected_time)?;
        map.serialize_entry("lastUpdatedDateTime", &self.detected_time)?;
        map.serialize_entry("servicePrincipalId", &self.principal.to_string())?;
        map.serialize_entry("servicePrincipalDisplayName", &self.name)?;
        map.serialize_entry("appId", &self.app.as_ref().map(AppId::to_string))?;
        map.serialize_entry("keyIds", &self.key_ids())?;
        map.serialize_entry("additionalInfo", &self.additional_info())?;
        self.serialize_own_members(&mut map)?;
        map.end()
    }

    /// Graph's `agentRiskDetection`, all members, then ours.
    fn serialize_agent<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("agentId", &self.principal.to_string())?;
        map.serialize_entry("agentDisplayName", &self.name)?;
        map.serialize_entry("activityDateTime", &self.activity_time)?;
        map.serialize_entry("detectedDateTime", &self.detected_time)?;
        map.serialize_entry("lastModifiedDateTime", &self.detected_time)?;
        map.serialize_entry("detectionTimingType", "nearRealtime")?;
        map.serialize_entry("riskEventType", self.risk_event_type)?;
        map.serialize_entry("riskEvidence", &self.explanation)?;
        map.serialize_entry("additionalInfo", &self.additional_info())?;
        map.serialize_entry("riskDetail", &self.detail)?;
        map.serialize_entry("riskLevel", &self.level)?;
        map.serialize_entry("riskState", &self.status)?;
        self.serialize_own_members(&mut map)?;
        map.end()
    }

    fn serialize_own_members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("tenantId", &self.tenant.to_string())?;
        map.serialize_entry("evidence", &self.evidence)?;
        map.serialize_entry("explanation", &self.explanation)?;
        map.serialize_entry("incidentKeys", &self.incident_keys())?;
        map.serialize_entry("impact", &self.impact)?;
        serialize_situation(map, &self.situation)?;
        map.serialize_entry("recommendedActions", self.actions)?;
        match &self.expected {
            Some(window) => map.serialize_entry("expectedChange", &Expected::of(window)),
            None => Ok(()),
        }
    }

    /// What detections of one incident have in common: several principals that fall to one network or one credential are
    /// one story, not many.
    pub(crate) fn incident_keys(&self) -> Vec<String> {
        let network = self.place.network().filter(|_| !self.place.trusted);
        let keys = self.keys.iter().map(|key| format!("credential:{key}"));
        network.into_iter().map(|network| format!("network:{network}")).chain(keys).collect()
    }

    fn key_ids(&self) -> Vec<String> {
        self.keys.iter().map(KeyId::to_string).collect()
    }

    /// JSON in a string, as Graph has it: a list of key and value.
    fn additional_info(&self) -> String {
        let mut text = String::from("[");
        for (at, fact) in self.evidence.facts.iter().enumerate() {
            let separator = if at == 0 { "" } else { "," };
            text.push_str(separator);
            text.push_str("{\"Key\":");
            push_json_string(&mut text, &fact.kind);
            text.push_str(",\"Value\":");
            push_json_string(&mut text, &fact.observed);
            text.push('}');
        }
        text.push(']');
        text
    }
}

/// The members that help whoever looks at it, the same in detections and risk states.
pub(super) fn serialize_situation<M: SerializeMap>(map: &mut M, situation: &Situation) -> Result<(), M::Error> {
    map.serialize_entry("owners", &situation.owners)?;
    map.serialize_entry("sponsors", &situation.sponsors)?;
    map.serialize_entry("managers", &situation.managers)?;
    map.serialize_entry("lastChange", &situation.last_change)?;
    map.serialize_entry("reach", &situation.reach)
}

fn push_json_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_ascii_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// An expected change, as a detection that it holds tells of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Expected<'a> {
    id: &'a Id,
    initiated_by: &'a str,
    reason: &'a str,
    from: EventTime,
    until: EventTime,
}

impl<'a> Expected<'a> {
    fn of(window: &'a Window) -> Self {
        let Window { id, from, until, author, reason, .. } = window;
        Self { id, initiated_by: author, reason, from: *from, until: *until }
    }
}

/// Graph's `signInLocation`; `null` when nothing is known.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SignInLocation<'a> {
    city: Option<&'a str>,
    state: Option<&'a str>,
    country_or_region: Option<&'a str>,
    geo_coordinates: Option<()>,
}

impl<'a> SignInLocation<'a> {
    fn of(place: &'a Place) -> Option<Self> {
        let country = place.country_code();
        (country.is_some() || place.city.is_some()).then_some(Self {
            city: place.city.as_deref(),
            state: None,
            country_or_region: country,
            geo_coordinates: None,
        })
    }
}
