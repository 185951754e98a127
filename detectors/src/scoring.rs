//! Scoring numbers.
/// Weights, half-lives, levels.
#[derive(Debug, Clone, Default)]
pub struct Scoring {}
