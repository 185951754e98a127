//! Kafka: the distributed engine. Membership, partitioning, transactions and compaction are its, never ours.
//!
//! Two roles with the observations topic between them: [`Role::Route`] turns records into observations keyed by whom they
//! are about; [`Role::Score`] folds them into state and writes what follows. Each batch of either is one transaction.
//! Blocking calls of librdkafka run on one thread a role; the thread that polls is the one that commits, so that no
//! transaction is ever open while partitions come or go.

pub mod client;
mod context;
mod dump;
mod error;
mod intake;
mod letter;
mod local;
mod partitions;
mod restore;
mod route;
mod score;
mod setup;
mod status;
mod ticks;
mod token;
mod topics;
mod wire;
mod worker;
mod writer;

pub use client::Cluster;
pub use dump::{ObservationFile, Positioned, dump_observations};
pub use error::KafkaFault;
pub use setup::{RouteSetup, ScoreSetup, Shared, instance_name};
pub use status::{KafkaStatus, Role};
pub use token::TokenError;
pub use worker::run;
