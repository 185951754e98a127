//! # What it does
//! Joins refused proofs (a wrong, expired or unknown secret) with a success from the same network, where that network is
//! new to the principal.
//!
//! # Why it matters
//! Whoever has a list of old secrets tries them; whoever runs the workload does not mistype from a strange network.
//!
//! # Evidence
//! How often the network was refused on that day and the day before, and the success from it; how many of the tenant's
//! principals were refused from the same block of addresses.
//!
//! # Inputs
//! Sign-ins, failed and successful, in either order of arrival.
//!
//! # Window and state size
//! The last 8 places that were refused, by network and day, and the last 4 where others were refused, too.
//!
//! # Score
//! A weight of its own in `rules/scoring.yaml` (`credential_guessing`), on top of what the new place is worth.
//!
//! # Known false positives
//! An administrator who tries a new secret from a laptop, with a typing error first.
//!
//! # Example
//! Five sign-ins with `AADSTS7000215` from a hosting provider, then one that succeeds.
//!
//! # References
//! MITRE ATT&CK T1110.

use super::finding::fact;
use super::suspicious_signins::proves_possession;
use super::{Descriptor, Detector, Evidence, Finding, Findings, Scene, new_place_use};
use crate::event::{Body, Day, Id, KeyId, Spray};
use crate::profile::{Property, describe};
use compact_str::{CompactString, format_compact};

/// See the module.
#[derive(Debug)]
pub(super) struct CredentialGuessing;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "credentialGuessing",
    title: "Refused credentials, then a success from the same new network",
    attack: &["T1110"],
    inputs: &["ServicePrincipalSignInLogs"],
    looks_for: "Refused proofs (a wrong, expired or unknown secret) and a success from the same network, where that \
         network is new to the principal. Either record may come first.",
    evidence: &[
        Evidence::new("refusedFrom", "the network that was refused and then let in", &["credential_guessing.weight"]),
        Evidence::new("refusals", "how often it was refused on that day and the day before", &[]),
        Evidence::new(
            "principalsRefused",
            "how many of the tenant's principals were refused from the same block of addresses within a day (four at least), \
             which is new to this one and none of the tenant's own exits",
            &["credential_guessing.sprayed"],
        ),
    ],
    scored_by: &["credential_guessing"],
    false_positives: &["An administrator who tries a new secret from a laptop, with a typing error first"],
    quiet: &[
        "A network that the principal has used on earlier days, or that the tenant trusts by name",
        "An expected change announced for the principal",
    ],
    actions: &[
        "Ask the owners who mistyped or replaced a secret",
        "If nobody did, add a new credential and remove the one that was accepted",
        "Look for where old secrets of the application may lie open",
    ],
    since: "0.1.0",
};

impl Detector for CredentialGuessing {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        if let Body::Spray(spray) = &scene.observation.event.body {
            let has_entered = scene.profile.habits.has_seen(Property::Prefix, spray.prefix)
                || scene.profile.findings.quarantine.find(Property::Prefix, spray.prefix).is_some();
            if has_entered {
                tell_spray(scene, *spray, &[], findings);
            }
        }
        let Some((sign_in, values)) = scene.sign_in() else { return };
        if let Some(prefix) = values.prefix.filter(|_| proves_possession(sign_in) && !sign_in.place.trusted)
            && let Some(spray) = scene.profile.credentials.refusals.spray(prefix, scene.time.day())
        {
            tell_spray(scene, spray, sign_in.key.as_slice(), findings);
        }
        let Some(network) = values.coarse_network() else { return };
        let (day, refusals) = (scene.time.day(), &scene.profile.credentials.refusals);
        if sign_in.is_refused() {
            let success = scene
                .profile
                .credentials
                .new_place_uses()
                .find(|(_, one)| one.network == network && (one.time.day() - 1..=one.time.day()).contains(&day));
            if let Some((key, one)) = success {
                let times = 1 + refusals.lately(network, one.time.day());
                tell(scene, (one.time.day(), network, times), key.clone(), &one.place, findings);
            }
        } else if let Some(one) = new_place_use(scene, sign_in).filter(|one| one.network == network) {
            let times = refusals.lately(network, day);
            if let (Some(key), 1..) = (&sign_in.key, times) {
                tell(scene, (day, network, times), key.clone(), &one.place, findings);
            }
        }
    }
}

/// The principal was let in where it and others were refused: told once, whichever record comes last.
fn tell_spray(scene: &Scene<'_>, spray: Spray, keys: &[KeyId], findings: &mut Findings) {
    let is_at_home = !scene.profile.habits.standing(Property::Prefix, spray.prefix, scene.cutoff).is_new();
    let cause = format_compact!("{}:spray:{:08x}", DESCRIPTOR.risk_event_type, spray.prefix);
    if is_at_home || scene.peers.shares(Property::Prefix, spray.prefix) || scene.told_weight(&cause).is_some() {
        return;
    }
    let numbers = &scene.engine.scoring.credential_guessing;
    let name = scene.profile.head.name.as_deref().unwrap_or("This principal");
    let place = describe(Property::Prefix, spray.prefix, &scene.engine.reference).unwrap_or_default();
    findings.found.push(Finding {
        identity: vec![Id::Text(cause.clone())],
        half_life_hours: Some(numbers.half_life_hours),
        keys: keys.to_vec(),
        explanation: format!(
            "{name} was let in from an address from which {} of the tenant's principals were refused within a day. Somebody \
             tries secrets on all of them, and this one held.",
            spray.principals
        ),
        facts: vec![
            fact("refusedFrom", place, "never from there before", 0.0),
            fact("principalsRefused", format_compact!("{} or more", spray.principals), "", 0.0),
        ],
        ..Finding::here(scene, DESCRIPTOR.risk_event_type, cause, numbers.sprayed)
    });
}

fn tell(
    scene: &Scene<'_>,
    (day, network, times): (Day, u32, u32),
    key: KeyId,
    place: &CompactString,
    findings: &mut Findings,
) {
    let numbers = &scene.engine.scoring.credential_guessing;
    let cause = format_compact!("{}:{network:08x}:{day}", DESCRIPTOR.risk_event_type);
    if scene.told_weight(&cause).is_some() {
        return;
    }
    let name = scene.profile.head.name.as_deref().unwrap_or("This principal");
    findings.found.push(Finding {
        identity: vec![Id::Text(cause.clone())],
        half_life_hours: Some(numbers.half_life_hours),
        keys: vec![key],
        facts: vec![
            fact("refusedFrom", place.clone(), "never from there before", 0.0),
            fact("refusals", format_compact!("{times} or more"), "", 0.0),
        ],
        explanation: format!(
            "{name} was refused from {place} for a credential that did not hold, and then let in from there. Somebody who \
             tries secrets from a list looks like this; so does a typing error on a new machine."
        ),
        ..Finding::here(scene, DESCRIPTOR.risk_event_type, cause, numbers.weight)
    });
}
