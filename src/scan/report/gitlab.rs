//! GitLab's secret-detection report.

use super::{Report, Separator, headline};
use crate::scan::finding::Finding;
use picket_detectors::event::NAMESPACE;
use picket_detectors::secrets::rule::Severity;
use serde_json::json;
use std::io::{self, Write};
use uuid::Uuid;

/// The version of the report format that this is written for.
const FORMAT: &str = "15.2.1";

/// The format wants the times of the scan. Equal input gives equal bytes, so it gets none that tell.
const TIME: &str = "1970-01-01T00:00:00";

/// The commit of what is in no history.
const NO_COMMIT: &str = "0000000";

/// One vulnerability a finding.
#[derive(Debug, Default)]
pub struct GitLab {
    separator: Separator,
}

impl Report for GitLab {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, r#"{{"version":"{FORMAT}","vulnerabilities":["#)
    }

    fn finding(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        self.separator.write(out)?;
        serde_json::to_writer(out, &vulnerability(finding))?;
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let tool = json!({
            "id": "picket",
            "name": "Picket",
            "version": env!("CARGO_PKG_VERSION"),
            "vendor": { "name": "Picket" },
        });
        let scan = json!({
            "analyzer": tool,
            "scanner": tool,
            "type": "secret_detection",
            "start_time": TIME,
            "end_time": TIME,
            "status": "success",
        });
        writeln!(out, "\n],\"scan\":{scan}}}")
    }
}

fn vulnerability(finding: &Finding) -> serde_json::Value {
    let (sighting, span) = (&finding.sighting, finding.span);
    let commit = finding.commit.as_ref().map_or(NO_COMMIT, |commit| &commit.id);
    let place = format!("{}\0{commit}\0{}\0{}\0{}", finding.path, span.line, span.column, sighting.fingerprint);
    json!({
        "id": Uuid::new_v5(&NAMESPACE, place.as_bytes()),
        "name": sighting.title,
        "description": format!("{}: {}", headline(finding), sighting.redacted),
        "severity": severity(sighting.severity),
        "solution": "Take it out, and revoke it: it stays in the history.",
        "location": {
            "file": &*finding.path,
            "start_line": span.line,
            "end_line": span.end_line,
            "commit": { "sha": commit },
        },
        "identifiers": [{
            "type": "picket_rule_id",
            "name": format!("Picket rule {}", sighting.rule),
            "value": sighting.rule,
        }],
    })
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Info => "Info",
    }
}
