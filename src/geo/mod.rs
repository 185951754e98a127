//! Where addresses lie that a log gives without a place: country, city and autonomous system, from files of the operator.
//!
//! Databases (`.mmdb`; nested, as most have it, or flat) and tables of ranges (CSV). What
//! is found is put onto the event where it is decoded, so that a fold, wherever and whenever it runs, needs no file. What
//! the log itself says is never changed, and an address that no file knows stays unknown, which is never a risk by itself.

mod atlas;
mod csv;
mod error;
mod layout;
mod mmdb;
mod ranges;
mod watch;

pub use atlas::{Atlas, Located};
pub use error::GeoError;
pub use watch::Geography;
