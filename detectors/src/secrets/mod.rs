//! The secret scanner: finds credentials in any bytes, takes them out, and reads back what it left in their place.
//!
//! [`Scrubber::scrub`] replaces every secret by a *mark*: rule, proof, hint and keyed fingerprint, in plain ASCII. So a
//! body can be scrubbed before anything durable sees it and still be decoded to findings afterwards ([`find_marks`],
//! [`nearby`]). Invariant: what `scrub` gives back holds no secret that `scrub` would find.
//!
//! A rule is one `tier::Rule` in one file and one line in `tier::RULES`.

mod alert;
mod assignment;
mod aws;
mod boundary;
mod candidate;
mod certificate;
mod check;
mod clear;
mod connection;
mod context;
mod curl;
mod decoded;
mod der;
mod encoding;
mod engine;
mod entra;
mod entropy;
mod expression;
mod foreign;
mod gcp;
mod generic;
mod gram;
mod jwt;
mod key;
mod lines;
mod mark;
mod marvin;
mod member;
mod named;
mod names;
mod owner;
mod password;
mod password_form;
mod path;
mod pattern;
mod pfx;
mod prefilter;
mod private_key;
mod redact;
pub mod rule;
mod scan;
mod scanner;
mod scrub;
mod sighting;
mod strength;
#[cfg(test)]
mod tests;
mod tier;
mod unescape;
mod url;
mod value;
mod words;

pub use clear::ClearText;
pub use context::{Nearby, nearby};
pub use key::{Fingerprint, FingerprintKey};
pub use mark::{Mark, find_marks};
pub use rule::{Complaint, Kind, Rule, RuleError, RuleFile, Severity};
pub use scanner::{Origin, Scanner};
pub use scrub::Scrubber;
pub use sighting::{OwnerHints, Reason, Side, Sighting, Sureness};

/// The rule of Entra client secrets that carry their marker (`8Q~`, `7Q~`, …).
pub const ENTRA_CLIENT_SECRET: &str = "entra-client-secret";

/// The rule of client secrets known by the name before them only; Entra's if an application id stands near.
pub const NAMED_CLIENT_SECRET: &str = "named-client-secret";

/// The rule of AWS key ids: the half of a pair that is no secret.
pub const AWS_KEY_ID: &str = "aws-access-key-id";

/// The rules of private keys: with their certificate they are credentials of an application.
pub const PRIVATE_KEYS: [&str; 3] = ["private-key", "private-key-base64", "azure-pfx"];
