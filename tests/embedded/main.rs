//! The embedded way to run, by the real program.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that meets the unexpected shall stop")]
#![expect(clippy::naive_bytecount, reason = "outputs are small")]

#[path = "../support/mod.rs"]
mod support;

mod alerts;
mod configuration;
mod damage;
mod determinism;
mod inbox;
mod inputs;
mod stopping;
mod tenants;
