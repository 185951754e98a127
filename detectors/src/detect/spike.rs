//! How far an hour exceeds the busiest hour known.

use super::Scene;
use crate::profile::{Property, magnitude};

/// Below this many events in an hour nothing is a spike: one more run of a small job doubles it.
const LEAST: u32 = 16;

/// By how many doublings more than one an hour's count exceeds the greatest known before the day; `None` if it does not.
pub(super) fn excess(scene: &Scene<'_>, property: Property, count: u32) -> Option<u32> {
    if count < LEAST {
        return None;
    }
    let greatest = scene.profile.habits.known(property, scene.cutoff).into_iter().map(|(value, _)| value).max()?;
    magnitude(count)?.checked_sub(greatest + 1).filter(|excess| *excess > 0)
}
