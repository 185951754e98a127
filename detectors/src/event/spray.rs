//! What an address block tells the principals that it was refused as.

use serde::{Deserialize, Serialize};

/// Several principals were refused from one address block within a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spray {
    /// The block, as habits know it.
    pub prefix: u32,
    /// How many principals, so far.
    pub principals: u32,
}
