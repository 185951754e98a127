//! What is served over HTTP: metrics, health, and the inbox.

mod connections;
mod ingest;
mod router;
mod server;
mod signature;
mod token;

pub use crate::telemetry::Readiness;
pub use router::{Served, router};
pub use server::Server;
pub use signature::WebhookSecret;
pub use token::Token;
