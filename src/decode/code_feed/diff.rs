//! Unified diffs, read line by line: which lines came, which went, and where they stand.
//!
//! Reads both a whole diff with file headers (`git diff`, `.patch`) and the bare hunks of one file (REST `patch`).
//! Lines that belong to no hunk are [`Side::Outside`], never lost.

use std::ops::Range;

/// What a line of a diff is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// New in this version.
    Added,
    /// Gone from this version, still in history.
    Removed,
    /// In both versions.
    Kept,
    /// In no hunk: a message, a header.
    Outside,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// What it is.
    pub(super) side: Side,
    /// The file, where the diff names it.
    pub(super) path: Option<&'a str>,
    /// Its number, from 1: in the old file if removed, else in the new one; `None` outside of hunks.
    pub(super) number: Option<u32>,
    /// Where it stands in the diff, with its sign, without its line end.
    pub(super) range: Range<usize>,
}

/// The lines of a diff. Never fails: what is no diff is all outside.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut reader = Reader::default();
    let mut start = 0;
    text.split_inclusive('\n').filter_map(move |whole| {
        let at = start;
        start += whole.len();
        let line = whole.strip_suffix('\n').unwrap_or(whole);
        let line = line.strip_suffix('\r').unwrap_or(line);
        reader.read(line, at)
    })
}

#[derive(Default)]
struct Reader<'a> {
    path: Option<&'a str>,
    /// The next line's number and how many lines of the hunk are left, in the old and in the new file.
    old: Count,
    new: Count,
}

#[derive(Default, Clone, Copy)]
struct Count {
    next: u32,
    left: u32,
}

impl Count {
    fn step(&mut self) -> u32 {
        let number = self.next;
        self.next = self.next.saturating_add(1);
        self.left = self.left.saturating_sub(1);
        number
    }
}

impl<'a> Reader<'a> {
    fn read(&mut self, line: &'a str, at: usize) -> Option<Line<'a>> {
        let (side, number) = if self.old.left > 0 || self.new.left > 0 {
            self.read_in_hunk(line)?
        } else {
            self.read_between_hunks(line)?
        };
        Some(Line { side, path: self.path, number, range: at..at + line.len() })
    }

    fn read_in_hunk(&mut self, line: &'a str) -> Option<(Side, Option<u32>)> {
        match line.as_bytes().first() {
            Some(b'+') => Some((Side::Added, Some(self.new.step()))),
            Some(b'-') => Some((Side::Removed, Some(self.old.step()))),
            // Some mailers strip the blank of an empty line.
            Some(b' ') | None => {
                self.old.step();
                Some((Side::Kept, Some(self.new.step())))
            }
            // A note on the line end; no line of either file.
            Some(b'\\') => Some((Side::Outside, None)),
            // The hunk is shorter than its header says.
            Some(_) => {
                (self.old.left, self.new.left) = (0, 0);
                self.read_between_hunks(line)
            }
        }
    }

    fn read_between_hunks(&mut self, line: &'a str) -> Option<(Side, Option<u32>)> {
        if let Some((old, new)) = line.strip_prefix("@@ -").and_then(hunk_header) {
            (self.old, self.new) = (old, new);
            return None;
        }
        if line.starts_with("diff --git ") {
            self.path = None;
            return None;
        }
        if let Some(path) = line.strip_prefix("--- ").or_else(|| line.strip_prefix("+++ ")) {
            // The new name stands second and wins; a deleted file keeps its old one.
            self.path = file_name(path).or(self.path);
            return None;
        }
        Some((Side::Outside, None))
    }
}

/// Reads `a,b +c,d @@…` of `@@ -a,b +c,d @@…`; a count left out is 1.
fn hunk_header(text: &str) -> Option<(Count, Count)> {
    let (ranges, _) = text.split_once(" @@")?;
    let (old, new) = ranges.split_once(" +")?;
    let count = |range: &str| {
        let (next, left) = range.split_once(',').unwrap_or((range, "1"));
        Some(Count { next: next.parse().ok()?, left: left.parse().ok()? })
    };
    Some((count(old)?, count(new)?))
}

/// The name in `--- a/name` or `+++ b/name`; a tab and a time may follow.
fn file_name(text: &str) -> Option<&str> {
    let name = text.split('\t').next()?.trim_matches('"');
    if name == "/dev/null" || name.is_empty() {
        return None;
    }
    Some(name.strip_prefix("a/").or_else(|| name.strip_prefix("b/")).unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<(Side, Option<&str>, Option<u32>, &str)> {
        lines(text).map(|line| (line.side, line.path, line.number, text.get(line.range).expect("a line"))).collect()
    }

    #[test]
    fn bare_hunks_number_their_lines() {
        let text = "@@ -3,3 +3,4 @@ fn main() {\n kept\n-old\n+new\n+newer\r\n kept too\n@@ -10 +12 @@\n-x\n+y\n\\ No newline at end of file";
        assert_eq!(
            read(text),
            [
                (Side::Kept, None, Some(3), " kept"),
                (Side::Removed, None, Some(4), "-old"),
                (Side::Added, None, Some(4), "+new"),
                (Side::Added, None, Some(5), "+newer"),
                (Side::Kept, None, Some(6), " kept too"),
                (Side::Removed, None, Some(10), "-x"),
                (Side::Added, None, Some(12), "+y"),
                (Side::Outside, None, None, "\\ No newline at end of file"),
            ]
        );
    }

    #[test]
    fn whole_diffs_name_their_files() {
        let text = "diff --git a/x b/y\n--- a/x\n+++ b/y\n@@ -1 +1,2 @@\n--- not a header\n+++ nor this\n+z\ndiff --git a/gone b/gone\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-last\n-- \n2.43";
        assert_eq!(
            read(text),
            [
                (Side::Removed, Some("y"), Some(1), "--- not a header"),
                (Side::Added, Some("y"), Some(1), "+++ nor this"),
                (Side::Added, Some("y"), Some(2), "+z"),
                (Side::Removed, Some("gone"), Some(1), "-last"),
                (Side::Outside, Some("gone"), None, "-- "),
                (Side::Outside, Some("gone"), None, "2.43"),
            ]
        );
    }

    #[test]
    fn a_hunk_that_ends_early_loses_no_line() {
        assert_eq!(
            read("@@ -1,9 +1,9 @@\n+a\nplain"),
            [(Side::Added, None, Some(1), "+a"), (Side::Outside, None, None, "plain")]
        );
        assert_eq!(read("@@ -1,9 +1,9 @@\n+a\n@@ -5 +7 @@\n+b").last(), Some(&(Side::Added, None, Some(7), "+b")));
        let early = "@@ -1,9 +1,9 @@\n+a\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n+b";
        assert_eq!(read(early).last(), Some(&(Side::Added, Some("x"), Some(1), "+b")));
        assert_eq!(read("@@ nonsense @@\n+a").len(), 2);
    }

    #[derive(Debug, Clone)]
    enum Edit {
        Keep(String),
        Add(String),
        Remove(String),
    }

    fn edits() -> impl Strategy<Value = Vec<Edit>> {
        let line = "[ -~]{0,12}";
        prop::collection::vec(
            prop_oneof![line.prop_map(Edit::Keep), line.prop_map(Edit::Add), line.prop_map(Edit::Remove)],
            1..30,
        )
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_the_files(edits in edits(), old_start in 1..99_u32, new_start in 1..99_u32) {
            let (mut old, mut new, mut hunk, mut expected) = (old_start, new_start, String::new(), Vec::new());
            for edit in &edits {
                let (sign, text) = match edit {
                    Edit::Keep(text) => { old += 1; new += 1; expected.push((Side::Kept, new - 1)); (' ', text) }
                    Edit::Add(text) => { new += 1; expected.push((Side::Added, new - 1)); ('+', text) }
                    Edit::Remove(text) => { old += 1; expected.push((Side::Removed, old - 1)); ('-', text) }
                };
                hunk.push('\n');
                hunk.push(sign);
                hunk.push_str(text);
            }
            let text = format!("@@ -{old_start},{} +{new_start},{} @@{hunk}", old - old_start, new - new_start);
            let found: Vec<_> = lines(&text).filter_map(|line| Some((line.side, line.number?))).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn any_text_is_read(text in "(@@ -|[-+ \\\\]|diff --git |--- a/|\\n|[0-9]{1,11}|,| @@|\\PC){0,60}") {
            for line in lines(&text) {
                prop_assert!(text.get(line.range).is_some());
            }
        }
    }
}
