//! Whether what a detector finds counts.

use super::DETECTORS;
use compact_str::CompactString;

/// What becomes of a detector's findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Mode {
    /// They are told and raise risk.
    #[default]
    On,
    /// They are scored and counted, once a cause; they are never told, never raise risk, and change nothing that other
    /// detectors see.
    Shadow,
    /// They are dropped.
    Off,
}

impl Mode {
    /// All modes with their words.
    pub const ALL: [(&'static str, Self); 3] = [("on", Self::On), ("shadow", Self::Shadow), ("off", Self::Off)];

    /// Reads a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, mode)| *mode)
    }
}

/// A mode was asked for a detector that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no detector {name}")]
pub struct UnknownDetector {
    /// The name.
    pub name: CompactString,
}

/// The mode of every detector; on where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Modes(Vec<Mode>);

impl Modes {
    /// The modes of some detectors, by `riskEventType` in any case.
    ///
    /// # Errors
    /// When there is no such detector.
    pub fn of<'a>(named: impl IntoIterator<Item = (&'a str, Mode)>) -> Result<Self, UnknownDetector> {
        let mut modes = vec![Mode::On; DETECTORS.len()];
        for (name, mode) in named {
            let is_it = |one: &&dyn super::Detector| one.descriptor().risk_event_type.eq_ignore_ascii_case(name);
            let at = DETECTORS.iter().position(is_it);
            match at.and_then(|at| modes.get_mut(at)) {
                Some(known) => *known = mode,
                None => return Err(UnknownDetector { name: name.into() }),
            }
        }
        Ok(Self(modes))
    }

    /// Whether nobody wants to know what a detector finds.
    pub fn is_off(&self, risk_event_type: &str) -> bool {
        let is_it = |one: &&dyn super::Detector| one.descriptor().risk_event_type == risk_event_type;
        DETECTORS.iter().position(is_it).is_some_and(|place| self.at(place) == Mode::Off)
    }

    /// The mode of a detector by its place in the registry.
    pub(crate) fn at(&self, place: usize) -> Mode {
        self.0.get(place).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_given_by_name_in_any_case() {
        let modes = Modes::of([("SUSPICIOUSSIGNINS", Mode::Shadow)]).expect("a detector");
        let shadowed: Vec<_> = (0..DETECTORS.len()).filter(|at| modes.at(*at) == Mode::Shadow).collect();
        assert_eq!(shadowed.len(), 1);
        assert_eq!(DETECTORS[shadowed[0]].descriptor().risk_event_type, "suspiciousSignins");
        assert_eq!(
            Modes::of([("suspiciousSignin", Mode::Off)]),
            Err(UnknownDetector { name: "suspiciousSignin".into() })
        );
        assert_eq!(Modes::default().at(3), Mode::On);
        assert!(!modes.is_off("suspiciousSignins") && !modes.is_off("tokenReplay"));
        assert!(Modes::of([("tokenreplay", Mode::Off)]).expect("a detector").is_off("tokenReplay"));
    }
}
