//! Risk: detections, the state they add up to, and its transitions.

mod decay;
mod detection;
mod incident;
mod ledger;
mod level;
mod situation;
mod state;

pub use detection::{Detection, Evidence, Fact};
pub use incident::{Fallen, Incident, IncidentChange};
pub(crate) use ledger::{Entry, Fate, Ledger};
pub use level::{RiskDetail, RiskLevel, RiskStatus};
pub use situation::{LastChange, Reach, Situation};
pub use state::{Contribution, Impact, RiskState, Transition};
