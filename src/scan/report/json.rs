//! NDJSON: one object a finding.

use super::Report;
use crate::scan::finding::{Commit, Finding};
use crate::scan::owners::Belonging;
use crate::scan::verify::Verification;
use picket_detectors::secrets::rule::{Kind, Severity};
use picket_detectors::secrets::{Fingerprint, OwnerHints, Reason, Side, Sureness};
use serde::Serialize;
use std::io::{self, Write};

/// One line of JSON a finding.
#[derive(Debug, Default)]
pub struct Json;

/// A finding as the line has it.
#[derive(Debug, Serialize)]
pub(super) struct Entry<'a> {
    rule: &'a str,
    title: &'a str,
    provider: &'a str,
    kind: Kind,
    severity: Severity,
    path: &'a str,
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    confidence: Sureness,
    reasons: &'a [Reason],
    redacted: &'a str,
    fingerprint: Fingerprint,
    owner: Owner<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<&'a Verification>,
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a Commit>,
}

/// Whose it is: what stands near it, and what the inventory makes of that.
#[derive(Debug, Serialize)]
pub(super) struct Owner<'a> {
    #[serde(flatten)]
    hints: &'a OwnerHints,
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<&'a Belonging>,
}

impl<'a> From<&'a Finding> for Owner<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self { hints: &finding.sighting.owner, application: finding.belongs.as_deref() }
    }
}

impl<'a> From<&'a Finding> for Entry<'a> {
    fn from(finding: &'a Finding) -> Self {
        let (sighting, span) = (&finding.sighting, finding.span);
        Self {
            rule: &sighting.rule,
            title: &sighting.title,
            provider: &sighting.provider,
            kind: sighting.kind,
            severity: sighting.severity,
            path: &finding.path,
            line: span.line,
            column: span.column,
            end_line: span.end_line,
            end_column: span.end_column,
            confidence: sighting.confidence,
            reasons: &sighting.reasons,
            redacted: &sighting.redacted,
            fingerprint: sighting.fingerprint,
            owner: finding.into(),
            verification: finding.verification.as_ref(),
            side: sighting.side,
            commit: finding.commit.as_deref(),
        }
    }
}

impl Report for Json {
    fn finding(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, &Entry::from(finding))?;
        out.write_all(b"\n")
    }
}
