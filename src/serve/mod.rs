//! What is served over HTTP: metrics, health, and the inbox.

mod ingest;
mod router;
mod token;

pub use router::{Readiness, Served, router};
pub use token::Token;
