//! What is served over HTTP: metrics, health, and the inbox.

mod ingest;
mod router;
mod server;
mod token;

pub use router::{Readiness, Served, router};
pub use server::Server;
pub use token::Token;
