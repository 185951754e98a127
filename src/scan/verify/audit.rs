//! The account of requests: an NDJSON file that only grows. A request that can't be accounted for is not sent.

use super::target::Target;
use super::verification::{Answer, Because, Standing};
use crate::clock;
use crate::scan::error::ScanError;
use compact_str::CompactString;
use picket_detectors::event::{AppId, TenantId};
use picket_detectors::secrets::Fingerprint;
use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The file.
#[derive(Debug)]
pub struct Audit {
    path: PathBuf,
    file: File,
}

/// What was asked, never with which secret.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) verifier: &'static str,
    pub(super) target: &'a Target,
    pub(super) rule: &'a CompactString,
    pub(super) fingerprint: Fingerprint,
}

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    step: &'static str,
    verifier: &'static str,
    tenant: &'a TenantId,
    app_id: &'a AppId,
    rule: &'a str,
    fingerprint: Fingerprint,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Standing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Because>,
}

impl Audit {
    /// Opens the file, or makes it; what it holds stays.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn open(path: &Path) -> Result<Self, ScanError> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|source| ScanError::Unwritable { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Accounts for a request that is about to be sent.
    pub(super) fn ask(&mut self, asked: Asked<'_>) -> Result<(), ScanError> {
        self.write(asked, None)
    }

    /// Accounts for its answer.
    pub(super) fn answer(&mut self, asked: Asked<'_>, answer: Answer) -> Result<(), ScanError> {
        self.write(asked, Some(answer))
    }

    fn write(&mut self, asked: Asked<'_>, answer: Option<Answer>) -> Result<(), ScanError> {
        let line = Line {
            time: clock::now().to_string(),
            step: if answer.is_some() { "answered" } else { "asked" },
            verifier: asked.verifier,
            tenant: &asked.target.tenant,
            app_id: &asked.target.app,
            rule: asked.rule,
            fingerprint: asked.fingerprint,
            result: answer.map(|answer| answer.standing),
            reason: answer.map(|answer| answer.because),
        };
        self.append(&line).map_err(|source| ScanError::Unwritable { path: self.path.clone(), source })
    }

    fn append(&mut self, line: &Line<'_>) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.file.write_all(&text)?;
        self.file.sync_data()
    }
}
