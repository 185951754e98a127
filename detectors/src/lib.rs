//! Judges workload identities: typed events, profiles, detectors, risk.
//!
//! Pure: no I/O, no async, no clock, no randomness. The same observations give the same verdicts, byte for byte.

pub mod detect;
pub mod directory;
pub mod engine;
pub mod event;
pub mod expectations;
mod fold;
mod learn;
pub mod observation;
pub mod profile;
pub mod reference;
pub mod risk;
pub mod scoring;
pub mod secrets;
pub mod state;
pub mod tenant;
