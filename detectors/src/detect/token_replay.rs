//! # What it does
//! Joins every token's issue (sign-in) with its use (API call) by the token's id, and judges a use from a network that
//! it was not issued to.
//!
//! # Why it matters
//! Whoever takes a token from a log, a memory dump or a metadata endpoint needs no credential and never signs in.
//!
//! # Evidence
//! The two networks, whether both are of one cloud, and whether this principal ever called from there; of one that signs in
//! from another network every day, whether its tokens were ever used elsewhere.
//!
//! # Inputs
//! Sign-ins (`uniqueTokenIdentifier`) and API calls (`signInActivityId`, the `uti` claim), whichever comes first.
//!
//! # Window and state size
//! The last 16 tokens issued and 16 uses elsewhere; networks called from by days with calls (32).
//!
//! # Score
//! Bits become a weight by `rules/scoring.yaml` (`token_replay`). One cause a network and day.
//!
//! # Known false positives
//! Egress that splits by destination: it is learned with the first days of calls.
//!
//! # Example
//! A token issued to a build server's network reads all users from a hosting provider ten minutes later.
//!
//! # References
//! MITRE ATT&CK T1528, T1550.001.

use super::finding::fact;
use super::{Descriptor, Detector, Evidence, Finding, Findings, Scene, episode, peers};
use crate::engine::Engine;
use crate::event::{ApiActivity, Body, Id, Place, SignIn};
use crate::profile::{Property, address_in, describe, prefix_value};
use crate::risk::Fact;
use compact_str::format_compact;

/// See the module.
#[derive(Debug)]
pub(super) struct TokenReplay;

const DESCRIPTOR: Descriptor = Descriptor {
    risk_event_type: "tokenReplay",
    title: "Token used from a network it was not issued to",
    attack: &["T1528", "T1550.001"],
    inputs: &["ServicePrincipalSignInLogs", "MicrosoftGraphActivityLogs", "AzureActivity", "AuditEvent"],
    looks_for: "A token that is used from another network than it was issued to, and that the principal never called from. \
         Sign-in and call may come in either order.",
    evidence: &[
        Evidence::new(
            "tokenUsedFrom",
            "the network of the call",
            &[
                "token_replay.theft_new",
                "token_replay.honest_new",
                "token_replay.within_cloud",
                "habits.kappa_days",
                "peers.own_exit",
                "peers.own_network",
                "peers.foreign",
            ],
        ),
        Evidence::new("tokenIssuedTo", "the network of the sign-in", &[]),
        Evidence::new(
            "tokenCarried",
            "of what signs in from another network every day: whether its tokens were ever used elsewhere than where they were issued",
            &["token_replay.theft_carried", "token_replay.honest_carried", "habits.honest_new.prefix"],
        ),
    ],
    scored_by: &["token_replay"],
    false_positives: &[
        "Egress that splits by destination: it is learned with the first days of calls",
        "A pool of addresses that grows",
    ],
    quiet: &[
        "A network that the principal has called or signed in from",
        "The token was issued to a network that is new itself, and few are new to the principal: its sign-in is judged",
        "An expected change announced for the principal",
    ],
    actions: &[
        "Ask the owners whether calls leave by another network",
        "If not, disable the principal: its tokens are good until they end",
        "Replace the credential that the token was issued to",
    ],
    since: "0.1.0",
};

impl Detector for TokenReplay {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn observe(&self, scene: &Scene<'_>, findings: &mut Findings) {
        let tokens = &scene.profile.credentials.tokens;
        match &scene.observation.event.body {
            Body::ApiActivity(call) => {
                let Some((token, used)) = token_of_call(call) else { return };
                if let Some(issued) = tokens.issued_to(token).filter(|issued| *issued != used) {
                    judge(scene, token, (issued, used), &call.place, findings);
                }
            }
            Body::SignIn(sign_in) => {
                let Some((token, issued)) = token_of_sign_in(sign_in) else { return };
                if let Some(used) = tokens.used_elsewhere(token, issued) {
                    judge(scene, token, (issued, used), &Place::default(), findings);
                }
            }
            _ => {}
        }
    }
}

/// The token of a call and the network it was used from.
pub(crate) fn token_of_call(call: &ApiActivity) -> Option<(&Id, u32)> {
    Some((call.token.as_ref()?, prefix_value(&call.place)?))
}

/// The token that a sign-in got and the network it was issued to.
pub(crate) fn token_of_sign_in(sign_in: &SignIn) -> Option<(&Id, u32)> {
    Some((sign_in.token.as_ref().filter(|_| sign_in.succeeded())?, prefix_value(&sign_in.place)?))
}

fn judge(scene: &Scene<'_>, token: &Id, (issued, used): (u32, u32), place: &Place, findings: &mut Findings) {
    let numbers = &scene.engine.scoring.token_replay;
    let habits = &scene.profile.habits;
    // Where it signs in from it may call from.
    let is_home = habits.has_seen(Property::Prefix, used);
    let is_known = is_home || !habits.standing(Property::CallPrefix, used, scene.cutoff).is_new();
    if is_known || habits.days_with(Property::CallPrefix, scene.cutoff) < numbers.min_days {
        return;
    }
    let (from, carried) = (from_home(scene, issued, used), carried_anew(scene, token, (issued, used)));
    let (kind, usual, bits) = if from < carried {
        ("tokenCarried", "its tokens are used where they are issued", carried)
    } else {
        ("tokenUsedFrom", "never called from there", from)
    };
    let of_cloud =
        if is_azure(scene.engine, issued) { numbers.within_cloud.told(is_azure(scene.engine, used)) } else { 0.0 };
    let bits = bits + of_cloud + peers::of_place(scene, None, Some(used)).bits;
    let cause = format_compact!("{}:{used:08x}:{}", DESCRIPTOR.risk_event_type, scene.time.day());
    if let Some(told) = episode::report_as(scene, cause, &numbers.episodes, bits, findings) {
        let in_words = |prefix| describe(Property::Prefix, prefix, &scene.engine.reference);
        let or_unnamed = |prefix| in_words(prefix).unwrap_or_else(|| "an IPv6 network".into());
        let facts = vec![fact(kind, or_unnamed(used), usual, bits), fact("tokenIssuedTo", or_unnamed(issued), "", 0.0)];
        findings.found.push(finding(scene, token, place, facts, &told));
    }
}

/// It is used where the principal never called from. What was issued on new ground belongs to a workload on the move, or to
/// who signed in there: both are judged by that sign-in.
fn from_home(scene: &Scene<'_>, issued: u32, used: u32) -> f64 {
    let numbers = &scene.engine.scoring.token_replay;
    let habits = &scene.profile.habits;
    if habits.standing(Property::Prefix, issued, scene.cutoff).is_new() {
        return 0.0;
    }
    let standing = habits.standing(Property::CallPrefix, used, scene.cutoff);
    standing.novelty_bits(numbers.theft_new, numbers.honest_new, scene.engine.scoring.habits.kappa_days)
}

/// It is used elsewhere than where it was issued, and the principal's tokens never were. On new ground that counts as far as
/// new ground is what is usual, as for a build that runs on another machine every time; and in full where the token is used
/// at home as well, for a workload on the move leaves nothing behind. A pool of addresses is no move.
fn carried_anew(scene: &Scene<'_>, token: &Id, (issued, used): (u32, u32)) -> f64 {
    let scoring = &scene.engine.scoring;
    let (numbers, kappa) = (&scoring.token_replay, scoring.habits.kappa_days);
    let habits = &scene.profile.habits;
    let ground = habits.standing(Property::Prefix, issued, scene.cutoff);
    let is_copy = !are_near(issued, used) && scene.profile.credentials.tokens.is_used_at_home(token);
    let is_moving = ground.is_new() && !is_copy;
    let at_home = if is_moving { ground.chance_of_new(scoring.habits.honest_new.prefix, kappa) } else { 1.0 };
    let carried = habits.standing(Property::Carry, carry(scene.engine, issued, used) as u32, scene.cutoff);
    let knows = habits.knows_any(Property::Carry, scene.cutoff);
    if knows { at_home * carried.novelty_bits(numbers.theft_carried, numbers.honest_carried, kappa) } else { 0.0 }
}

/// Whether two blocks of addresses are mostly of one network: of IPv4, those within a /16.
fn are_near(one: u32, other: u32) -> bool {
    let wide = |prefix| address_in(prefix).map(|_| prefix >> 8);
    wide(one).is_some_and(|within| wide(other) == Some(within))
}

/// How far from where it was issued a token is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Carry {
    Nowhere,
    WithinCloud,
    Elsewhere,
}

fn carry(engine: &Engine, issued: u32, used: u32) -> Carry {
    match (issued == used, is_azure(engine, issued) && is_azure(engine, used)) {
        (true, _) => Carry::Nowhere,
        (false, true) => Carry::WithinCloud,
        (false, false) => Carry::Elsewhere,
    }
}

fn is_azure(engine: &Engine, prefix: u32) -> bool {
    address_in(prefix).and_then(|address| engine.reference.is_azure(address)) == Some(true)
}

/// How far it is carried, as a value of habits.
pub(crate) fn carry_value(engine: &Engine, issued: u32, used: u32) -> u32 {
    carry(engine, issued, used) as u32
}

fn finding(scene: &Scene<'_>, token: &Id, place: &Place, facts: Vec<Fact>, told: &episode::Told) -> Finding {
    let seen = |place: usize| facts.get(place).map(|fact| fact.observed.clone());
    let explanation = format!(
        "A token of {} that was issued to {} was used from {}, where it never called from. Whoever holds a copy needs no \
         credential until it expires; revoke its sessions and find where the token lay.",
        scene.profile.head.name.as_deref().unwrap_or("this principal"),
        seen(1).unwrap_or_default(),
        seen(0).unwrap_or_default(),
    );
    Finding {
        identity: vec![Id::Text(told.cause.clone()), token.clone()],
        half_life_hours: Some(scene.engine.scoring.token_replay.episodes.half_life_hours),
        request: Some(token.clone()),
        place: place.clone(),
        facts,
        total_bits: Some(told.bits),
        explanation,
        ..Finding::new(DESCRIPTOR.risk_event_type, told.cause.clone(), told.weight)
    }
}
