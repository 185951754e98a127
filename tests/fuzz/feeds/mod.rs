//! What each target does with the fuzzer's bytes. An ordinary test (`main.rs`) does the same with the seeds.

mod decoding;

mod archives;
mod azure;
mod bundles;
mod diff;
mod github_audit;
mod indicators;
mod inventory;
mod key_description;
mod office;
mod properties;
mod records;
mod reports;
mod requests;
mod risks;
mod scanner;
mod sigma;
mod values;
mod webhooks;

pub use archives::archives;
pub use azure::azure;
pub use bundles::bundles;
pub use diff::diff;
pub use github_audit::github_audit;
pub use indicators::indicators;
pub use inventory::inventory;
pub use key_description::key_description;
pub use office::office;
pub use properties::properties;
pub use records::records;
pub use reports::reports;
pub use requests::requests;
pub use risks::risks;
pub use scanner::scanner;
pub use sigma::sigma;
pub use values::values;
pub use webhooks::webhooks;

/// A target's name, and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 18] = [
    ("archives", archives),
    ("azure", azure),
    ("bundles", bundles),
    ("diff", diff),
    ("github_audit", github_audit),
    ("indicators", indicators),
    ("inventory", inventory),
    ("key_description", key_description),
    ("office", office),
    ("properties", properties),
    ("records", records),
    ("reports", reports),
    ("requests", requests),
    ("risks", risks),
    ("scanner", scanner),
    ("sigma", sigma),
    ("values", values),
    ("webhooks", webhooks),
];
