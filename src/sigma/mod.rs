//! Sigma rules: what an attack looks like in one record, as data.
//!
//! Rules are evaluated by `rsigma-eval` behind this module, over records as they stand on the wire and over what Picket
//! has understood of them (`picket.*`, see [`FIELDS`]). No JSON tree of the record is built: members are found when a rule
//! asks for them. Which rules are looked at for a record is decided by what they read (the evaluator indexes them by the
//! values that they need), not by the log source that they name: that is often wrong.
//!
//! Picket's own rules are compiled in (`rules/sigma`); an operator's folders are loaded beside them and watched. What is
//! found travels with the event; what it weighs is decided by `sigmaRuleMatch`.

mod builtin;
mod catalogue;
mod check;
mod correlation;
mod coverage;
mod detector_page;
mod error;
mod json;
mod load;
mod overrides;
mod record;
mod rule;
mod set;
mod understood;
mod watch;

pub use catalogue::{CatalogueError, catalogue};
pub use check::{Checked, Fault, Tested, check, test};
pub use coverage::{Coverage, coverage, navigator_layer};
pub use detector_page::{Story, detector_page};
pub use error::{Refusal, RefusalReason};
pub use load::{Loaded, RuleSource, compile, load, read_folders};
pub use overrides::{Override, Overrides, OverridesError};
pub use rule::{Origin, Rule, State};
pub use set::RuleSet;
pub use understood::FIELDS;
pub use watch::{ReloadError, RuleFiles, Rules};
