//! Behaviour of the fold, through its public interface.

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::string_slice, reason = "a test may fail")]

mod acts;
mod administrators;
mod calls;
mod commands;
mod consent;
mod credentials;
mod determinism;
mod directory;
mod expected;
mod going_on;
mod labelled;
mod leaks;
mod microsoft;
mod outside_azure;
mod peers;
mod purity;
mod repositories;
mod secrets;
mod signals;
mod signins;
mod spray;
mod support;
mod taken_further;
mod unseen;
mod users;
mod woken;
