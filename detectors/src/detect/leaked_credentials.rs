//! # What it does
//! Raises risk when a credential of the principal was found in public code, a paste or a scan feed.
//!
//! # Why it matters
//! A leaked secret works for whoever reads it, until it is removed: public commits are harvested within minutes.
//!
//! # Evidence
//! Where it was found and when it became visible, how sure it is that it belongs to this principal (the application is
//! named near it; one of its credentials begins with the same three characters), whether the reporter has checked that
//! it works, and whether that credential had expired or was removed before.
//!
//! # Inputs
//! GitHub secret-scanning alerts and push events; the inventory for attribution; sign-ins for the use.
//!
//! # Window and state size
//! One contribution a leak; 32 contributions a principal.
//!
//! # Score
//! By confidence (`rules/scoring.yaml`, `leaked_credentials`). It does not fade while the matched credential lives, and
//! ends when that expires; without a match it fades in months. Removing the credential, or the reporter resolving the
//! alert or finding it dead, remediates it. A likely leak that is used from a place new to the principal, before or after
//! it was found, is a sequence with a weight of its own.
//!
//! # Known false positives
//! A secret rotated long ago whose removal the inventory does not show; a placeholder that keeps the format.
//!
//! # Example
//! A push to a public repository holds a client secret next to the application's client id, and the inventory lists a
//! secret of that application with the same first characters.
//!
//! # References
//! Microsoft Entra ID Protection, *Leaked credentials*; MITRE ATT&CK T1552.001.

use super::finding::fact;
use super::{Ask, Descriptor, Detector, Evidence, Finding, Findings, Scene, new_place_use};
use crate::event::{AlertState, Body, CodeFinding, EventTime, Exposure, Id, KeyId, SignIn};
use crate::observation::{Attribution, Confidence, Role};
use crate::profile::NewPlaceUse;
use crate::risk::Fact;
use compact_str::{CompactString, format_compact};

/// See the module.
#[derive(Debug)]
pub(super) struct LeakedCredentials;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "leakedCredentials",
    title: "Leaked credentials",
    attack: &["T1552.001"],
    inputs: &["CodeFinding"],
    looks_for: "A credential of the principal in public code, a paste or a scan feed; and its use from a place that is new \
         to the principal, before or after it was found.",
    evidence: &[
        Evidence::new("foundIn", "where it was found", &["leaked_credentials.internal"]),
        Evidence::new("feed", "who found it", &[]),
        Evidence::new(
            "confidence",
            "how sure it is that it belongs to this principal",
            &[
                "leaked_credentials.matched",
                "leaked_credentials.attributed",
                "leaked_credentials.unlike",
                "leaked_credentials.low",
            ],
        ),
        Evidence::new("preview", "its first characters", &[]),
        Evidence::new("fingerprint", "a keyed hash that tells equal secrets apart from others", &[]),
        Evidence::new("thumbprint", "the certificate that the key belongs to", &[]),
        Evidence::new("pushProtection", "whoever pushed it was warned and went on", &[]),
        Evidence::new("exposedAt", "since when it could be read", &[]),
        Evidence::new("commit", "the commit that brought it", &[]),
        Evidence::new("url", "the report", &[]),
        Evidence::new("checksum", "a checksum in it proves it genuine", &[]),
        Evidence::new(
            "validity",
            "whether the reporter has checked that it works",
            &["leaked_credentials.verified", "leaked_credentials.checked_dead"],
        ),
        Evidence::new(
            "credential",
            "it had expired or was removed before it was found",
            &["leaked_credentials.ended", "leaked_credentials.ended_half_life_hours"],
        ),
        Evidence::new(
            "usedFrom",
            "it was used from a place where the principal has never been",
            &["leaked_credentials.used"],
        ),
    ],
    scored_by: &["leaked_credentials"],
    false_positives: &[
        "A secret rotated long ago, whose removal the inventory does not show",
        "A placeholder that keeps the format",
    ],
    quiet: &[
        "The credential's removal, or its end",
        "The reporter's word that the alert is resolved or the secret dead",
    ],
    actions: &[
        "Add a new credential, then remove the leaked one from the application and the service principal",
        "Take the secret out of where it was found, history included",
        "Look at sign-ins with it since it was exposed",
    ],
    since: "0.1.0",
};

impl Detector for LeakedCredentials {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        match (&scene.observation.event.body, &scene.observation.role) {
            (Body::CodeFinding(leak), Role::Owner(owner)) => judge_leak(scene, leak, owner, findings),
            (Body::SignIn(sign_in), _) => judge_use(scene, sign_in, findings),
            _ => {}
        }
    }
}

fn judge_leak(scene: &Scene<'_>, leak: &CodeFinding, owner: &Attribution, findings: &mut Findings) {
    let cause = cause(leak, &scene.observation.event.id.0);
    if leak.state == AlertState::Resolved || (leak.valid == Some(false) && scene.standing_weight(&cause).is_some()) {
        findings.asks.push(Ask::Remediate(cause));
        return;
    }
    let weight = weight(scene, leak, owner);
    let known = owner.key.as_ref().and_then(|key| scene.profile.credentials.find(key));
    // It was exposed before it was found: a use in between counts, and one on the day before in any case.
    let exposed = leak.exposed_at.unwrap_or(scene.time).min(scene.time.plus(-EventTime::DAY));
    let used = known.and_then(|known| known.new_place_uses.iter().rev().find(|one| one.time >= exposed));
    if let (Some(known), Some(first), true) = (known, used, is_likely(weight)) {
        sequence(scene, &known.key, &cause, first, findings);
    }
    match scene.standing_weight(&cause) {
        Some(standing) if weight <= standing => {}
        _ => findings.found.push(finding(scene, leak, owner, cause, weight)),
    }
}

/// A sign-in with a credential that was found in the open, from a place that is new to the principal.
fn judge_use(scene: &Scene<'_>, sign_in: &SignIn, findings: &mut Findings) {
    let Some(key) = &sign_in.key else { return };
    let standing = scene.profile.findings.ledger.standing_on(key, DESCRIPTOR.risk_event_type);
    let Some(entry) = standing.filter(|entry| is_likely(entry.weight)) else { return };
    if let Some(first) = new_place_use(scene, sign_in).filter(|one| one.time >= entry.since.plus(-EventTime::DAY)) {
        sequence(scene, key, &entry.cause, &first, findings);
    }
}

/// Whether a leak is more likely this credential's than not.
fn is_likely(weight: f64) -> bool {
    weight >= 0.5
}

/// Leaked, then used from elsewhere: whichever record comes first.
fn sequence(scene: &Scene<'_>, key: &KeyId, leak: &CompactString, first: &NewPlaceUse, findings: &mut Findings) {
    let cause = format_compact!("{}:used", leak.trim_end_matches(":used"));
    if scene.standing_weight(&cause).is_some() {
        return;
    }
    let name = scene.profile.head.name.as_deref().unwrap_or("this principal");
    findings.found.push(Finding {
        identity: vec![Id::Text(cause.clone())],
        ground: Some(key.clone()),
        keys: vec![key.clone()],
        activity: "signin",
        request: Some(first.event.clone()),
        facts: vec![fact("usedFrom", first.place.clone(), "never from there before", 0.0)],
        explanation: format!(
            "A credential of {name} that was found in the open was used at {} from {}, where {name} has never been seen. \
             Remove the credential now and look at everything that was done with it since.",
            first.time, first.place,
        ),
        ..Finding::new(DESCRIPTOR.risk_event_type, cause, scene.engine.scoring.leaked_credentials.used)
    });
}

/// One secret is one leak, however often it is sighted; without its fingerprint the alert names it.
fn cause(leak: &CodeFinding, event: &Id) -> CompactString {
    match (&leak.fingerprint, &leak.url) {
        (Some(fingerprint), _) => format_compact!("leak:{fingerprint}"),
        (None, Some(url)) => format_compact!("leak:{:08x}", crate::event::hash(url)),
        (None, None) => format_compact!("leak:{event}"),
    }
}

/// Whether the credential could no longer be used when the leak was found, and why.
fn ended(scene: &Scene<'_>, owner: &Attribution) -> Option<&'static str> {
    let known = owner.key.as_ref().and_then(|key| scene.profile.credentials.find(key));
    let removed = owner.removed.or_else(|| known.and_then(|known| known.removed));
    let expires = owner.expires.or_else(|| known.and_then(|known| known.expires));
    if removed.is_some_and(|removed| removed <= scene.now) {
        return Some("already removed");
    }
    expires.is_some_and(|expires| expires <= scene.now).then_some("already expired")
}

fn weight(scene: &Scene<'_>, leak: &CodeFinding, owner: &Attribution) -> f64 {
    let numbers = &scene.engine.scoring.leaked_credentials;
    if ended(scene, owner).is_some() {
        return numbers.ended;
    }
    let weight = match (leak.valid, owner.confidence) {
        (Some(false), _) => numbers.checked_dead,
        (Some(true), Confidence::Unlike | Confidence::Attributed | Confidence::Matched) => numbers.verified,
        (_, Confidence::Matched) => numbers.matched,
        // A secret that works and begins as only one application's does is as good as named.
        (_, Confidence::Attributed) | (Some(true), Confidence::Low) => numbers.attributed,
        (_, Confidence::Unlike) => numbers.unlike,
        (_, Confidence::Low) => numbers.low,
    };
    if leak.exposure == Exposure::Internal { weight * numbers.internal } else { weight }
}

fn finding(scene: &Scene<'_>, leak: &CodeFinding, owner: &Attribution, cause: CompactString, weight: f64) -> Finding {
    let numbers = &scene.engine.scoring.leaked_credentials;
    let fades = ended(scene, owner).is_some() || leak.valid == Some(false);
    Finding {
        identity: vec![Id::Text(cause.clone()), Id::Text(format_compact!("{:?}", owner.confidence))],
        half_life_hours: match (fades, &owner.key) {
            (true, _) => Some(numbers.ended_half_life_hours),
            (false, None) => Some(numbers.unmatched_half_life_hours),
            (false, Some(_)) => None,
        },
        ground: owner.key.clone(),
        ends: owner.expires.filter(|_| !fades),
        keys: owner.key.iter().cloned().collect(),
        facts: facts(scene, leak, owner),
        explanation: explain(scene, leak, owner),
        ..Finding::new(DESCRIPTOR.risk_event_type, cause, weight)
    }
}

fn location(leak: &CodeFinding) -> CompactString {
    let part = |text: &Option<CompactString>| text.clone().unwrap_or_default();
    match (&leak.repository, &leak.path) {
        (Some(repository), Some(path)) => {
            let line = leak.line.map(|line| format_compact!(":{line}")).unwrap_or_default();
            format_compact!("{repository} {path}{line}")
        }
        (Some(repository), None) => repository.clone(),
        (None, _) => part(&leak.url),
    }
}

fn facts(scene: &Scene<'_>, leak: &CodeFinding, owner: &Attribution) -> Vec<Fact> {
    let confidence = match owner.confidence {
        Confidence::Matched if leak.thumbprint.is_some() => "matched: it is the key of one of its certificates",
        Confidence::Matched => {
            "matched: the application is named, or the repository is its own, and one of its credentials begins alike"
        }
        Confidence::Attributed if leak.owner.is_some() => {
            "attributed: it says itself whose it is, or the text around it does"
        }
        Confidence::Attributed => "attributed: the application is named near it, or the repository is its own",
        Confidence::Unlike => "unlike: the application is named, but all its secrets are known and begin otherwise",
        Confidence::Low => "low: only the first three characters agree",
    };
    let mut facts = vec![
        fact("foundIn", location(leak), "", 0.0),
        fact("feed", leak.feed.clone(), "", 0.0),
        fact("confidence", confidence, "", 0.0),
        fact("preview", leak.preview.clone().unwrap_or_default(), "", 0.0),
    ];
    facts.extend(leak.owner.as_ref().map(|owner| fact("owner", format_compact!("{owner}"), "", 0.0)));
    facts.extend(leak.fingerprint.as_ref().map(|print| fact("fingerprint", print.clone(), "", 0.0)));
    facts.extend(leak.thumbprint.as_ref().map(|print| fact("thumbprint", print.clone(), "", 0.0)));
    facts.extend(leak.bypassed.then(|| fact("pushProtection", "bypassed", "", 0.0)));
    facts.extend(leak.exposed_at.map(|time| fact("exposedAt", format_compact!("{time}"), "", 0.0)));
    facts.extend(leak.commit.as_ref().map(|commit| fact("commit", commit.clone(), "", 0.0)));
    facts.extend(leak.url.as_ref().map(|url| fact("url", url.clone(), "", 0.0)));
    facts.extend(leak.proven.then(|| fact("checksum", "proves the secret genuine", "", 0.0)));
    facts.extend(leak.valid.map(|valid| fact("validity", if valid { "works" } else { "no longer works" }, "", 0.0)));
    facts.extend(ended(scene, owner).map(|why| fact("credential", why, "", 0.0)));
    facts
}

fn explain(scene: &Scene<'_>, leak: &CodeFinding, owner: &Attribution) -> String {
    let place = location(leak);
    let first = match (&scene.profile.head.name, &leak.owner) {
        (Some(name), _) => format!("A credential of {name} was found in {place}."),
        (None, Some(owner)) => format!("A credential of the {owner} was found in {place}."),
        (None, None) => format!("A credential of this principal was found in {place}."),
    };
    let second = match (ended(scene, owner), owner.confidence) {
        (Some(why), _) => format!("The credential was {why}, so it opens nothing now; make sure no copy of a live one lies beside it."),
        (None, Confidence::Low) => {
            "Only its first characters agree with a credential of this application, which happens by chance; check before acting.".to_owned()
        }
        (None, _) if leak.owner.is_some() => {
            "Whoever reads it can use it as its owner until it is replaced; Picket sees nothing else of that owner.".to_owned()
        }
        (None, Confidence::Unlike) => {
            "None of the secrets that the inventory lists for it begins like this one, so it is probably gone; make sure that the inventory is fresh.".to_owned()
        }
        (None, Confidence::Attributed | Confidence::Matched) => {
            "Whoever reads it can sign in as this principal until the credential is removed.".to_owned()
        }
    };
    format!("{first} {second}")
}
