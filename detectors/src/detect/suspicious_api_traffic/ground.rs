//! Whether a managed identity calls from Azure, where it lives, or from outside.

use crate::detect::Scene;
use crate::detect::episode::Factor;
use crate::detect::finding::fact;
use crate::engine::Engine;
use crate::event::ApiActivity;
use crate::profile::{Property, prefix_value};
use crate::risk::Fact;
use compact_str::format_compact;

/// The name of the evidence.
pub(super) const OUTSIDE_AZURE: &str = "outsideAzure";

/// The autonomous systems that Azure's addresses belong to (Microsoft Corporation, by the regional registries).
const AZURE: [u32; 2] = [8_075, 8_068];

/// The values of its ground.
const INSIDE: u32 = 0;
const OUTSIDE: u32 = 1;

/// A managed identity lives in Azure, and its token is issued there: whoever calls with it from elsewhere has carried it
/// off, or sends what leaves Azure through a network of its own. Where the address has no AS number, the networks that
/// Microsoft announces say it less surely: lists grow old.
pub(super) fn outside_azure(scene: &Scene<'_>, call: &ApiActivity, network: &Factor) -> Option<Factor> {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let is_outside = is_outside_azure(scene.engine, call)?;
    let (odds, honest) = match call.place.asn {
        Some(_) => (numbers.outside_azure, numbers.honest_leaves_azure),
        None => (numbers.outside_azure_by_address, numbers.honest_leaves_azure_by_address),
    };
    let is_own_exit = prefix_value(&call.place).is_some_and(|prefix| scene.peers.shares(Property::CallPrefix, prefix));
    if !network.is_new || is_own_exit {
        return None;
    }
    let standing = scene.profile.habits.standing(Property::Ground, OUTSIDE, scene.cutoff);
    let leaves = is_outside && standing.is_new() && scene.profile.habits.knows_any(Property::Ground, scene.cutoff);
    Some(if leaves {
        let bits = standing.novelty_bits(odds.theft, honest, scene.engine.scoring.habits.kappa_days);
        Factor::of(Property::Ground, OUTSIDE, OUTSIDE_AZURE, bits, true)
    } else {
        Factor::bare(OUTSIDE_AZURE, odds.told(is_outside))
    })
}

/// Whether it comes from outside of Azure, if that can be told.
fn is_outside_azure(engine: &Engine, call: &ApiActivity) -> Option<bool> {
    match call.place.asn {
        Some(asn) => Some(!AZURE.contains(&asn)),
        None => Some(!engine.reference.is_azure(call.place.address?)?),
    }
}

/// Where a managed identity calls from.
pub(super) fn value(engine: &Engine, call: &ApiActivity) -> Option<u32> {
    is_outside_azure(engine, call).map(|is_outside| if is_outside { OUTSIDE } else { INSIDE })
}

/// The evidence in words.
pub(super) fn in_words(call: &ApiActivity, factor: &Factor) -> Fact {
    let network = call.place.asn.map(|asn| format_compact!("AS{asn}"));
    let address = || call.place.address.map(|address| format_compact!("{address}"));
    let network = network.or_else(address).unwrap_or_default();
    fact(OUTSIDE_AZURE, network, "a managed identity calls from Azure", factor.bits)
}
