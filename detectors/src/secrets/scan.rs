//! Finds secrets: one automaton over the rules' literals says where to look, the rules look there.

use super::rule::{RULES, Rule, Tier};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::collections::BTreeMap;
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
pub(super) struct Scanner {
    /// All literals: most text has none and is done here.
    any: AhoCorasick,
    /// Tier by tier, surest first.
    tiers: Vec<TierScanner>,
}

#[derive(Debug)]
struct TierScanner {
    automaton: AhoCorasick,
    /// The rule of each of the automaton's patterns.
    rules: Vec<&'static Rule>,
}

impl Scanner {
    pub(super) fn new() -> Self {
        let tiers = Tier::ALL.map(|tier| {
            let rules = RULES.iter().filter(|rule| rule.tier == tier);
            let pairs: Vec<_> = rules.flat_map(|rule| rule.literals.iter().map(move |text| (*text, *rule))).collect();
            TierScanner {
                automaton: automaton(pairs.iter().map(|(text, _)| *text)),
                rules: pairs.into_iter().map(|(_, rule)| rule).collect(),
            }
        });
        Self { any: automaton(RULES.iter().flat_map(|rule| rule.literals.iter().copied())), tiers: tiers.into() }
    }

    /// All secrets in the text.
    pub(super) fn scan(&self, text: &[u8]) -> Spans {
        let mut spans = Spans::new();
        if self.any.is_match(text) {
            for tier in &self.tiers {
                tier.scan(text, &mut spans);
            }
        }
        spans
    }
}

impl TierScanner {
    fn scan(&self, text: &[u8], spans: &mut Spans) {
        for hit in self.automaton.find_overlapping_iter(text) {
            let Some(rule) = self.rules.get(hit.pattern().as_usize()) else { continue };
            let Some(gap) = gap_around(spans, hit.range(), text.len()) else { continue };
            let literal = hit.start() - gap.start..hit.end() - gap.start;
            let Some(visible) = text.get(gap.clone()) else { continue };
            if let Some(range) = (rule.recognise)(visible, literal) {
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
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(literals)
        .expect("a short list of short literals")
}
