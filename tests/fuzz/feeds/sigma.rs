//! Any text as Sigma rules; what loads is held against a record. Picket's own rules, which take long to compile, are left out.

use super::decoding::text;
use picket::sigma::{Origin, Overrides, RuleSource, compile};

const RECORD: &str = r#"{"category":"ServicePrincipalSignInLogs","properties":{"ipAddress":"203.0.113.7","resourceDisplayName":"Graph"}}"#;

/// Loads the rules.
pub fn sigma(bytes: &[u8]) {
    let text = text(bytes).to_owned();
    let source = RuleSource { origin: Origin::File("rules.yml".to_owned()), text };
    let loaded = compile([source].iter(), &Overrides::default());
    let _matches = loaded.rules.matches(RECORD, None);
    for refusal in &loaded.refused {
        let _text = refusal.to_string();
    }
}
