//! How far an hour, or a day, exceeds the greatest known.

use super::Scene;
use crate::profile::{Property, magnitude};
use crate::scoring::Surge;

/// Below this many events in an hour nothing is a spike: one more run of a small job doubles it.
const LEAST: u32 = 16;

/// How much better a theft explains a count greater than any known than this principal's own days do, in bits; `None` if
/// there was as great a one.
///
/// By how many doublings its days exceed their usual size is learned: a steady principal that doubles twice is rarer than
/// a restless one, or one of few days. But a day of quite another kind (a first full synchronisation, a backfill) comes
/// to everybody, however steady: the chance is never less than that.
pub(super) fn surprise(scene: &Scene<'_>, property: Property, count: u32, numbers: &Surge) -> Option<f64> {
    if count < LEAST {
        return None;
    }
    let size = magnitude(count)?;
    let known = scene.profile.habits.known(property, scene.cutoff);
    let greatest = known.iter().map(|(size, _)| *size).max()?;
    if size <= greatest {
        return None;
    }
    // A day that reaches a size has passed all smaller ones, so the days of a size are those at least so great.
    let days = known.first()?.1;
    let usual = known.iter().filter(|(_, reached)| *reached >= days / 2.0).map(|(size, _)| *size).max()?;
    let beyond: f64 = known.iter().filter(|(size, _)| *size > usual).map(|(_, reached)| reached).sum();
    let chance = chance_of_doublings(size - usual, days + numbers.days, beyond + numbers.days * numbers.doublings);
    Some((numbers.theft / chance.max(numbers.least_honest)).log2())
}

/// The chance that a day exceeds its usual size by so many doublings or more, after so many `days` that exceeded it by so
/// many doublings `beyond` together: each next doubling comes with an unknown chance, of which those are the trials.
fn chance_of_doublings(doublings: u32, days: f64, beyond: f64) -> f64 {
    (0..doublings).map(f64::from).map(|before| (beyond + before) / (days + beyond + before)).product()
}

#[cfg(test)]
mod tests {
    use super::chance_of_doublings;

    #[test]
    fn a_steady_principal_is_expected_to_stay_so_and_a_restless_or_unknown_one_less() {
        let (steady, restless, unknown) =
            (chance_of_doublings(3, 36.0, 3.0), chance_of_doublings(3, 36.0, 60.0), chance_of_doublings(3, 7.0, 3.0));
        assert!(steady < 0.002 && unknown > 0.02 && restless > 0.2, "{steady} {unknown} {restless}");
    }
}
