//! The embedded way to run, by the real program.

#[path = "../support/mod.rs"]
mod support;

mod configuration;
mod damage;
mod determinism;
mod inbox;
mod inputs;
mod stopping;
