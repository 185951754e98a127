//! Whether the findings of each detector count.

use super::nearest::nearest;
use super::{ConfigError, Layers};
use picket_detectors::detect::{DETECTORS, Mode, Modes};
use std::collections::BTreeMap;

/// Reads the mode of each detector that is named.
pub(super) fn check_detectors(layers: &Layers, raw: &BTreeMap<String, String>) -> Result<Modes, ConfigError> {
    let mut named = Vec::new();
    for (name, word) in raw {
        let wrong = |message, suggestion| {
            let origin = layers.origin(&format!("detectors.{name}")).to_string();
            ConfigError::Override { origin, message, suggestion }
        };
        let mode = Mode::parse(word)
            .ok_or_else(|| wrong(format!("detectors.{name} = {word:?} is not \"on\", \"shadow\" or \"off\""), None))?;
        Modes::of([(name.as_str(), mode)]).map_err(|unknown| {
            let known = DETECTORS.iter().map(|detector| detector.descriptor().risk_event_type);
            wrong(format!("detectors.{name}: {unknown}"), nearest(name, known).map(str::to_owned))
        })?;
        named.push((name.as_str(), mode));
    }
    // Every name is known by now.
    Ok(Modes::of(named).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Layers};
    use picket_detectors::detect::{Mode, Modes};

    fn check(name: &str, word: &str) -> Result<Config, String> {
        let layers = Layers::defaults().and_then(|layers| layers.flag("--x", &["detectors", name], Some(word)));
        layers.and_then(|layers| Config::check(&layers)).map_err(|error| error.to_string())
    }

    #[test]
    fn detectors_are_switched_by_name_and_mistakes_are_explained() {
        let shadow = check("suspiciousSignins", "shadow").expect("valid").modes;
        assert_eq!(Ok(shadow), Modes::of([("suspiciousSignins", Mode::Shadow)]));
        let errors = [check("suspiciousSignin", "off"), check("suspiciousSignins", "loud")].map(Result::err);
        assert_eq!(
            errors.map(Option::unwrap_or_default),
            [
                "flag --x: detectors.suspiciousSignin: there is no detector suspiciousSignin; did you mean `suspiciousSignins`?",
                "flag --x: detectors.suspiciousSignins = \"loud\" is not \"on\", \"shadow\" or \"off\"",
            ]
        );
    }
}
