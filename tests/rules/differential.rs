//! The same rules on the same records match as the evaluator finds alone, without any routing, on plain JSON values.

use crate::records;
use picket::sigma::{Origin, Overrides, Rule, RuleSource, load, read_folders};
use rsigma_eval::{Engine, JsonEvent};
use rsigma_parser::parse_sigma_yaml;
use std::collections::BTreeSet;

/// Rules that read in every way there is: keywords, lists, numbers, regular expressions, paths into lists.
const OURS: &str = r"
title: Words anywhere
detection: { words: ['Certificates and secrets', 'azurehound'], condition: words }
---
title: Any of many targets
detection: { s: { properties.targetResources.type: ServicePrincipal }, condition: s }
---
title: The first target
detection: { s: { 'properties.targetResources[0].type|re': '^(User|Application)$' }, condition: s }
---
title: Numbers
detection: { s: { properties.status.errorCode|gte: 7000000 }, n: { durationMs|lt: 10 }, condition: s or n }
---
title: Nothing there
detection: { s: { properties.userId: null }, e: { properties.appId|exists: true }, condition: s and e }
---
title: One field equals another
detection: { s: { properties.appId|fieldref: properties.resourceId }, condition: s }
---
title: Addresses
detection: { s: { callerIpAddress|cidr: 10.0.0.0/8 }, t: { properties.ipAddress|cidr: [52.0.0.0/8, '2001:db8::/32'] }, condition: 1 of them }
---
title: Not this
detection: { s: { category|contains: SignIn }, f: { resultType: '0' }, condition: s and not f }
";

#[test]
fn rules_match_as_the_evaluator_alone_finds() {
    let mut sources = vec![RuleSource { origin: Origin::File("ours".to_owned()), text: OURS.to_owned() }];
    if let Some(folder) = records::shared("sigma/azure") {
        sources.extend(read_folders(&[folder]).0);
    }
    let loaded = load(&sources, &Overrides::default());
    let is_theirs = |rule: &&Rule| matches!(rule.origin, Origin::File(_));
    let ids: BTreeSet<&str> = loaded.rules.rules().iter().filter(is_theirs).map(|rule| rule.title.as_str()).collect();
    let mut engine = Engine::new();
    let mut added = BTreeSet::new();
    for source in &sources {
        for rule in parse_sigma_yaml(&source.text).expect("parsed before").rules {
            if ids.contains(rule.title.as_str()) && added.insert(rule.title.clone()) {
                engine.add_rule(&rule).expect("compiled before");
            }
        }
    }
    let mut matches = 0;
    let records = records::all();
    for record in &records {
        let value = serde_json::from_str(record).expect("JSON");
        let expected: BTreeSet<String> =
            engine.evaluate(&JsonEvent::borrow(&value)).into_iter().map(|found| found.header.rule_title).collect();
        let ours: BTreeSet<String> = loaded
            .rules
            .matches(record, None)
            .into_iter()
            .filter(is_theirs)
            .map(|rule| rule.title.to_string())
            .collect();
        assert_eq!(ours, expected, "{record}");
        matches += ours.len();
    }
    println!("{} rules, {} records, {matches} matches", added.len(), records.len());
    assert!(matches > 20, "records and rules met");
}
