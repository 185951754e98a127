//! A made-up tenant: workloads of every kind with their honest changes, thefts after published techniques, and the truth.
//!
//! Everything follows from the seed. Records come in the order of their arrival, late, doubled and out of order as real
//! exports are; memory is bounded by the number of principals, not by the number of records. What thieves do differs
//! from what honest people do only as it does in the world: they share software, networks and hours.

mod campaign;
mod change;
mod client;
mod estate;
mod kind;
mod label;
mod leak;
mod plane;
mod random;
mod region;
mod resource;
mod rhythm;
mod simulation;
mod sink;
mod site;
mod stage;
mod stamp;
mod wire;
mod workload;

pub use campaign::{CampaignKind, Variant};
pub use kind::WorkloadKind;
pub use simulation::{Options, Simulation};
pub use sink::{Delivered, Stream};
