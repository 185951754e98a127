//! Threat intelligence: indicators of compromise that the operator gives, as files or folders.
//!
//! Addresses and networks, autonomous systems, application ids and domains, from plain lists, CSV, Spamhaus DROP as JSON
//! lines, and STIX 2.1 bundles. Each has a source, a confidence and perhaps an end; what is over-wide or not public is
//! refused by line. What is seen travels with the event; what it weighs is decided by `investigationsThreatIntelligence`.

mod csv;
mod error;
mod indicator;
mod list;
mod read;
mod seen;
mod spamhaus;
mod stix;
mod table;
mod watch;

pub(crate) use csv::cells;
pub use error::{Complaint, ComplaintReason};
pub use indicator::{Indicator, Subject};
pub use read::{Reading, read};
pub use table::Table;
pub use watch::Indicators;
