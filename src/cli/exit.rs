//! Errors to exit codes and messages.

use super::print;
use crate::config::ConfigError;
use crate::geo::GeoError;
use crate::ingest::IngestError;
use crate::kafka::KafkaFault;
use crate::publish::PublishError;
use crate::scan::ScanError;
use crate::sigma::OverridesError;
use picket_detectors::secrets::{RuleError, Scrubber};
use std::borrow::Cow;
use std::process::ExitCode;

/// Done, with findings at or above `--fail-on`.
pub(super) const FINDINGS: u8 = 1;
/// Wrong usage or configuration.
pub(super) const USAGE: u8 = 2;
const RUNTIME: u8 = 3;

/// Wrong usage that the parser of flags can't see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct UsageError(pub(super) Cow<'static, str>);

impl<T: Into<Cow<'static, str>>> From<T> for UsageError {
    fn from(message: T) -> Self {
        Self(message.into())
    }
}

/// What the parser of flags has to say: help and version are no errors.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    if error.print().is_err() || error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}

/// The code of a command's result; an error is printed. A reader that hangs up is no error.
pub(super) fn code(result: anyhow::Result<ExitCode>) -> ExitCode {
    let error = match result {
        Ok(code) => return code,
        Err(error) => error,
    };
    let is_broken_pipe = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe);
    if is_broken_pipe {
        return ExitCode::SUCCESS;
    }
    // A message may quote a file of the user's, and a secret is never written.
    print::error(&Scrubber::default().scrub_text(&message(&error)));
    ExitCode::from(if is_usage(&error) { USAGE } else { RUNTIME })
}

/// The causes in one line, each once: most messages already quote what caused them.
fn message(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if message.is_empty() {
            message = cause;
        } else if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}

fn is_usage(error: &anyhow::Error) -> bool {
    let missing = |error: &IngestError| matches!(error, IngestError::Missing { .. });
    let unnamed = |error: &KafkaFault| matches!(error, KafkaFault::NoBootstrap);
    let foreign = |error: &PublishError| matches!(error, PublishError::Foreign { .. });
    error.is::<ConfigError>()
        || error.is::<RuleError>()
        || error.downcast_ref::<ScanError>().is_some_and(ScanError::is_usage)
        || error.is::<UsageError>()
        || error.is::<OverridesError>()
        || error.is::<GeoError>()
        || error.downcast_ref::<IngestError>().is_some_and(missing)
        || error.downcast_ref::<PublishError>().is_some_and(foreign)
        || error.downcast_ref::<KafkaFault>().is_some_and(unnamed)
}
