//! What loads, and what is refused with which reason.

use crate::records;
use picket::sigma::{Origin, Overrides, RefusalReason, RuleSource, check, load, read_folders};

type Test = fn(&RefusalReason) -> bool;

fn refusals(text: &str) -> Vec<RefusalReason> {
    let source = RuleSource { origin: Origin::File("a file".to_owned()), text: text.to_owned() };
    load(&[source], &Overrides::default()).refused.into_iter().map(|refusal| refusal.reason).collect()
}

#[test]
fn picket_s_own_rules_load() {
    let loaded = load(&[], &Overrides::default());
    assert_eq!(loaded.refused, []);
    assert!(!loaded.rules.rules().is_empty());
}

#[test]
fn picket_s_own_rules_do_what_their_examples_say() {
    let checked = check(&[], &Overrides::default());
    let faults: Vec<String> = checked.faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(checked.rules > 50 && checked.examples >= 2 * checked.rules, "{checked:?}");
}

#[test]
fn every_rule_of_the_public_azure_set_loads_or_is_refused_with_a_reason() {
    let Some(folder) = records::shared("sigma/azure") else { return };
    let (sources, unreadable) = read_folders(&[folder]);
    assert_eq!(unreadable, []);
    let own = load(&[], &Overrides::default()).rules.rules().len();
    let loaded = load(&sources, &Overrides::default());
    for refusal in &loaded.refused {
        println!("{refusal}");
    }
    assert_eq!(loaded.rules.rules().len() - own + loaded.refused.len(), sources.len());
    let reasons = loaded.refused.iter().map(|refusal| &refusal.reason);
    assert!(reasons.clone().all(|reason| matches!(reason, RefusalReason::Placeholder(_) | RefusalReason::Aggregation)));
}

#[test]
fn a_folder_that_a_cluster_mounts_gives_each_rule_once() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("..2026_05_04")).expect("a folder");
    std::fs::write(at("..2026_05_04/own.yml"), "title: t\ndetection: { s: { a: b }, condition: s }").expect("writes");
    symlink("..2026_05_04", at("..data")).expect("links");
    symlink("..data/own.yml", at("own.yml")).expect("links");
    let (sources, refused) = read_folders(&[folder.path().to_owned()]);
    assert_eq!((sources.len(), refused.len()), (1, 0));
    symlink("nowhere", at("lost.yml")).expect("links");
    let (_, refused) = read_folders(&[folder.path().to_owned()]);
    assert!(refused.iter().any(|one| one.to_string().contains("lost.yml")), "{refused:?}");
}

#[test]
fn what_cannot_be_done_is_refused_with_the_reason() {
    let cases: [(&str, Test); 8] = [
        ("title: [", |reason| matches!(reason, RefusalReason::Malformed(_))),
        ("just text", |reason| matches!(reason, RefusalReason::Malformed(_))),
        ("title: t\ndetection: { s: { a: b }, condition: s | count() by x > 3 }", |reason| {
            matches!(reason, RefusalReason::Aggregation)
        }),
        ("title: t\ndetection: { s: { a: b }, condition: s, timeframe: 5m }", |reason| {
            matches!(reason, RefusalReason::Aggregation)
        }),
        ("title: t\ndetection: { s: { a|expand: '%x%' }, condition: s }", |reason| {
            matches!(reason, RefusalReason::Placeholder(_))
        }),
        ("title: t\ndetection: { s: { a|re: '(' }, condition: s }", |reason| {
            matches!(reason, RefusalReason::Uncompilable(_))
        }),
        ("title: t\ndetection: { s: { picket.nonsense: x }, condition: s }", |reason| {
            matches!(reason, RefusalReason::UnknownField(_))
        }),
        ("title: t\npicket: { about: nobody }\ndetection: { s: { a: b }, condition: s }", |reason| {
            matches!(reason, RefusalReason::BadAttribute)
        }),
    ];
    for (text, expected) in cases {
        let found = refusals(text);
        assert!(found.len() == 1 && found.iter().all(expected), "{text}: {found:?}");
    }
}

#[test]
fn two_rules_of_one_id_are_not_both_taken() {
    let rule = "title: t\nid: same\ndetection: { s: { a: b }, condition: s }";
    assert!(matches!(refusals(&format!("{rule}\n---\n{rule}")).as_slice(), [RefusalReason::DuplicateId(_)]));
}
