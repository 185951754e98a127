//! Parallel use: after a credential was used from a new place, the known places go on with it.

use super::finding::fact;
use super::suspicious_signins::{DESCRIPTOR, proves_possession};
use super::{Finding, Findings, Scene, episode, new_place_use};
use crate::event::{EventTime, Id, KeyId, SignIn};
use crate::expectations::Suspicion;
use crate::profile::{NewPlaceUse, Property};
use compact_str::format_compact;

/// The credential, hashed, if the sign-in comes from a place that was known before the day.
pub(crate) fn home_key(scene: &Scene<'_>) -> Option<u32> {
    let (sign_in, values) = scene.sign_in()?;
    let place = values.coarse_network().filter(|_| proves_possession(sign_in))?;
    let standing = scene.profile.habits.standing(values.coarse_property(), place, scene.cutoff);
    let key = sign_in.key.as_ref().filter(|_| !standing.is_new())?;
    Some(credential_hash(key))
}

fn credential_hash(key: &KeyId) -> u32 {
    let (high, low) = key.0.key().as_u64_pair();
    (high ^ low.rotate_left(23)) as u32
}

/// Honest change replaces the old place, a thief works beside it: a credential is used at home after it was used from a
/// new place. Whichever record comes first.
pub(super) fn parallel_use(scene: &Scene<'_>, sign_in: &SignIn, findings: &mut Findings) {
    let Some(key) = &sign_in.key else { return };
    let within_a_day = |from: EventTime, to: EventTime| (1..EventTime::DAY).contains(&to.since(from));
    if home_key(scene).is_some() {
        let known = scene.profile.credentials.find(key);
        let uses = known.map(|known| known.new_place_uses.as_slice()).unwrap_or_default();
        for one in uses.iter().filter(|one| within_a_day(one.time, scene.time)) {
            judge(scene, sign_in, one, findings);
        }
    } else if let (Some(new), Some(home)) =
        (new_place_use(scene, sign_in), scene.profile.head.home_use(credential_hash(key)))
        && within_a_day(scene.time, home)
    {
        judge(scene, sign_in, &new, findings);
    }
}

/// Whether somebody has said since that the place is safe, or it has become normal.
fn is_known(scene: &Scene<'_>, place: u32) -> bool {
    let levels = [Property::Network, Property::Country, Property::Prefix];
    levels.into_iter().any(|level| !scene.profile.habits.standing(level, place, scene.cutoff).is_new())
}

/// Whether somebody expected the use from the new place, and what is judged now comes after that. (A use from a network
/// that is expected is not kept.)
fn was_expected(scene: &Scene<'_>, use_time: EventTime) -> bool {
    let at = |time| Suspicion { kind: DESCRIPTOR.risk_event_type, time, address: None, rule: None };
    let expected = |time| scene.profile.expected(&scene.engine.expected, &at(time)).is_some();
    expected(use_time) && !expected(scene.time)
}

/// The new place is a cause of its own here: the episode that it began in may hold more than places. Told once for as long
/// as it stands: that both go on day by day says no more.
fn judge(scene: &Scene<'_>, sign_in: &SignIn, new: &NewPlaceUse, findings: &mut Findings) {
    let numbers = &scene.engine.scoring.parallel_use;
    let bits = f64::from(new.tenth_bits) / 10.0 + numbers.bits;
    let suffix = format_compact!(":{:08x}", new.network);
    let cause = format_compact!("{}:{}{suffix}", DESCRIPTOR.risk_event_type, new.time.day());
    let is_known_to_go_on = scene.profile.findings.ledger.stands_like(DESCRIPTOR.risk_event_type, &suffix);
    if is_known_to_go_on
        || scene.told_weight(&cause).is_some()
        || is_known(scene, new.network)
        || was_expected(scene, new.time)
    {
        return;
    }
    let Some(told) = episode::report_as(scene, cause, &numbers.episodes, bits, findings) else { return };
    let name = scene.profile.head.name.as_deref().unwrap_or("This principal");
    findings.found.push(Finding {
        identity: vec![Id::Text(told.cause.clone())],
        half_life_hours: Some(numbers.episodes.half_life_hours),
        keys: sign_in.key.iter().cloned().collect(),
        activity: "signin",
        request: Some(new.event.clone()),
        facts: vec![fact(
            "usedInParallelFrom",
            new.place.clone(),
            "the known places go on with the same credential",
            bits,
        )],
        total_bits: Some(told.bits),
        explanation: format!(
            "{name} went on from its usual place with the same credential after that was used from {}. A workload that \
             moves leaves its old place; a thief works beside it.",
            new.place
        ),
        ..Finding::new(DESCRIPTOR.risk_event_type, told.cause, told.weight)
    });
}
