//! SARIF 2.1.0, for code-scanning services and editors.

use super::json::Owner;
use super::{Report, Separator, headline};
use crate::scan::finding::{Commit, Finding};
use crate::scan::verify::Verification;
use picket_detectors::secrets::rule::{Kind, Rule, Severity};
use picket_detectors::secrets::{Reason, Scanner, Sureness};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

/// One run with all rules, and one result a finding.
#[derive(Debug)]
pub struct Sarif {
    scanner: Scanner,
    /// The place of each rule in the list.
    indexes: BTreeMap<compact_str::CompactString, usize>,
    separator: Separator,
}

impl Sarif {
    /// Of findings that this scanner made.
    pub fn new(scanner: Scanner) -> Self {
        let indexes = scanner.rules().enumerate().map(|(index, rule)| (rule.id.clone(), index)).collect();
        Self { scanner, indexes, separator: Separator::default() }
    }
}

impl Report for Sarif {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let rules: Vec<_> = self.scanner.rules().map(described).collect();
        let driver = json!({
            "name": "picket",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        });
        writeln!(
            out,
            r#"{{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{{"tool":{{"driver":{driver}}},"columnKind":"unicodeCodePoints","results":["#
        )
    }

    fn finding(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        self.separator.write(out)?;
        let rule_index = self.indexes.get(&finding.sighting.rule).copied();
        serde_json::to_writer(out, &result(finding, rule_index))?;
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\n]}}]}}")
    }
}

fn described(rule: &Rule) -> serde_json::Value {
    let mut described = json!({
        "id": rule.id,
        "name": rule.id,
        "shortDescription": { "text": rule.title },
        "defaultConfiguration": { "level": level(rule.confidence) },
        "properties": {
            "tags": ["security", "secret", rule.provider],
            "precision": precision(rule.confidence),
            "security-severity": severity(rule.severity),
        },
    });
    // An address must be one, or the whole log is refused.
    let page = rule.references.iter().find(|page| page.starts_with("https://"));
    if let (Some(page), Some(members)) = (page, described.as_object_mut()) {
        members.insert("helpUri".to_owned(), json!(page));
    }
    described
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: serde_json::Value,
    locations: [serde_json::Value; 1],
    partial_fingerprints: serde_json::Value,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Properties<'a> {
    confidence: Sureness,
    reasons: &'a [Reason],
    provider: &'a str,
    kind: Kind,
    redacted: &'a str,
    owner: Owner<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<&'a Verification>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a Commit>,
}

fn result(finding: &Finding, rule_index: Option<usize>) -> Outcome<'_> {
    let (sighting, span) = (&finding.sighting, finding.span);
    Outcome {
        rule_id: &sighting.rule,
        rule_index,
        level: level(sighting.confidence),
        message: json!({ "text": format!("{}: {}", headline(finding), sighting.redacted) }),
        locations: [json!({ "physicalLocation": {
            "artifactLocation": { "uri": uri(&finding.path) },
            "region": {
                "startLine": span.line,
                "startColumn": span.column,
                "endLine": span.end_line,
                "endColumn": span.end_column,
            },
        }})],
        partial_fingerprints: json!({ "picketSecret/v1": sighting.fingerprint }),
        properties: Properties {
            confidence: sighting.confidence,
            reasons: &sighting.reasons,
            provider: &sighting.provider,
            kind: sighting.kind,
            redacted: &sighting.redacted,
            owner: finding.into(),
            verification: finding.verification.as_ref(),
            commit: finding.commit.as_deref(),
        },
    }
}

fn level(confidence: Sureness) -> &'static str {
    match confidence {
        Sureness::High => "error",
        Sureness::Medium => "warning",
        Sureness::Low => "note",
    }
}

/// As code-scanning services name it.
fn precision(confidence: Sureness) -> &'static str {
    match confidence {
        Sureness::High => "very-high",
        Sureness::Medium => "medium",
        Sureness::Low => "low",
    }
}

/// On the scale that code-scanning services sort by: above 9 critical, 7 high, 4 medium.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}

/// A path as a relative reference, or as an address if it is absolute.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len() + 8);
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' | b'!' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.push(char::from(byte));
            }
            // Writing to a string in memory can't fail.
            _ => write!(uri, "%{byte:02X}").unwrap_or_default(),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references() {
        let cases = [
            ("src/a b.env", "src/a%20b.env"),
            ("/srv/x.env", "file:///srv/x.env"),
            ("a.zip!c:d", "a.zip!c%3Ad"),
            ("\u{e9}", "%C3%A9"),
        ];
        for (path, expected) in cases {
            assert_eq!(uri(path), expected, "{path}");
        }
    }
}
