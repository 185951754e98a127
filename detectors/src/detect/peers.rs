//! What the tenant's principals have in common, as evidence on a value that is new to one of them.
//!
//! Honest change stays among what the tenant knows: a standby site is another of its exits, a roll-out brings a client
//! that others have already, credentials are changed by the few who always do it. A thief comes from elsewhere. What can
//! be told so grows with the number of principals known ([`Snapshot::certainty`]).

use super::Scene;
use super::finding::fact;
use crate::event::Credential;
use crate::profile::Property;
use crate::risk::Fact;
use crate::scoring::{Odds, PeerOdds};
use crate::tenant::{ANY_TRUST, Snapshot};
use compact_str::format_compact;

/// A value that is new to the principal, and how many of its peers share it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Company {
    /// How many principals share what decides; 0 if none do.
    pub(super) principals: u32,
    /// The evidence of that, in bits.
    pub(super) bits: f64,
}

impl Company {
    fn of(peers: &Snapshot, principals: u32, odds: Odds) -> Self {
        Self { principals, bits: peers.certainty() * odds.bits() }
    }

    /// The evidence in words.
    pub(super) fn in_words(self) -> String {
        match self.principals {
            0 => "none of the tenant's other principals".to_owned(),
            count => format!("{count} of the tenant's principals"),
        }
    }

    /// As a fact of its own, of what it counted for.
    pub(super) fn told(self, kind: &'static str, bits: f64) -> Fact {
        fact(kind, format_compact!("known to {}", self.in_words()), "", bits)
    }
}

/// A place that is new to the principal: one of the tenant's own exits, a network that others use too, or neither.
pub(super) fn of_place(scene: &Scene<'_>, network: Option<u32>, prefix: Option<u32>) -> Company {
    let PeerOdds { own_exit, own_network, foreign, .. } = scene.engine.scoring.peers;
    let with = |property, value: Option<u32>| value.map_or(0, |value| scene.peers.principals_with(property, value));
    match (with(Property::Prefix, prefix), with(Property::Network, network)) {
        (0, 0) if network.is_none() => Company::of(scene.peers, 0, own_exit.otherwise()),
        (0, 0) => Company::of(scene.peers, 0, foreign),
        (0, others) => Company::of(scene.peers, others, own_network),
        (others, _) => Company::of(scene.peers, others, own_exit),
    }
}

/// Whom a federated credential trusts. What can be told grows with the number of applications that have any.
pub(super) fn of_trust(scene: &Scene<'_>, credential: &Credential) -> Option<Company> {
    let trusting = scene.peers.principals_with(Property::Trust, ANY_TRUST);
    let principals = scene.peers.principals_with(Property::Trust, credential.trust_value()?);
    let is_known = |system| scene.peers.shares(Property::TrustedSystem, system);
    let odds = if credential.trusted_system().is_some_and(is_known) {
        odds_of_trust(scene, trusting)
    } else {
        scene.engine.scoring.peers.trust
    };
    let bits = Snapshot::certainty_by(trusting) * odds.told(principals > 0);
    (trusting > 0).then_some(Company { principals, bits })
}

/// Within a system that the tenant uses, how common it is to trust somebody whom no others trust is learned from them. A
/// tenant that begins with another system says nothing of that.
fn odds_of_trust(scene: &Scene<'_>, trusting: u32) -> Odds {
    let PeerOdds { trust, trust_known_as_applications: prior, .. } = scene.engine.scoring.peers;
    let shared = scene.peers.shared.iter().filter(|shared| shared.property == Property::Trust);
    let in_company: u32 = shared.filter(|shared| shared.value != ANY_TRUST).map(|shared| shared.principals).sum();
    let alone = f64::from(trusting.saturating_sub(in_company));
    let honest_alone = (prior * trust.otherwise().honest + alone) / (prior + f64::from(trusting));
    Odds { theft: trust.theft, honest: 1.0 - honest_alone }
}

/// Another value that is new to the principal.
pub(super) fn of_value(scene: &Scene<'_>, property: Property, value: u32, odds: Odds) -> Company {
    let principals = scene.peers.principals_with(property, value);
    Company { principals, bits: scene.peers.certainty() * odds.told(principals > 0) }
}
