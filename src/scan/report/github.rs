//! GitHub's workflow commands: annotations on the lines of a pull request.

use super::{Report, headline};
use crate::scan::finding::Finding;
use picket_detectors::secrets::Sureness;
use std::io::{self, Write};

/// One `::error` (high), `::warning` (medium) or `::notice` (low) a finding.
#[derive(Debug, Default)]
pub struct GitHub;

impl Report for GitHub {
    fn finding(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let (sighting, span) = (&finding.sighting, finding.span);
        let command = match sighting.confidence {
            Sureness::High => "error",
            Sureness::Medium => "warning",
            Sureness::Low => "notice",
        };
        write!(out, "::{command} file={},line={},endLine={}", property(&finding.path), span.line, span.end_line)?;
        if span.line == span.end_line {
            // Columns of several lines are refused.
            write!(out, ",col={},endColumn={}", span.column, span.end_column)?;
        }
        let message = format!(
            "{}. Take it out, and revoke it: it stays in the history. Rule {}, fingerprint {}.",
            sighting.redacted, sighting.rule, sighting.fingerprint
        );
        writeln!(out, ",title={}::{}", property(&headline(finding)), escaped(&message))
    }
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}
