//! Finds secrets: an automaton over the rules' literals, one a tier, says where to look, and the rules look there.

use super::tier::{RULES, Rule, Tier};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A secret found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// Where it ends; where it begins is its key in [`Spans`].
    pub(super) end: usize,
    /// By which rule.
    pub(super) rule: &'static Rule,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.tier == other.tier
    }
}

impl Eq for Rule {}

/// Secrets by where they begin; they never overlap.
pub(super) type Spans = BTreeMap<usize, Found>;

/// All rules, ready to run.
#[derive(Debug)]
pub(super) struct Tiers {
    /// Tier by tier, surest first.
    tiers: Vec<TierScanner>,
}

#[derive(Debug)]
struct TierScanner {
    automaton: AhoCorasick,
    /// The rules of each of the automaton's patterns.
    rules: Vec<Vec<&'static Rule>>,
}

impl Tiers {
    pub(super) fn new() -> Self {
        let tiers = Tier::ALL.map(|tier| {
            let rules = || RULES.iter().copied().filter(|rule| rule.tier == tier);
            let literals: BTreeSet<_> = rules().flat_map(|rule| rule.literals).copied().collect();
            TierScanner {
                automaton: automaton(literals.iter().copied()),
                rules: literals
                    .iter()
                    .map(|literal| rules().filter(|rule| rule.literals.contains(literal)).collect())
                    .collect(),
            }
        });
        Self { tiers: tiers.into() }
    }

    /// The secrets in the text that a checksum proves.
    pub(super) fn scan_proven(&self, text: &[u8]) -> Spans {
        let mut spans = Spans::new();
        if let Some(surest) = self.tiers.first() {
            surest.scan(text, &mut spans);
        }
        spans
    }

    /// All secrets in the text.
    pub(super) fn scan(&self, text: &[u8]) -> Spans {
        let mut spans = Spans::new();
        for tier in &self.tiers {
            tier.scan(text, &mut spans);
        }
        spans
    }
}

impl TierScanner {
    fn scan(&self, text: &[u8], spans: &mut Spans) {
        for hit in self.automaton.find_iter(text) {
            let Some(gap) = gap_around(spans, hit.range(), text.len()) else { continue };
            let literal = hit.start() - gap.start..hit.end() - gap.start;
            let visible = text.get(gap.clone()).unwrap_or_default();
            let mut rules = self.rules.get(hit.pattern().as_usize()).into_iter().flatten();
            let found = rules.find_map(|rule| Some((*rule, (rule.recognise)(visible, literal.clone())?)));
            if let Some((rule, range)) = found {
                spans.insert(gap.start + range.start, Found { end: gap.start + range.end, rule });
            }
        }
    }
}

/// The stretch between the secrets left and right of a literal; `None` if it lies in one of them. Rules see no further,
/// so that a second scan, which finds marks there instead, sees the same boundaries.
fn gap_around(spans: &Spans, literal: Range<usize>, end: usize) -> Option<Range<usize>> {
    let left = spans.range(..literal.end).next_back().map_or(0, |(_, found)| found.end);
    let right = spans.range(literal.end..).next().map_or(end, |(start, _)| *start);
    (left <= literal.start).then_some(left..right)
}

#[expect(
    clippy::expect_used,
    reason = "building fails only beyond 2^31 states; the literals are a short constant list"
)]
fn automaton(literals: impl Iterator<Item = &'static str>) -> AhoCorasick {
    // Leftmost matching of few literals in their own case lets the library skip through text with vector instructions.
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .kind(Some(AhoCorasickKind::DFA))
        .build(literals)
        .expect("a short list of short literals")
}
