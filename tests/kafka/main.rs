//! Kafka, with a real broker: see `broker.rs` for which.

mod broker;
mod check;
mod end_to_end;
mod exactly_once;
mod fallback;
mod faults;
mod feed;
mod instance;
mod login;
mod outsider;
mod refusals;
mod wait;
mod world;
