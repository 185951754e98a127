//! Which MITRE ATT&CK techniques are covered, by which detectors and rules.

use super::rule::{Rule, State};
use compact_str::{CompactString, format_compact};
use picket_detectors::detect::DETECTORS;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What covers each technique: detectors by their type, rules by their title.
pub type Coverage = BTreeMap<CompactString, Vec<CompactString>>;

/// The coverage of the detectors and of rules that are not switched off.
pub fn coverage(rules: &[Rule]) -> Coverage {
    let mut coverage = Coverage::new();
    for detector in DETECTORS {
        let descriptor = detector.descriptor();
        for technique in descriptor.attack {
            coverage.entry((*technique).into()).or_default().push(descriptor.risk_event_type.into());
        }
    }
    for rule in rules.iter().filter(|rule| rule.state != State::Off) {
        for technique in &rule.attack {
            coverage.entry(technique.clone()).or_default().push(format_compact!("rule: {}", rule.title));
        }
    }
    coverage
}

/// The coverage as a layer of the ATT&CK Navigator: the more cover a technique, the deeper its colour.
pub fn navigator_layer(coverage: &Coverage) -> Value {
    let most = coverage.values().map(Vec::len).max().unwrap_or(1);
    let techniques: Vec<Value> = coverage
        .iter()
        .map(|(technique, by)| {
            json!({ "techniqueID": technique, "score": by.len(), "comment": by.join("\n"), "enabled": true })
        })
        .collect();
    json!({
        "name": "Picket",
        "versions": { "navigator": "5.1.0", "layer": "4.5" },
        "domain": "enterprise-attack",
        "description": "Techniques that Picket's detectors and rules cover",
        "filters": { "platforms": ["IaaS", "Identity Provider", "Office Suite", "SaaS"] },
        "techniques": techniques,
        "gradient": { "colors": ["#ffffff", "#2f855a"], "minValue": 0, "maxValue": most },
    })
}
