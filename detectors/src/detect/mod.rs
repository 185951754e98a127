//! The detectors, one file a risk detection, and the registry that lists them.
//!
//! A detector sees the profile as it stood before the event. It never writes: what follows from its findings is done by
//! the fold, and learning comes last.

mod admin_confirmed;
mod anomalous_service_principal_activity;
mod calibration;
mod changed_by;
mod credential_guessing;
mod descriptor;
mod episode;
mod failed_access_attempt;
mod finding;
mod investigations_threat_intelligence;
mod leaked_credentials;
mod malicious_application;
mod microsoft_signal;
mod mode;
mod parallel_use;
mod peers;
mod replaced;
mod risky_user_sign_in;
mod scene;
mod sigma_rule;
mod sign_in_spike;
mod spike;
mod suspicious_api_traffic;
mod suspicious_application;
mod suspicious_credential_addition;
mod suspicious_pipeline_activity;
mod suspicious_privilege_grant;
mod suspicious_signins;
mod taken_further;
mod token_replay;
mod unfamiliar_resource_access;

pub(crate) use anomalous_service_principal_activity::{changed_object, operation_value};
pub(crate) use changed_by::remembered_as;
pub use descriptor::{Descriptor, Evidence};
pub use finding::{Ask, Finding, Findings};
pub use mode::{Mode, Modes, UnknownDetector};
pub(crate) use parallel_use::home_key;
pub use scene::{ALLOWED_DISORDER, Scene};
pub(crate) use sigma_rule::{speaks_of, usual_value};
pub(crate) use suspicious_api_traffic::call_values;
pub(crate) use suspicious_credential_addition::{new_place_use, remembered_addition};
pub(crate) use suspicious_pipeline_activity::{graveness, maintainer_value, workflow_value};
pub(crate) use suspicious_privilege_grant::is_undoubted as is_undoubted_grant;
pub(crate) use suspicious_signins::silence_before;
pub(crate) use token_replay::{carry_value, token_of_call, token_of_sign_in};

/// A pure function from one prepared observation and the profile to findings.
pub trait Detector: Send + Sync {
    /// What it says of itself.
    fn descriptor(&self) -> &'static Descriptor;

    /// Judges one observation. Must not depend on anything but its arguments.
    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings);
}

/// All detectors, sorted by `riskEventType`: the order of detections in the output.
pub const DETECTORS: &[&dyn Detector] = &[
    &admin_confirmed::AdminConfirmed,
    &anomalous_service_principal_activity::AnomalousServicePrincipalActivity,
    &credential_guessing::CredentialGuessing,
    &failed_access_attempt::FailedAccessAttempt,
    &investigations_threat_intelligence::ThreatIntelligence,
    &leaked_credentials::LeakedCredentials,
    &malicious_application::MaliciousApplication,
    &microsoft_signal::MicrosoftSignal,
    &risky_user_sign_in::RiskyUserSignIn,
    &sigma_rule::SigmaRuleMatch,
    &sign_in_spike::SignInSpike,
    &suspicious_api_traffic::SuspiciousApiTraffic,
    &suspicious_application::SuspiciousApplication,
    &suspicious_credential_addition::SuspiciousCredentialAddition,
    &suspicious_pipeline_activity::SuspiciousPipelineActivity,
    &suspicious_privilege_grant::SuspiciousPrivilegeGrant,
    &suspicious_signins::SuspiciousSignins,
    &token_replay::TokenReplay,
    &unfamiliar_resource_access::UnfamiliarResourceAccess,
];

/// The detector that gives a `riskEventType`.
pub fn descriptor(risk_event_type: &str) -> Option<&'static Descriptor> {
    // An administrator's word on an agent has a name of its own in Graph.
    let name = if risk_event_type == admin_confirmed::OF_AN_AGENT { admin_confirmed::NAME } else { risk_event_type };
    DETECTORS.iter().map(|detector| detector.descriptor()).find(|known| known.risk_event_type == name)
}

/// What to do about a detection of this type.
pub fn actions(risk_event_type: &str) -> &'static [&'static str] {
    descriptor(risk_event_type).map_or(&[], |descriptor| descriptor.actions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_detector_says_what_to_do() {
        for detector in DETECTORS {
            let descriptor = detector.descriptor();
            assert!((2..=5).contains(&descriptor.actions.len()), "{}", descriptor.risk_event_type);
            assert!(descriptor.actions.iter().all(|action| action.len() < 120 && !action.ends_with('.')));
        }
        assert!(!actions(admin_confirmed::OF_AN_AGENT).is_empty());
    }

    #[test]
    fn every_detector_says_what_it_looks_for_and_what_its_evidence_means() {
        for detector in DETECTORS {
            let Descriptor { risk_event_type, looks_for, evidence, false_positives, quiet, .. } = detector.descriptor();
            assert!(looks_for.ends_with('.') && !false_positives.is_empty() && !quiet.is_empty(), "{risk_event_type}");
            let mut kinds: Vec<_> = evidence.iter().map(|one| one.kind).collect();
            assert!(!kinds.is_empty() && evidence.iter().all(|one| !one.means.is_empty()), "{risk_event_type}");
            let count = kinds.len();
            kinds.sort_unstable();
            kinds.dedup();
            assert_eq!(kinds.len(), count, "{risk_event_type} tells a kind twice");
        }
    }

    #[test]
    fn the_registry_is_sorted_and_unique() {
        let names: Vec<_> = DETECTORS.iter().map(|detector| detector.descriptor().risk_event_type).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
    }
}
