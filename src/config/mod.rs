//! One typed configuration, checked at start.
//!
//! Sources, weakest first: built-in defaults, a TOML file, the environment (`PICKET__SECTION__KEY`), flags. Every value
//! knows where it came from.

mod check;
mod detectors;
mod error;
mod expected;
pub mod kafka;
mod layers;
mod nearest;
mod raw;

pub use check::{Clock, Config, Input, Log, LogFormat, Mode, Serve, StoreConfig};
pub use error::ConfigError;
pub use kafka::Kafka;
pub use layers::{Layers, Origin};
pub use raw::RawConfig;
