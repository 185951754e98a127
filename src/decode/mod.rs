//! Bytes to events: every shape in which the records come.

mod audit;
mod azure_activity;
mod azure_trust;
mod caller;
mod category;
mod code_feed;
mod command;
mod dispatch;
mod envelope;
mod github_audit;
mod graph_activity;
mod inventory;
mod json;
mod key_vault;
mod leaf;
mod managed_identity;
mod mark;
mod microsoft_risk;
mod office;
mod outcome;
mod refusal;
mod role_assignment;
pub(crate) mod scan;
mod shapes;
mod sign_in;
mod table;
mod time;
mod token_id;
mod unfold;
mod user_risk;
mod wire;
mod wire_key;
mod wrapped;

pub use mark::{CurrentDecoder, Decoder, Mark, MarkHolder};
pub use outcome::{Decoded, Outcome, Reason, ReasonCode};
pub use shapes::decode;
pub use time::parse as parse_time;

use picket_detectors::event::TenantId;
use picket_detectors::secrets::Scrubber;
use std::sync::Arc;

/// What decoding needs to know besides the bytes.
#[derive(Debug, Clone)]
pub struct Context {
    /// The tenant of records that name none (bare Graph resources).
    pub default_tenant: TenantId,
    /// Size limits.
    pub limits: Limits,
    /// Takes secrets out of code feeds, with the deployment's fingerprint key.
    pub scrubber: Arc<Scrubber>,
}

/// Size limits; what is larger becomes a dead letter.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of one value (an envelope with all its records).
    pub value_bytes: usize,
    /// Bytes of one record.
    pub record_bytes: usize,
    /// Records of one value.
    pub records: usize,
    /// Nesting of objects and lists.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { value_bytes: 64 << 20, record_bytes: 1 << 20, records: 100_000, depth: 64 }
    }
}
