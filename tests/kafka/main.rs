//! Kafka, with a real broker: see `broker.rs` for which.

mod broker;
mod check;
mod exactly_once;
mod feed;
mod instance;
mod outsider;
mod wait;
mod world;
