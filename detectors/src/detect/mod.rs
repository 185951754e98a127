//! The detectors, one file a risk detection, and the registry that lists them.
//!
//! A detector sees the profile as it stood before the event. It never writes: what follows from its findings is done by
//! the fold, and learning comes last.

mod admin_confirmed;
mod finding;
mod investigations_threat_intelligence;
mod leaked_credentials;
mod microsoft_signal;
mod scene;
mod sigma_rule;
mod suspicious_credential_addition;
mod suspicious_signins;

pub use finding::{Ask, Finding, Findings};
pub use scene::{ALLOWED_DISORDER, Scene};
pub(crate) use suspicious_credential_addition::{names_of_actor, new_place_use, remembered_addition};

/// What a detector says of itself; documentation, pages and tests are built from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// The `riskEventType` on the wire.
    pub risk_event_type: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// MITRE ATT&CK techniques.
    pub attack: &'static [&'static str],
    /// The log categories it reads.
    pub inputs: &'static [&'static str],
    /// The Picket version that brought it.
    pub since: &'static str,
}

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
    &investigations_threat_intelligence::ThreatIntelligence,
    &leaked_credentials::LeakedCredentials,
    &microsoft_signal::MicrosoftSignal,
    &sigma_rule::SigmaRuleMatch,
    &suspicious_credential_addition::SuspiciousCredentialAddition,
    &suspicious_signins::SuspiciousSignins,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_sorted_and_unique() {
        let names: Vec<_> = DETECTORS.iter().map(|detector| detector.descriptor().risk_event_type).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
    }
}
