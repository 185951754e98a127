//! Risk: detections, the state they add up to, and its transitions.

mod detection;
mod level;
mod state;

pub use detection::{Detection, Evidence, Fact};
pub use level::{RiskDetail, RiskLevel, RiskStatus};
pub use state::{Contribution, Impact, RiskState, Transition};
