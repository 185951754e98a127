//! Kafka, with a real broker: see `broker.rs` for which.

mod broker;
mod exactly_once;
mod feed;
mod instance;
mod wait;
mod world;
