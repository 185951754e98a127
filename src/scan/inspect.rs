//! One worker's eye: reads documents through its window and searches them.

use super::allow::is_allowed;
use super::archive;
use super::encoding::{Content, Utf16, content};
use super::finding::{Commit, Finding, Span};
use super::lines::Lines;
use super::notice::{Notice, Trouble};
use super::order::Outcome;
use super::unpack::Container;
use super::window::Window;
use picket_detectors::secrets::{Origin, Rule, Scanner, Sighting};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use zeroize::Zeroizing;

/// What a stream is taken to be as long as, when nobody knows: bounds what an archive in it may expand to.
const UNKNOWN_SIZE: u64 = 64 << 20;

/// The most findings of one document: a file that is nothing but secrets must not fill the memory.
const MOST_FINDINGS: usize = 10_000;

/// A piece of work.
#[derive(Debug)]
pub enum Work {
    /// A file to search.
    File(PathBuf),
    /// What could not be reached.
    Notice(Notice),
}

/// Searches documents, one after another.
#[derive(Debug)]
pub struct Inspector {
    scanner: Scanner,
    window: Window,
    read: Arc<AtomicU64>,
    /// The rules whose secrets go along with their findings, for asking their issuers.
    kept: Vec<&'static str>,
}

/// What is known of a document besides its text.
#[derive(Debug, Clone)]
pub(super) struct Label {
    pub(super) path: Arc<str>,
    pub(super) commit: Option<Arc<Commit>>,
}

impl Inspector {
    /// With a window of its own; adds the bytes it searches to `read`.
    pub fn new(scanner: Scanner, read: Arc<AtomicU64>) -> Self {
        Self { scanner, window: Window::new(), read, kept: Vec::new() }
    }

    /// Sends the secrets of these rules along with their findings, in clear.
    #[must_use]
    pub fn keeping(self, rules: Vec<&'static str>) -> Self {
        Self { kept: rules, ..self }
    }

    /// Does a piece of work.
    pub fn work(&mut self, work: Work, outcome: &mut Outcome) {
        match work {
            Work::File(path) => self.file(&path, outcome),
            Work::Notice(notice) => outcome.notices.push(notice),
        }
    }

    /// Searches a file.
    pub fn file(&mut self, path: &Path, outcome: &mut Outcome) {
        let label = Label { path: shown(path), commit: None };
        let searched =
            File::open(path).and_then(|file| self.document(&mut &file, &label, &Container::File(&file), outcome));
        note_failure(searched, &label.path, outcome);
    }

    /// Searches a stream.
    pub fn stream(&mut self, reader: &mut dyn Read, path: &str, outcome: &mut Outcome) {
        let label = Label { path: path.into(), commit: None };
        let searched = self.document(reader, &label, &Container::Stream { size: UNKNOWN_SIZE }, outcome);
        note_failure(searched, &label.path, outcome);
    }

    /// Searches bytes in memory.
    pub(super) fn bytes(&mut self, mut bytes: &[u8], label: &Label, outcome: &mut Outcome) {
        let container = Container::Stream { size: bytes.len() as u64 };
        let searched = self.document(&mut bytes, label, &container, outcome);
        note_failure(searched, &label.path, outcome);
    }

    /// Searches one document, whatever its form.
    pub(super) fn document(
        &mut self,
        reader: &mut dyn Read,
        label: &Label,
        container: &Container<'_>,
        outcome: &mut Outcome,
    ) -> io::Result<()> {
        self.window.begin(reader)?;
        if let Some(kind) = archive::kind(self.window.text()) {
            // What is in it needs the window.
            let head = Zeroizing::new(self.window.text().to_vec());
            return self.unpack(kind, &mut head.chain(reader), label, container, outcome);
        }
        match content(self.window.text()) {
            Content::Text => self.text(reader, label, outcome),
            Content::Binary => {
                outcome.tally.binary += 1;
                Ok(())
            }
            Content::Utf16(order) => {
                let head = Zeroizing::new(self.window.text().to_vec());
                let mut reader = Utf16::new(head.chain(reader), order);
                self.window.begin(&mut reader)?;
                self.text(&mut reader, label, outcome)
            }
        }
    }

    /// Searches the document that the window has begun, to its end.
    fn text(&mut self, reader: &mut dyn Read, label: &Label, outcome: &mut Outcome) -> io::Result<()> {
        outcome.tally.documents += 1;
        let first = outcome.findings.len();
        let searched = self.windows(reader, label, outcome);
        if let Some(own) = outcome.findings.get_mut(first..) {
            own.sort_by(|one, other| one.place().cmp(&other.place()));
        }
        searched
    }

    fn windows(&mut self, reader: &mut dyn Read, label: &Label, outcome: &mut Outcome) -> io::Result<()> {
        let (mut lines, first) = (Lines::start(), outcome.findings.len());
        loop {
            let core = self.window.core();
            outcome.tally.bytes += core.len() as u64;
            self.read.fetch_add(core.len() as u64, Ordering::Relaxed);
            self.search(lines, label, outcome);
            if outcome.findings.len() - first > MOST_FINDINGS {
                outcome.findings.truncate(first + MOST_FINDINGS);
                outcome.notices.push(Notice { path: Arc::clone(&label.path), trouble: Trouble::TooManyFindings });
                return Ok(());
            }
            if self.window.is_whole() {
                return Ok(());
            }
            lines = lines.past(self.window.text().get(core).unwrap_or_default());
            if !self.window.advance(reader)? {
                return Ok(());
            }
        }
    }

    /// Searches one window; `lines` stand at its core.
    fn search(&self, lines: Lines, label: &Label, outcome: &mut Outcome) {
        let (text, core) = (self.window.text(), self.window.core());
        let is_kept = |rule: &Rule| self.kept.iter().any(|kept| *kept == rule.id);
        let mut sightings = self.scanner.scan_keeping(text, &Origin { path: Some(&label.path) }, &is_kept);
        sightings.retain(|(sighting, _)| core.contains(&sighting.start));
        sightings.sort_by_key(|(sighting, _)| (sighting.start, sighting.end));
        let (mut lines, mut from) = (lines, core.start);
        for (sighting, clear) in sightings {
            let range = sighting.start..sighting.end;
            if is_allowed(text, &range) {
                outcome.tally.allowed += 1;
                continue;
            }
            let (span, at) = lines.span(text, from, &range);
            (lines, from) = (at, range.start);
            outcome.findings.push(Finding { clear: clear.map(Arc::new), ..finding(sighting, span, label) });
        }
    }
}

fn finding(sighting: Sighting, span: Span, label: &Label) -> Finding {
    Finding {
        path: Arc::clone(&label.path),
        span,
        sighting,
        commit: label.commit.clone(),
        belongs: None,
        verification: None,
        clear: None,
    }
}

fn note_failure(searched: io::Result<()>, path: &Arc<str>, outcome: &mut Outcome) {
    if let Err(error) = searched {
        outcome.notices.push(Notice { path: Arc::clone(path), trouble: Trouble::Unreadable(error) });
    }
}

/// A path as it is shown: without the `./` that means nothing.
pub(super) fn shown(path: &Path) -> Arc<str> {
    let path = path.strip_prefix(".").unwrap_or(path);
    path.to_string_lossy().into()
}
