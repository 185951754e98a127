#![doc = include_str!("../docs/ARCHITECTURE.md")]

pub mod cli;
pub mod clock;
pub mod config;
pub mod decode;
pub mod demo;
pub mod ingest;
pub mod intelligence;
pub mod kafka;
pub mod pipeline;
pub mod publish;
pub mod record;
pub mod serve;
pub mod sigma;
pub mod simulate;
pub mod store;
pub mod telemetry;
