//! Rules are data: what a credential looks like, who issues it, how bad its leak is.

mod error;
pub(super) mod file;
pub(super) mod gitleaks;
mod model;
pub(super) mod shipped;
pub(super) mod template;

pub use error::{Complaint, RuleError};
pub use model::{Kind, Rule, RuleFile, Severity};
