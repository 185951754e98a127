//! The page of detections says what the program says.

use picket::sigma::{Overrides, Story, catalogue, detector_page, load};
use picket_detectors::detect::{DETECTORS, descriptor};
use std::path::Path;

#[test]
fn the_page_of_detections_is_what_the_program_writes() {
    let page = catalogue(load(&[], &Overrides::default()).rules.rules()).expect("the coverage is right");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/detections.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("written");
    }
    let shipped = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(shipped == page, "docs/detections.md is old: run this test with UPDATE_DOCS=1");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The stories of a detector, attacks first, with what their README tells.
fn stories(detector: &str) -> Vec<Story> {
    let folder = root().join("tests/scenarios").join(detector);
    let names = std::fs::read_dir(&folder).expect("every detector has stories").map(|entry| entry.expect("an entry"));
    let mut names: Vec<String> = names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let story = |name: String| {
        let tells = std::fs::read_to_string(folder.join(&name).join("README.md")).expect("a README");
        Story { folder: format!("{detector}/{name}"), tells: tells.trim().to_owned() }
    };
    names.into_iter().map(story).collect()
}

#[test]
fn every_detector_has_its_page_and_no_page_is_left_over() {
    let folder = root().join("docs/detectors");
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut names = Vec::new();
    for detector in DETECTORS.iter().map(|detector| detector.descriptor()) {
        let page = detector_page(detector, &stories(detector.risk_event_type)).expect("its numbers are there");
        let name = format!("{}.md", detector.risk_event_type);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(folder.join(&name), &page).expect("written");
        }
        let shipped = std::fs::read_to_string(folder.join(&name)).unwrap_or_default();
        assert!(shipped == page, "docs/detectors/{name} is old: run this test with UPDATE_DOCS=1");
        names.push(name);
    }
    let found = std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let mut found: Vec<String> = found.map(|name| name.to_string_lossy().into_owned()).collect();
    found.sort();
    names.sort();
    assert_eq!(found, names);
}

/// The kinds of facts in a snapshot, each with the detection that they belong to.
fn kinds(snapshot: &str) -> Vec<(String, String)> {
    let mut detection = String::new();
    let mut kinds = Vec::new();
    for line in snapshot.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["", "", bits, kind, ..] if bits.parse::<f64>().is_ok() && kind.ends_with(':') => {
                kinds.push((detection.clone(), kind.trim_end_matches(':').to_owned()));
            }
            [time, what, _level] if time.ends_with('Z') => (*what).clone_into(&mut detection),
            _ => {}
        }
    }
    kinds
}

#[test]
fn every_kind_of_evidence_that_a_story_shows_is_described_by_its_detector() {
    let (mut seen, mut undescribed) = (0, std::collections::BTreeSet::new());
    for detector in DETECTORS.iter().map(|detector| detector.descriptor().risk_event_type) {
        for story in stories(detector) {
            let path = root().join("tests/scenarios").join(story.folder).join("expected.snap");
            for (detection, kind) in kinds(&std::fs::read_to_string(path).expect("a snapshot")) {
                let known = descriptor(&detection).expect("a detector").evidence;
                seen += 1;
                if !known.iter().any(|evidence| evidence.kind == kind) {
                    undescribed.insert(format!("{detection}: {kind}"));
                }
            }
        }
    }
    assert!(seen > 100, "the snapshots were read");
    assert!(undescribed.is_empty(), "add these to the evidence of their descriptors: {undescribed:?}");
}

#[test]
fn every_section_of_numbers_is_told_on_a_page() {
    let yaml = std::fs::read_to_string(root().join("rules/scoring.yaml")).expect("the numbers");
    let sections = yaml.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    let sections: Vec<&str> = sections.filter_map(|line| line.split(':').next()).collect();
    let is_told = |section: &str| {
        DETECTORS.iter().map(|detector| detector.descriptor()).any(|detector| {
            let weighs = |path: &&str| path.split('.').next() == Some(section);
            let of_evidence = detector.evidence.iter().flat_map(|evidence| evidence.weighed_by);
            detector.scored_by.contains(&section) || of_evidence.copied().any(|path| weighs(&path))
        })
    };
    let untold: Vec<&str> = sections.into_iter().filter(|section| *section != "levels" && !is_told(section)).collect();
    assert_eq!(untold, Vec::<&str>::new());
}

#[test]
fn every_idea_that_was_collected_is_spoken_of() {
    let Some(data) = crate::records::shared("") else { return };
    let text = std::fs::read_to_string(data.join("../reference/detections.md")).unwrap_or_default();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let is_id = |id: &&str| {
        let (letter, digits) = id.split_at_checked(1).unwrap_or_default();
        letter.chars().all(|c| c.is_ascii_uppercase())
            && digits.len() == 2
            && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let page = catalogue(load(&[], &Overrides::default()).rules.rules()).expect("the coverage is right");
    let missing: Vec<&str> = rows.filter(is_id).filter(|id| !page.contains(&format!("| {id} |"))).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn the_page_of_one_detector_is_printed_and_an_unknown_one_is_refused() {
    let run = |name: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_picket"));
        command.args(["rules", "catalogue", name]).output().expect("the program runs")
    };
    let shipped = std::fs::read_to_string(root().join("docs/detectors/tokenReplay.md")).expect("a page");
    let printed = String::from_utf8(run("tokenReplay").stdout).expect("text");
    assert!(shipped.starts_with(printed.trim_end()), "all but the stories");
    let refused = run("tokenRepaly");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("picket rules catalogue"));
}
