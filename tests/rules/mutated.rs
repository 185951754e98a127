//! Rules and overrides with anything done to them: they load, or are refused with a reason; nothing panics.

use crate::records;
use picket::sigma::{Origin, Overrides, RuleSource, load, test};
use proptest::prelude::*;
use std::path::Path;
use std::sync::LazyLock;

fn texts(folder: &Path) -> Vec<String> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    let rules = files.filter(|file| file.path().extension().is_some_and(|kind| kind == "yml"));
    rules.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect()
}

/// Single rules: ours, and the public ones where they are at hand.
static RULES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let own = texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/sigma"));
    let public = records::shared("sigma/azure").map(|folder| texts(&folder)).unwrap_or_default();
    own.iter().chain(&public).flat_map(|text| text.split("\n---\n").map(str::to_owned)).collect()
});

const OVERRIDES: &str = "- rule: 11111111-1111-4111-8111-111111111111\n  state: shadow\n  weight: 0.5\n  reason: noisy\n  \
    except:\n    - field: picket.principal\n      values: [a, b]\n      until: 2027-01-31T00:00:00Z\n      reason: move\n";

/// Lines and pieces moved, doubled, cut and replaced: what stays YAML is as likely as what doesn't.
fn mutated(text: String, places: &[(f64, u8, String)]) -> String {
    let mut text = text;
    for (place, what, insert) in places {
        let near = (place * text.len() as f64) as usize;
        let at = (near..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (before, after) = text.split_at(at);
        let line = after.split_once('\n').map_or(after, |(line, _)| line).to_owned();
        text = match what % 5 {
            0 => format!("{before}{insert}{after}"),
            1 => before.to_owned(),
            2 => format!("{before}{}", after.strip_prefix(&line).unwrap_or_default()),
            3 => format!("{before}{line}\n{after}"),
            _ => format!("{before}{insert}{}", after.strip_prefix(&line).unwrap_or_default()),
        };
    }
    text
}

fn places() -> impl Strategy<Value = Vec<(f64, u8, String)>> {
    let inserts = prop::sample::select(vec![
        "|re: '(.*'",
        "|cidr: 1.2.3.4/99",
        "|expand: '%x%'",
        "|all",
        "|base64offset|contains: x",
        "*",
        "\\",
        "'",
        "\"",
        ": ",
        "- ",
        "[",
        "{",
        "&a",
        "*a",
        "!!binary x",
        "1 of them",
        "all of s*",
        "not (",
        ") or",
        "| count() > 3",
        "\t",
        "\u{feff}",
        "null",
        "99999999999999999999",
        "detection:",
        "condition:",
        "correlation:",
        "timespan: 1y",
        "picket:",
        "\n---\n",
    ]);
    let insert = prop_oneof![inserts.prop_map(str::to_owned), "\\PC{0,12}"];
    proptest::collection::vec((0.0..1.0, any::<u8>(), insert), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_rule_with_anything_done_to_it_loads_or_is_refused(
        rule in prop::sample::select(&**RULES), places in places(), record in "\\PC{0,60}",
    ) {
        let text = mutated(rule, &places);
        let source = RuleSource { origin: Origin::File("a file".to_owned()), text: text.clone() };
        let loaded = load(&[source], &Overrides::default());
        for refusal in &loaded.refused {
            prop_assert!(!refusal.to_string().is_empty());
        }
        drop(test(&loaded.rules, br#"{"category":"AuditLogs","properties":{"activityDisplayName":"x"}}"#));
        drop(test(&loaded.rules, record.as_bytes()));
    }
}

proptest! {
    #[test]
    fn overrides_with_anything_done_to_them_are_taken_or_refused(places in places()) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("overrides.yaml");
        std::fs::write(&path, mutated(OVERRIDES.to_owned(), &places)).expect("writes");
        match Overrides::read(&path) {
            Ok(overrides) => drop(load(&[], &overrides)),
            Err(error) => prop_assert!(error.to_string().starts_with("the overrides"), "{}", error),
        }
    }
}
