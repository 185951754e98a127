//! Recall and false alarms on labelled examples that other scanners publish; see SOURCE.md beside them for their bias.

use picket_detectors::secrets::{FingerprintKey, Origin, Scanner};
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
struct Example {
    text: String,
    rule: String,
    expected: bool,
    path: Option<String>,
}

/// Each source, the least share of its true examples that must be found, and the largest of its false ones. The labels
/// are their authors' opinion; `docs/secrets.md` lists every row that is judged otherwise, and why.
const SOURCES: &[(&str, f64, f64)] = &[
    ("gitleaks", 0.998, 0.02),
    ("betterleaks", 0.998, 0.01),
    ("noseyparker", 0.94, 0.10),
    ("kingfisher", 0.86, 0.0),
    ("titus", 0.94, 0.06),
    ("secretlint", 0.93, 0.01),
];

#[test]
fn labelled_examples_are_judged_as_well_as_before() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/secrets");
    if !folder.exists() {
        println!("skipped: the labelled examples (shared/data/secrets) are not here");
        return;
    }
    let scanner = Scanner::shipped(FingerprintKey::default());
    for (source, least, most) in SOURCES {
        let lines = std::fs::read_to_string(folder.join(format!("{source}.jsonl"))).expect("a file of examples");
        let (mut wanted, mut found, mut unwanted, mut reported) = (0_usize, 0_usize, 0_usize, 0_usize);
        for (number, line) in lines.lines().enumerate() {
            let example: Example = serde_json::from_str(line).expect("an example");
            let origin = Origin { path: example.path.as_deref() };
            let is_found = !scanner.scan(example.text.as_bytes(), &origin).is_empty();
            let (all, hits) = if example.expected { (&mut wanted, &mut found) } else { (&mut unwanted, &mut reported) };
            *all += 1;
            *hits += usize::from(is_found);
            if is_found != example.expected {
                println!("{source} {number} {}: {}", example.rule, if is_found { "reported" } else { "missed" });
            }
        }
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        let (recall, false_share) = (share(found, wanted), share(reported, unwanted));
        println!("{source}: recall {found}/{wanted} = {recall:.3}, false {reported}/{unwanted} = {false_share:.3}");
        assert!(recall >= *least, "{source}: recall {recall:.3}");
        assert!(false_share <= *most, "{source}: false alarms {false_share:.3}");
    }
}
