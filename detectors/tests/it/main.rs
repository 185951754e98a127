//! Behaviour of the fold, through its public interface.

mod commands;
mod credentials;
mod determinism;
mod leaks;
mod purity;
mod signins;
mod support;
