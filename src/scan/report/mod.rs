//! Findings in the forms that people and programs read. None of them holds a secret.

mod github;
mod gitlab;
mod json;
mod sarif;
mod text;

pub use github::GitHub;
pub use gitlab::GitLab;
pub use json::Json;
pub use sarif::Sarif;
pub use text::Text;

use super::finding::Finding;
use std::io::{self, Write};

/// Writes findings one by one, so that their number costs no memory.
pub trait Report: Send {
    /// Writes what comes before the first.
    ///
    /// # Errors
    /// When `out` can't be written.
    fn begin(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// Writes one.
    ///
    /// # Errors
    /// When `out` can't be written.
    fn finding(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()>;

    /// Writes what comes after the last.
    ///
    /// # Errors
    /// When `out` can't be written.
    fn end(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// The title of a finding for lists: what it is and how sure that is.
fn headline(finding: &Finding) -> String {
    let asked = finding.verification.as_ref().map_or_else(String::new, |verification| format!(", {verification}"));
    format!("{} ({} confidence{asked})", finding.sighting.title, confidence(finding))
}

fn confidence(finding: &Finding) -> &'static str {
    use picket_detectors::secrets::Sureness;
    match finding.sighting.confidence {
        Sureness::Low => "low",
        Sureness::Medium => "medium",
        Sureness::High => "high",
    }
}

/// Puts a comma before every element but the first.
#[derive(Debug, Default)]
struct Separator {
    wrote: bool,
}

impl Separator {
    fn write(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let text: &[u8] = if self.wrote { b",\n" } else { b"\n" };
        self.wrote = true;
        out.write_all(text)
    }
}
