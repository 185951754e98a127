//! Files of indicators: what form each has, and what of it can be taken.

use super::error::{Complaint, ComplaintReason};
use super::indicator::{Indicator, Subject};
use super::{csv, list, spamhaus, stix};
use crate::folder;
use compact_str::CompactString;
use picket_detectors::event::EventTime;
use std::path::{Path, PathBuf};

/// The confidence of what says nothing of it: in the middle of STIX's scale.
const CONFIDENCE: u8 = 50;
/// Indicators that are kept; each takes about a hundred bytes.
const CAPACITY: usize = 5_000_000;
/// Complaints that are kept; a file of another kind would give one a line.
const COMPLAINTS: usize = 1_000;
/// The longest file read.
const FILE_BYTES: u64 = 1 << 30;

/// What came of reading.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// What was taken.
    pub indicators: Vec<Indicator>,
    /// What was not.
    pub complaints: Vec<Complaint>,
}

/// Collects what is read of one file.
pub(super) struct Desk<'r> {
    file: &'r str,
    source: CompactString,
    reading: &'r mut Reading,
}

impl Desk<'_> {
    /// An indicator with what holds where nothing is said.
    pub(super) fn usual(&self) -> Indicator {
        Indicator {
            subject: Subject::Asn(0),
            source: self.source.clone(),
            confidence: CONFIDENCE,
            label: None,
            from: None,
            until: None,
        }
    }

    pub(super) fn take(&mut self, indicator: Indicator) {
        if self.reading.indicators.len() < CAPACITY {
            self.reading.indicators.push(indicator);
        } else if self.reading.indicators.len() == CAPACITY {
            self.complain(None, ComplaintReason::TooMany(CAPACITY));
        }
    }

    pub(super) fn complain(&mut self, line: Option<usize>, reason: ComplaintReason) {
        let complaint = Complaint { file: self.file.to_owned(), line, reason };
        let told = self.reading.complaints.last() == Some(&complaint);
        if self.reading.complaints.len() < COMPLAINTS && !told {
            self.reading.complaints.push(complaint);
        }
    }
}

/// Reads files and folders, in the order of their names.
pub fn read(paths: &[PathBuf]) -> Reading {
    let mut reading = Reading::default();
    for path in paths {
        for file in folder::files(path) {
            match file {
                Ok(file) => read_file(&file, &mut reading),
                Err(error) => unreadable(error.path().unwrap_or(path), error.to_string(), &mut reading),
            }
        }
    }
    reading
}

fn unreadable(path: &Path, error: String, reading: &mut Reading) {
    let reason = ComplaintReason::Unreadable(error);
    reading.complaints.push(Complaint { file: path.display().to_string(), line: None, reason });
}

fn read_file(path: &Path, reading: &mut Reading) {
    let long = std::fs::metadata(path).is_ok_and(|about| about.len() > FILE_BYTES);
    if long {
        return unreadable(path, format!("longer than {FILE_BYTES} bytes"), reading);
    }
    match std::fs::read(path) {
        Ok(bytes) => {
            let name = path.display().to_string();
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            read_text(&name, &stem, &String::from_utf8_lossy(&bytes), reading);
        }
        Err(error) => unreadable(path, error.to_string(), reading),
    }
}

/// Reads a text by its form.
pub(super) fn read_text(file: &str, source: &str, text: &str, reading: &mut Reading) {
    let text = text.trim_start_matches('\u{feff}');
    let mut desk = Desk { file, source: source.into(), reading };
    let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
    if first.trim_start().starts_with('{') {
        if spamhaus::is_one(first) {
            spamhaus::read(text, &mut desk);
        } else if stix::is_one(text) {
            stix::read(text, &mut desk);
        } else {
            desk.complain(None, ComplaintReason::Malformed("STIX bundle and no Spamhaus DROP"));
        }
    } else if csv::is_header(first) {
        csv::read(text, &mut desk);
    } else {
        list::read(text, &mut desk);
    }
}

/// A confidence between 0 and 100.
pub(super) fn confidence(text: &str) -> Result<u8, ComplaintReason> {
    text.trim().parse().ok().filter(|confidence| *confidence <= 100).ok_or(ComplaintReason::Confidence)
}

/// A time; a bare day is its beginning.
pub(super) fn time(text: &str) -> Result<EventTime, ComplaintReason> {
    let text = text.trim();
    crate::decode::parse_time(text)
        .or_else(|| crate::decode::parse_time(&format!("{text}T00:00:00Z")))
        .ok_or(ComplaintReason::Time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(text: &str) -> Reading {
        let mut reading = Reading::default();
        read_text("a file", "a list", text, &mut reading);
        reading
    }

    fn shown(reading: &Reading) -> Vec<String> {
        let show = |one: &Indicator| {
            let until = one.until.map(|until| format!(" until {until}")).unwrap_or_default();
            let label = one.label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
            format!("{} {} {}{label}{until}", one.subject, one.source, one.confidence)
        };
        let complaints = reading.complaints.iter().map(ToString::to_string);
        reading.indicators.iter().map(show).chain(complaints).collect()
    }

    #[test]
    fn every_form_is_read() {
        let list =
            "# confidence: 80\n# source: ours\n203.0.113.0/24 ; SBL1\n\nAS64496\n10.0.0.0/7\nevil.example # seen\n";
        let csv = "type,indicator,confidence,valid_until,description\nip,203.0.113.7,90,2027-01-31,\"a, b\"\nip,nonsense here,,,\nip,203.0.113.8,101,,\n";
        let drop = "{\"cidr\":\"203.0.113.0/24\",\"sblid\":\"SBL1\",\"rir\":\"x\"}\n{\"asn\":64496,\"asname\":\"BAD\"}\n{\"type\":\"metadata\",\"records\":2}\n{\"cidr\":\"0.0.0.0/0\"}\n";
        let stix = r#"{"type":"bundle","id":"bundle--1","objects":[
            {"type":"identity","id":"identity--1","name":"A team"},
            {"type":"indicator","id":"indicator--1","name":"relay","created_by_ref":"identity--1","pattern":"[ipv4-addr:value = '203.0.113.7']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","valid_until":"2027-01-01T00:00:00Z","confidence":85},
            {"type":"indicator","id":"indicator--2","revoked":true,"pattern":"[ipv4-addr:value = '203.0.113.8']"},
            {"type":"indicator","id":"indicator--3","pattern":"[file:name = 'x']"}]}"#;
        let all: Vec<String> = [list, csv, drop, stix].iter().flat_map(|text| shown(&of(text))).collect();
        insta::assert_snapshot!(all.join("\n"), @r"
        203.0.113.0/24 ours 80 (SBL1)
        AS64496 ours 80
        evil.example ours 80 (seen)
        a file:6: /7 is too wide: at least /8 is needed
        203.0.113.7 a list 90 (a, b) until 2027-01-31T00:00:00Z
        a file:3: is no address, network, AS number (AS64496), application id or domain
        a file:4: confidence must lie between 0 and 100
        203.0.113.0/24 a list 50 (SBL1)
        AS64496 a list 50 (BAD)
        a file:4: /0 is too wide: at least /8 is needed
        203.0.113.7 A team 85 (relay) until 2027-01-01T00:00:00Z
        a file:4: the pattern is more than a choice of addresses, domains and AS numbers
        ");
    }

    proptest! {
        #[test]
        fn rubbish_never_panics(text in "\\PC{0,200}", head in prop::sample::select(vec!["", "indicator,asn\n", "{\"cidr\":", "{\"type\":\"bundle\",\"objects\":[", "# until: "])) {
            drop(of(&format!("{head}{text}")));
        }

        #[test]
        fn patterns_never_panic(pattern in "[\\[\\]()=,' A-Za-z0-9:./-]{0,80}") {
            let text = serde_json::json!({"type":"bundle","objects":[{"type":"indicator","pattern":pattern}]}).to_string();
            drop(of(&text));
        }
    }
}
