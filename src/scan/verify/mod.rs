//! Asking issuers whether found credentials still work. Off unless the operator switches it on.
//!
//! A [`Verifier`] knows one issuer. It has no other way out than the [`Egress`], which sends to the hosts that the operator
//! named and to no others, follows no redirect and uses no proxy. The [`Inquirer`] paces the requests, asks once a secret,
//! and writes an account of each request before it is sent and after it was answered ([`Audit`]).
//!
//! Invariants: the secret goes into the one request and nowhere else; what the issuer gives in return (a token) is wiped
//! unread but for the question whether there is one; nothing is sent that the account does not hold.

mod audit;
mod egress;
mod entra;
mod form;
mod inquirer;
mod pace;
mod target;
mod terms;
mod verification;
mod wiping;

pub use audit::Audit;
pub use egress::{Egress, Refusal, Reply};
pub use entra::Entra;
pub use inquirer::Inquirer;
pub use target::Target;
pub use terms::{Terms, is_endpoint};
pub use verification::{Answer, Because, Standing, Verification};

use picket_detectors::secrets::ClearText;
use std::fmt;

/// Asks one issuer whether its credentials work.
pub trait Verifier: fmt::Debug + Send {
    /// What the account calls it.
    fn name(&self) -> &'static str;

    /// The rules whose secrets it can ask about.
    fn rules(&self) -> &'static [&'static str];

    /// Asks. `egress` is the only way to the network.
    fn ask(&self, target: &Target, secret: &ClearText, egress: &Egress) -> Answer;
}
