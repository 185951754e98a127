//! # What it does
//! Reports that a principal was used from an address, network or autonomous system, by an application, or with a domain
//! that stands on a list of indicators that the operator has given.
//!
//! # Why it matters
//! Somebody else has already been attacked from there.
//!
//! # Evidence
//! The indicator, what was seen of it, its source and how sure that is.
//!
//! # Inputs
//! Sign-ins, directory changes and calls, with their addresses, applications and domains.
//!
//! # Window and state size
//! One contribution an indicator and day.
//!
//! # Score
//! By the source's confidence (`rules/scoring.yaml`, `threat_intelligence`), less where the request failed.
//!
//! # Known false positives
//! Shared addresses, lists that are out of date: indicators have an expiry, and over-wide networks are refused.
//!
//! # Example
//! A service principal signs in from a network of the operator's copy of a public blocklist.
//!
//! # References
//! Microsoft Graph `riskEventType` `investigationsThreatIntelligence`, which names Microsoft's own sources; these are the
//! operator's, and every detection says so.

use super::finding::fact;
use super::{Descriptor, Detector, Evidence, Finding, Findings, Scene};
use crate::event::{Body, Id, IndicatorMatch, Signal};
use compact_str::{CompactString, format_compact};

/// See the module.
#[derive(Debug)]
pub(super) struct ThreatIntelligence;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "investigationsThreatIntelligence",
    title: "Threat intelligence (the operator's indicators)",
    attack: &["T1078.004"],
    inputs: &["ServicePrincipalSignInLogs", "ManagedIdentitySignInLogs", "AuditLogs", "MicrosoftGraphActivityLogs"],
    looks_for: "An address, network, autonomous system, application or domain that stands on a list of the operator's. \
         Microsoft's own sources are not asked; every detection names the operator's list.",
    evidence: &[
        Evidence::new("indicator", "the indicator as its source has it", &[]),
        Evidence::new("network", "the address that was seen", &[]),
        Evidence::new("autonomousSystem", "the autonomous system that was seen", &[]),
        Evidence::new("application", "the application that was seen", &[]),
        Evidence::new("domain", "the host that was seen", &[]),
        Evidence::new("indicatorSource", "the list", &[]),
        Evidence::new(
            "indicatorConfidence",
            "how sure the list is, 0 to 100; less counts where the request failed",
            &[
                "threat_intelligence.sure",
                "threat_intelligence.likely",
                "threat_intelligence.weak",
                "threat_intelligence.sure_from",
                "threat_intelligence.likely_from",
                "threat_intelligence.failed",
            ],
        ),
        Evidence::new("indicatorLabel", "what the list says of it", &[]),
    ],
    scored_by: &["threat_intelligence"],
    false_positives: &["Shared addresses", "Lists that are out of date"],
    quiet: &["The indicator's end (`valid_until`, `# until:`)", "An address that is taken off the list"],
    actions: &[
        "Look the indicator up at the source that it comes from",
        "Look at all that came from there, other principals included",
        "Replace the credentials that were used from there",
    ],
    since: "0.1.0",
};

impl Detector for ThreatIntelligence {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        for signal in &scene.observation.event.signals {
            let Signal::Indicator(matched) = signal else { continue };
            if matched.until.is_some_and(|until| until <= scene.time) {
                continue;
            }
            let weight = weight(scene, matched);
            let cause = format_compact!("indicator:{}:{}", matched.indicator, scene.time.day());
            let told = scene.profile.findings.ledger.find(&cause, scene.now);
            // What failed first may succeed later on the same day.
            if told.is_none_or(|(entry, _)| weight > entry.weight + f64::EPSILON) {
                findings.found.push(finding(scene, matched, cause, weight));
            }
        }
    }
}

fn weight(scene: &Scene<'_>, matched: &IndicatorMatch) -> f64 {
    let numbers = &scene.engine.scoring.threat_intelligence;
    let weight = match matched.confidence {
        sure if sure >= numbers.sure_from => numbers.sure,
        likely if likely >= numbers.likely_from => numbers.likely,
        _ => numbers.weak,
    };
    let failed = match &scene.observation.event.body {
        Body::SignIn(sign_in) => !sign_in.succeeded(),
        Body::DirectoryChange(change) => !change.succeeded,
        Body::ApiActivity(call) => call.status >= 400,
        _ => false,
    };
    if failed { weight * numbers.failed } else { weight }
}

fn finding(scene: &Scene<'_>, matched: &IndicatorMatch, cause: CompactString, weight: f64) -> Finding {
    let mut facts = vec![
        fact("indicator", matched.indicator.clone(), "", 0.0),
        fact(matched.kind.as_str(), matched.observed.clone(), "", 0.0),
        fact("indicatorSource", matched.source.clone(), "", 0.0),
        fact("indicatorConfidence", format_compact!("{}", matched.confidence), "", 0.0),
    ];
    facts.extend(matched.label.clone().map(|label| fact("indicatorLabel", label, "", 0.0)));
    Finding {
        identity: vec![Id::Text(format_compact!("{}#{}", scene.observation.event.id, matched.indicator))],
        half_life_hours: Some(scene.engine.scoring.threat_intelligence.half_life_hours),
        facts,
        explanation: format!(
            "{} was seen with {}, which stands on the operator's list {} (confidence {}).",
            scene.profile.head.name.as_deref().unwrap_or("This principal"),
            matched.observed,
            matched.source,
            matched.confidence,
        ),
        ..Finding::here(scene, DESCRIPTOR.risk_event_type, cause, weight)
    }
}
