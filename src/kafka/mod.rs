//! Kafka: one transaction a batch.

pub mod client;
mod context;
mod error;
mod token;
mod topics;
mod wire;
mod writer;

pub use client::Cluster;
pub use error::KafkaFault;
pub use token::TokenError;
