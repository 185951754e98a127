//! Structured logs, to standard error.

use crate::config::{Log, LogFormat};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging. A second start in one process (tests) changes nothing.
pub fn start_logging(log: &Log) {
    // The storage engine's own news matter only when something is wrong with it; a filter may still ask for them.
    let filter = format!("fjall=warn,lsm_tree=error,{}", log.level).parse::<EnvFilter>().unwrap_or_default();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Text => builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).finish().try_init(),
        LogFormat::Json => builder.json().finish().try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
