//! Behaviour of the fold, through its public interface.

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::string_slice, reason = "a test may fail")]

mod commands;
mod credentials;
mod determinism;
mod directory;
mod labelled;
mod leaks;
mod microsoft;
mod purity;
mod signals;
mod secrets;
mod signins;
mod support;
