//! A finding: what the scanner sighted, and where in the world that was.

use super::owners::Belonging;
use super::verify::Verification;
use compact_str::CompactString;
use picket_detectors::secrets::{ClearText, Sighting};
use serde::Serialize;
use std::sync::Arc;

/// One credential at one place.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The file; with `!` between an archive and what is in it.
    pub path: Arc<str>,
    /// Where in the file.
    pub span: Span,
    /// What it is. Its byte positions are those of the window that was read.
    pub sighting: Sighting,
    /// The commit that brought it, when a history was read.
    pub commit: Option<Arc<Commit>>,
    /// The application that the inventory gives it to.
    pub belongs: Option<Arc<Belonging>>,
    /// What its issuer said, if it was asked.
    pub verification: Option<Verification>,
    /// The secret, where its issuer is to be asked.
    pub clear: Option<Arc<ClearText>>,
}

/// Lines and columns, from 1. Columns count characters; the end column is one past the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The line where it begins.
    pub line: u64,
    /// The column where it begins.
    pub column: u64,
    /// The line where it ends.
    pub end_line: u64,
    /// The column just past its end.
    pub end_column: u64,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Commit {
    /// Its id in hex.
    pub id: CompactString,
    /// Who wrote it.
    pub author: CompactString,
    /// Their address.
    pub email: CompactString,
    /// When, by RFC 3339.
    pub date: CompactString,
}

impl Finding {
    /// What sorts findings within a file.
    pub fn place(&self) -> (Span, &str) {
        (self.span, &self.sighting.rule)
    }
}
