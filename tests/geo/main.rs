//! Places: every form of file, what they give to events, and what becomes of broken ones.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that meets the unexpected shall stop")]

#[expect(dead_code, reason = "the other suites use the rest of it")]
#[path = "../support/mod.rs"]
mod support;

mod database;
mod events;
mod files;
