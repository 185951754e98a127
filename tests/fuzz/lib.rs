//! What the targets do.

pub mod feeds;
