//! Kafka, with a real broker: see `broker.rs` for which.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests fail as tests do"
)]

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
