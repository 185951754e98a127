//! A document too long to be held, killed in its middle: no element is lost, none is judged twice.

use crate::support::program::{expect_code, outputs};
use crate::{dies_at, run};
use std::fmt::Write as _;

/// More than the reader holds as one document.
const ELEMENTS: usize = 30_000;

/// Every element is a dead letter with its place, so nothing is hidden by ids.
fn document() -> String {
    let mut text = String::from("{\n  \"@odata.context\": \"x\",\n  \"value\": [\n");
    for number in 0..ELEMENTS {
        let end = if number + 1 == ELEMENTS { "\n  ]\n}\n" } else { ",\n" };
        let damage = if number % 1_000 == 7 { "\"unclosed" } else { "null" };
        let pad = "x".repeat(300);
        write!(text, "    {{\n      \"n\": {number},\n      \"a\": {damage},\n      \"pad\": \"{pad}\"\n    }}{end}")
            .expect("writes");
    }
    text
}

#[test]
fn a_long_document_goes_on_where_it_was_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let (calm, stormy) = (folder.path().join("calm"), folder.path().join("stormy"));
    let (pretty, line) = (folder.path().join("pretty.json"), folder.path().join("line.json"));
    std::fs::write(&pretty, document()).expect("writes");
    std::fs::write(&line, document().replace('\n', " ") + "\n{\"n\": \"the line behind\"}\n").expect("writes");
    for (file, letters) in [(&pretty, ELEMENTS), (&line, ELEMENTS + 1)] {
        let name = file.file_stem().expect("a name");
        let (calm, stormy) = (calm.join(name), stormy.join(name));
        let run = |folder: &std::path::Path| {
            let mut command = run(file, folder);
            command.env("PICKET__LIMITS__VALUE_BYTES", "4000000");
            command
        };
        expect_code(&mut run(&calm), 0);
        let expected = outputs(&calm.join("out"));
        let found = memchr::memchr_iter(b'\n', &expected["dead-letters"]).count();
        assert_eq!(found, letters, "{name:?}");
        for (number, point) in ["commit.after_batch", "commit.after_sync", "commit.before"].into_iter().enumerate() {
            let mut command = run(&stormy);
            assert!(dies_at(&mut command, point, 3 + number), "{point} is passed");
        }
        expect_code(&mut run(&stormy), 0);
        assert!(outputs(&stormy.join("out")) == expected, "{name:?} differs from an undisturbed run");
    }
}
