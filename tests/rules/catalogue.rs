//! The page of detections says what the program says.

use picket::sigma::{Overrides, catalogue, load};
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
