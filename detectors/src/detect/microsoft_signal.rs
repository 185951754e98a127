//! # What it does
//! Takes Microsoft's own verdict on a principal in as one more signal, named as Microsoft's.
//!
//! # Why it matters
//! Where a tenant has Microsoft's product, its detections rest on signals that nobody else sees (dark-web feeds, its own
//! threat intelligence).
//!
//! # Evidence
//! Microsoft's `riskEventType`, level and state.
//!
//! # Inputs
//! `ServicePrincipalRiskEvents`, `RiskyServicePrincipals`, `AgentRiskEvents`.
//!
//! # Window and state size
//! One contribution a day: the report on a principal and the detections behind it are one verdict.
//!
//! # Score
//! By Microsoft's level (`rules/scoring.yaml`, `microsoft_signal`); `hidden` counts as a weak sign. A state of dismissed,
//! remediated or safe takes it back.
//!
//! # Known false positives
//! Microsoft's own; legacy sign-in records carry a constant level of `low` that is no signal and is not read.
//!
//! # Example
//! `ServicePrincipalRiskEvents` with `leakedCredentials` at `high`.
//!
//! # References
//! Microsoft Graph `servicePrincipalRiskDetection`, `agentRiskDetection`.

use super::finding::fact;
use super::{Ask, Descriptor, Detector, Evidence, Finding, Findings, Scene};
use crate::event::{Body, MicrosoftRisk};
use compact_str::{CompactString, format_compact};

/// See the module.
#[derive(Debug)]
pub(super) struct MicrosoftSignal;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "microsoftEntraIdProtection",
    title: "Microsoft Entra ID Protection says so",
    attack: &[],
    inputs: &["ServicePrincipalRiskEvents", "RiskyServicePrincipals", "AgentRiskEvents"],
    looks_for: "Microsoft's own verdict on the principal, taken in as one more signal and named as Microsoft's.",
    evidence: &[
        Evidence::new("microsoftRiskEventType", "what Microsoft calls it", &[]),
        Evidence::new(
            "microsoftRiskLevel",
            "its level",
            &["microsoft_signal.low", "microsoft_signal.medium", "microsoft_signal.high", "microsoft_signal.hidden"],
        ),
        Evidence::new("microsoftRiskState", "its state", &[]),
    ],
    scored_by: &["microsoft_signal"],
    false_positives: &["Microsoft's own"],
    quiet: &["Microsoft's dismissal, remediation or word that it is safe"],
    actions: &[
        "Read Microsoft's report on the principal: the evidence is there",
        "Look at Picket's own detections around that time",
        "Replace its credentials if neither explains it",
    ],
    since: "0.1.0",
};

impl Detector for MicrosoftSignal {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        let Body::MicrosoftRisk(risk) = &scene.observation.event.body else { return };
        let what: CompactString = risk.risk_event_type.clone().unwrap_or_else(|| "aggregate".into());
        let cause = format_compact!("microsoft:{}", scene.time.day());
        let stands = matches!(&*risk.risk_state.to_ascii_lowercase(), "atrisk" | "confirmedcompromised");
        match (weight(scene, risk).filter(|_| stands), scene.told_weight(&cause)) {
            // Microsoft clears a principal as a whole.
            (None, _) => findings.asks.push(Ask::Remediate("microsoft".into())),
            (Some(weight), Some(told)) if weight <= told => {}
            (Some(weight), _) => findings.found.push(finding(scene, risk, &what, cause, weight)),
        }
    }
}

fn weight(scene: &Scene<'_>, risk: &MicrosoftRisk) -> Option<f64> {
    let numbers = &scene.engine.scoring.microsoft_signal;
    match &*risk.risk_level.to_ascii_lowercase() {
        "low" => Some(numbers.low),
        "medium" => Some(numbers.medium),
        "high" => Some(numbers.high),
        "hidden" => Some(numbers.hidden),
        _ => None,
    }
}

fn finding(
    scene: &Scene<'_>,
    risk: &MicrosoftRisk,
    what: &CompactString,
    cause: CompactString,
    weight: f64,
) -> Finding {
    let name = scene.profile.head.name.as_ref().or(risk.name.as_ref());
    Finding {
        identity: vec![scene.observation.event.id.0.clone()],
        half_life_hours: Some(scene.engine.scoring.microsoft_signal.half_life_hours),
        facts: vec![
            fact("microsoftRiskEventType", what.clone(), "", 0.0),
            fact("microsoftRiskLevel", risk.risk_level.clone(), "", 0.0),
            fact("microsoftRiskState", risk.risk_state.clone(), "", 0.0),
        ],
        explanation: format!(
            "Microsoft Entra ID Protection reports {what} at level {} for {}. \
             This is Microsoft's verdict, taken in as a signal; its evidence is in Microsoft's own report.",
            risk.risk_level,
            name.map_or("this principal", CompactString::as_str),
        ),
        ..Finding::new(DESCRIPTOR.risk_event_type, cause, weight)
    }
}
