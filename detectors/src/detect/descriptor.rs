//! What a detector says of itself.

/// What a detector says of itself; documentation, pages and tests are built from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// The `riskEventType` on the wire.
    pub risk_event_type: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// MITRE ATT&CK techniques.
    pub attack: &'static [&'static str],
    /// The log categories it reads.
    pub inputs: &'static [&'static str],
    /// What it looks for.
    pub looks_for: &'static str,
    /// The facts that its detections may rest on.
    pub evidence: &'static [Evidence],
    /// The sections of `rules/scoring.yaml` that make a weight of the evidence.
    pub scored_by: &'static [&'static str],
    /// What is honest and looks like it.
    pub false_positives: &'static [&'static str],
    /// What makes it quiet.
    pub quiet: &'static [&'static str],
    /// What to do about it, in order.
    pub actions: &'static [&'static str],
    /// The Picket version that brought it.
    pub since: &'static str,
}

/// A kind of fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// `evidence.facts[].kind` on the wire.
    pub kind: &'static str,
    /// What it says.
    pub means: &'static str,
    /// The numbers of `rules/scoring.yaml` that weigh it; none where it only tells.
    pub weighed_by: &'static [&'static str],
}

impl Evidence {
    /// A kind of fact, what it says, and what weighs it.
    pub const fn new(kind: &'static str, means: &'static str, weighed_by: &'static [&'static str]) -> Self {
        Self { kind, means, weighed_by }
    }
}
