//! Folding into a principal.
use crate::engine::{Engine, Verdict};
use crate::observation::Observation;
use crate::profile::Profile;
pub(crate) fn principal(_engine: &Engine, profile: &mut Profile, observation: &Observation) -> Verdict {
    profile.touch(observation.time());
    Verdict::default()
}
