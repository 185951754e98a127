//! One typed configuration, checked at start.

pub mod kafka;
