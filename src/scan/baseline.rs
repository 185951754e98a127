//! Baselines: findings that are known already.
//!
//! A file of JSON lines: the first says what it is and with which key it was written, each of the rest names one secret
//! by its fingerprint; rule and path are there for whoever reads it.

use super::error::ScanError;
use super::finding::Finding;
use picket_detectors::secrets::{Fingerprint, FingerprintKey};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Header {
    picket_baseline: u32,
    key: String,
}

#[derive(Serialize, Deserialize)]
struct Known<'a> {
    fingerprint: String,
    #[serde(borrow)]
    rule: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    path: std::borrow::Cow<'a, str>,
}

/// The secrets that are known.
#[derive(Debug, Default)]
pub struct Baseline {
    fingerprints: BTreeSet<String>,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// When it can't be read, is none, or was written with another key.
    pub fn load(path: &Path, key: &FingerprintKey) -> Result<Self, ScanError> {
        let text = std::fs::read_to_string(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => ScanError::Missing { path: path.to_owned() },
            _ => ScanError::Unreadable { path: path.to_owned(), source },
        })?;
        let bad = |line| ScanError::BadBaseline { path: path.to_owned(), line };
        let mut lines = text.lines();
        let header: Header = lines.next().and_then(|line| serde_json::from_str(line).ok()).ok_or_else(|| bad(1))?;
        if header.picket_baseline != VERSION {
            return Err(bad(1));
        }
        if header.key != name_of(key) {
            return Err(ScanError::ForeignBaseline { path: path.to_owned() });
        }
        let mut fingerprints = BTreeSet::new();
        for (index, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let known: Known<'_> = serde_json::from_str(line).map_err(|_| bad(index + 2))?;
            fingerprints.insert(known.fingerprint);
        }
        Ok(Self { fingerprints })
    }

    /// Whether a finding is known.
    pub fn knows(&self, finding: &Finding) -> bool {
        !self.fingerprints.is_empty() && self.fingerprints.contains(&finding.sighting.fingerprint.to_string())
    }
}

/// Gathers findings for a baseline.
#[derive(Debug, Default)]
pub struct BaselineWriter {
    /// Rule and path of the first place of each secret.
    known: BTreeMap<Fingerprint, (compact_str::CompactString, Arc<str>)>,
}

impl BaselineWriter {
    /// Takes a finding in.
    pub fn add(&mut self, finding: &Finding) {
        let place = || (finding.sighting.rule.clone(), Arc::clone(&finding.path));
        self.known.entry(finding.sighting.fingerprint).or_insert_with(place);
    }

    /// How many secrets it holds.
    pub fn secrets(&self) -> usize {
        self.known.len()
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn save(&self, path: &Path, key: &FingerprintKey) -> Result<(), ScanError> {
        let unwritable = |source| ScanError::Unwritable { path: path.to_owned(), source };
        let mut text = Vec::new();
        let header = Header { picket_baseline: VERSION, key: name_of(key) };
        append(&mut text, &header).map_err(unwritable)?;
        for (fingerprint, (rule, path)) in &self.known {
            let known = Known { fingerprint: fingerprint.to_string(), rule: (&**rule).into(), path: (&**path).into() };
            append(&mut text, &known).map_err(unwritable)?;
        }
        // A pipe or a device is written to, not replaced.
        if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            return std::fs::write(path, text).map_err(unwritable);
        }
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        std::fs::write(&partial, text).and_then(|()| std::fs::rename(&partial, path)).map_err(unwritable)
    }
}

fn append(text: &mut Vec<u8>, line: &impl Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *text, line)?;
    text.write_all(b"\n")
}

/// Tells keys apart without telling them.
fn name_of(key: &FingerprintKey) -> String {
    let mut name = key.hash(b"picket baseline");
    name.truncate(16);
    name
}
