//! Spamhaus DROP, EDROP and ASN-DROP as JSON lines: `{"cidr":…,"sblid":…}`, `{"asn":…,"asname":…}`, and a line of
//! metadata with its time.

use super::error::ComplaintReason;
use super::indicator::{Indicator, Subject};
use super::read::Desk;
use compact_str::CompactString;
use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: Option<String>,
    cidr: Option<String>,
    sblid: Option<CompactString>,
    asn: Option<u32>,
    asname: Option<CompactString>,
}

/// Whether a first line is one of these.
pub(super) fn is_one(line: &str) -> bool {
    serde_json::from_str::<Line>(line).is_ok_and(|line| line.cidr.is_some() || line.asn.is_some())
}

pub(super) fn read(text: &str, desk: &mut Desk<'_>) {
    let usual = desk.usual();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        match entry(line) {
            Ok(Some((subject, label))) => desk.take(Indicator { subject, label, ..usual.clone() }),
            Ok(None) => {}
            Err(reason) => desk.complain(Some(number), reason),
        }
    }
}

fn entry(line: &str) -> Result<Option<(Subject, Option<CompactString>)>, ComplaintReason> {
    let malformed = ComplaintReason::Malformed("line of Spamhaus DROP");
    let Ok(line) = serde_json::from_str::<Line>(line) else { return Err(malformed) };
    match (line.cidr, line.asn) {
        _ if line.kind.as_deref() == Some("metadata") => Ok(None),
        (Some(cidr), _) => Ok(Some((Subject::parse(&cidr)?, line.sblid))),
        (None, Some(asn)) => Ok(Some((Subject::Asn(asn), line.asname))),
        (None, None) => Err(malformed),
    }
}
