//! Publishing: what was committed, to those who read it, each at its own pace with a cursor of its own.

mod cursor;
mod error;
mod ndjson;
mod owner;
mod publisher;

pub use error::PublishError;
pub use ndjson::{NdjsonFiles, RiskStates};
pub use publisher::{Echo, publish_until_end, publish_waiting};
