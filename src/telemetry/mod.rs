//! Logs and metrics.

mod logs;
mod metrics;
mod readiness;

pub use logs::start_logging;
pub use metrics::{Metrics, MetricsError, Reload};
pub use readiness::Readiness;
