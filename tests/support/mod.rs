//! What the test binaries share.

pub(crate) mod corpus;
pub(crate) mod program;
