//! Reference lists.
/// Privileges and well-known names.
#[derive(Debug, Clone, Default)]
pub struct Reference {}
