//! The risk state of one principal, and how it changes.

use super::detection::serialize_situation;
use super::{RiskDetail, RiskLevel, RiskStatus, Situation};
use crate::event::{AppId, EventTime, PrincipalId, PrincipalKind, TenantId};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a principal's fall would cost: a second axis, never mixed into the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Impact {
    /// Nothing is known of what it may do.
    #[default]
    Unknown,
    /// It holds no privileged permission that Picket knows.
    Limited,
    /// It may read or change sensitive data.
    Sensitive,
    /// It can take the whole tenant.
    TenantTakeover,
}

/// One line of the sum that makes a score. Shares of all contributions add up to the score.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contribution {
    /// What it is counted under.
    pub cause: CompactString,
    /// The detection with the greatest weight in it.
    pub detection_id: Uuid,
    /// That detection's type.
    pub risk_event_type: CompactString,
    /// Its weight when it fired, 0 to 1.
    pub weight: f64,
    /// Its weight now.
    pub current_weight: f64,
    /// Its part of the score.
    pub share: f64,
}

/// One principal's risk, in the shape of Graph's `riskyServicePrincipal` with ours added.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskState {
    /// Where.
    pub tenant: TenantId,
    /// Who.
    pub principal: PrincipalId,
    /// What kind of identity.
    pub kind: PrincipalKind,
    /// Its client id.
    pub app: Option<AppId>,
    /// Its display name.
    pub name: Option<CompactString>,
    /// Whether it may sign in, as far as is known.
    pub enabled: bool,
    /// How likely it was taken over.
    pub level: RiskLevel,
    /// What has become of the risk.
    pub status: RiskStatus,
    /// Why.
    pub detail: RiskDetail,
    /// Event time of the last change.
    pub updated: EventTime,
    /// 0 to 100.
    pub score: f64,
    /// What its fall would cost.
    pub impact: Impact,
    /// The lines that add up to the score, greatest first.
    pub contributions: Vec<Contribution>,
    /// Whom to ask, what happened last, what is at stake.
    pub situation: Situation,
    /// What to do, by what weighs most.
    pub actions: Vec<&'static str>,
}

impl RiskState {
    /// How many things to do are told, at most.
    pub const ACTIONS: usize = 6;
}

impl Serialize for RiskState {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.principal.to_string())?;
        map.serialize_entry("appId", &self.app.as_ref().map(AppId::to_string))?;
        map.serialize_entry("displayName", &self.name)?;
        map.serialize_entry(
            "servicePrincipalType",
            match self.kind {
                PrincipalKind::ManagedIdentity => "ManagedIdentity",
                PrincipalKind::Application | PrincipalKind::Agent | PrincipalKind::External => "Application",
            },
        )?;
        map.serialize_entry("isEnabled", &self.enabled)?;
        map.serialize_entry("isProcessing", &false)?;
        map.serialize_entry("riskLevel", &self.level)?;
        map.serialize_entry("riskState", &self.status)?;
        map.serialize_entry("riskDetail", &self.detail)?;
        map.serialize_entry("riskLastUpdatedDateTime", &self.updated)?;
        map.serialize_entry("tenantId", &self.tenant.to_string())?;
        map.serialize_entry("score", &self.score)?;
        map.serialize_entry("impact", &self.impact)?;
        map.serialize_entry("contributions", &self.contributions)?;
        serialize_situation(&mut map, &self.situation)?;
        map.serialize_entry("recommendedActions", &self.actions)?;
        map.end()
    }
}

/// A change of level or state; what Conditional Access, SSF receivers and containment listen to.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// Derived from tenant, principal, moment and new state (a version 5 UUID): repeats are harmless.
    pub id: Uuid,
    /// Where.
    pub tenant: TenantId,
    /// Who.
    pub principal: PrincipalId,
    /// Its client id.
    pub app: Option<AppId>,
    /// Its display name.
    pub name: Option<CompactString>,
    /// Event time of the change; for falls the computed moment.
    pub time: EventTime,
    /// The level before.
    pub previous_level: RiskLevel,
    /// The level after.
    pub level: RiskLevel,
    /// The state after.
    pub status: RiskStatus,
    /// Why.
    pub detail: RiskDetail,
    /// The score after, 0 to 100.
    pub score: f64,
    /// What its fall would cost.
    pub impact: Impact,
    /// The detections behind the score, greatest share first.
    pub causes: Vec<Uuid>,
}

impl Serialize for Transition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("tenantId", &self.tenant.to_string())?;
        map.serialize_entry("servicePrincipalId", &self.principal.to_string())?;
        map.serialize_entry("appId", &self.app.as_ref().map(AppId::to_string))?;
        map.serialize_entry("displayName", &self.name)?;
        map.serialize_entry("dateTime", &self.time)?;
        map.serialize_entry("previousLevel", &self.previous_level)?;
        map.serialize_entry("riskLevel", &self.level)?;
        map.serialize_entry("riskState", &self.status)?;
        map.serialize_entry("riskDetail", &self.detail)?;
        map.serialize_entry("score", &self.score)?;
        map.serialize_entry("impact", &self.impact)?;
        map.serialize_entry("causes", &self.causes)?;
        map.end()
    }
}
