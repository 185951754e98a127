//! Picket: finds workload identities that were taken over, and says so within a second.
//!
//! This crate is everything that touches the world; judging is in `picket_detectors`.
//! A stage imports from the stages before it, never from those after (see `docs/ARCHITECTURE.md`).

pub mod cli;
pub mod clock;
pub mod config;
pub mod decode;
pub mod ingest;
pub mod pipeline;
pub mod publish;
pub mod record;
pub mod serve;
pub mod store;
pub mod telemetry;
