//! # What it does
//! Tells that Microsoft has disabled an application for a violation of its terms of service.
//!
//! # Why it matters
//! Microsoft decides this on signals nobody else has; whoever still relies on the application must know at once.
//!
//! # Evidence
//! `disabledByMicrosoftStatus` turning to `DisabledDueToViolationOfServicesAgreement` in an audit record.
//!
//! # Inputs
//! `AuditLogs`.
//!
//! # Window and state size
//! One contribution that stands until the status is taken back.
//!
//! # Score
//! A fixed weight in `rules/scoring.yaml` (`malicious_application`).
//!
//! # Known false positives
//! Microsoft's own; an appeal that succeeds takes it back.
//!
//! # Example
//! A consented third-party application is disabled by Microsoft in all tenants.
//!
//! # References
//! Microsoft Entra ID Protection, *Malicious application*.

use super::finding::fact;
use super::{Ask, Descriptor, Detector, Evidence, Finding, Findings, Scene};
use crate::event::Id;
use compact_str::CompactString;

/// See the module.
#[derive(Debug)]
pub(super) struct MaliciousApplication;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "maliciousApplication",
    title: "Malicious application",
    attack: &["T1528"],
    inputs: &["AuditLogs"],
    looks_for: "Microsoft has disabled the application for a violation of its services agreement. The verdict is Microsoft's.",
    evidence: &[Evidence::new(
        "disabledByMicrosoftStatus",
        "the status in the audit record",
        &["malicious_application.weight"],
    )],
    scored_by: &["malicious_application"],
    false_positives: &["Microsoft's own"],
    quiet: &["The status is taken back"],
    actions: &[
        "Remove its permissions and consents",
        "Look at what it has read and changed",
        "Delete the service principal",
    ],
    since: "0.1.0",
};

const PROPERTY: &str = "DisabledByMicrosoftStatus";
const CAUSE: &str = "maliciousApplication";

impl Detector for MaliciousApplication {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        let Some(change) = scene.done_to_it() else { return };
        let Some(property) = change.properties.iter().find(|property| property.name.eq_ignore_ascii_case(PROPERTY))
        else {
            return;
        };
        let status = property.new.as_deref().unwrap_or_default();
        if !status.to_ascii_lowercase().contains("violation") {
            findings.asks.push(Ask::Remediate(CAUSE.into()));
            return;
        }
        if scene.told_weight(CAUSE).is_some() {
            return;
        }
        let numbers = &scene.engine.scoring.malicious_application;
        let name =
            scene.profile.head.name.as_ref().or(change.name.as_ref()).map_or("This application", CompactString::as_str);
        findings.found.push(Finding {
            identity: vec![Id::Text(CAUSE.into()), scene.observation.event.id.0.clone()],
            correlation: change.correlation.clone(),
            facts: vec![fact("disabledByMicrosoftStatus", status, "", 0.0)],
            explanation: format!(
                "Microsoft has disabled {name} for a violation of its services agreement. Remove its permissions and look \
                 at what it has read; the verdict is Microsoft's, not Picket's."
            ),
            ..Finding::new(DESCRIPTOR.risk_event_type, CAUSE.into(), numbers.weight)
        });
    }
}
