//! The truth, line by line.

use super::campaign::{CampaignKind, Variant};
use super::change::Change;
use super::kind::WorkloadKind;
use super::stage::Mark;
use super::stamp::Stamp;
use picket_detectors::event::EventTime;
use serde_json::json;
use uuid::Uuid;

/// One line of the labels.
#[derive(Debug)]
pub(super) enum Label<'a> {
    /// There is this principal.
    Principal { kind: WorkloadKind, principal: Uuid, app: Uuid, object: Uuid, tenant: Uuid, born: EventTime },
    /// Its owners changed something.
    Change { kind: Change, principal: Uuid, tenant: Uuid, at: EventTime },
    /// Several principals changed at once, honestly.
    Egress { tenant: Uuid, at: EventTime, principals: Vec<Uuid> },
    /// A thief was here.
    Campaign {
        number: usize,
        kind: CampaignKind,
        variant: Variant,
        tenant: Uuid,
        principals: Vec<(Uuid, WorkloadKind)>,
        /// Those that share the fallen credential.
        at_risk: Vec<Uuid>,
        cold_start: bool,
        mark: &'a Mark,
    },
}

impl Label<'_> {
    /// JSON.
    pub(super) fn line(&self) -> String {
        let time = |at: EventTime| format!("{}Z", Stamp(at));
        match self {
            Self::Principal { kind, principal, app, object, tenant, born } => {
                json!({
                    "label": "principal", "kind": kind, "principalId": principal, "appId": app, "objectId": object,
                    "tenantId": tenant, "born": time(*born),
                })
            }
            Self::Change { kind, principal, tenant, at } => {
                json!({ "label": "change", "kind": kind, "principalId": principal, "tenantId": tenant, "time": time(*at) })
            }
            Self::Egress { tenant, at, principals } => {
                json!({ "label": "egressMove", "principalIds": principals, "tenantId": tenant, "time": time(*at) })
            }
            Self::Campaign { number, kind, variant, tenant, principals, at_risk, cold_start, mark } => json!({
                "label": if kind.is_benign() { "lookAlike" } else { "campaign" },
                "id": format!("c{number:04}"), "kind": kind, "variant": variant, "heldOut": kind.is_held_out(),
                "tenantId": tenant, "coldStart": cold_start,
                "principalIds": principals.iter().map(|(id, _)| id).collect::<Vec<_>>(),
                "atRisk": at_risk,
                "workloads": principals.iter().map(|(_, kind)| kind).collect::<Vec<_>>(),
                "firstAction": mark.first.map(time), "lastAction": mark.last.map(time), "eventIds": mark.events,
            }),
        }
        .to_string()
    }
}
