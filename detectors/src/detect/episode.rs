//! Episodes: the evidence of one principal's day under one detector, added up, told once, and told again only where it
//! has become much stronger.

use super::calibration::CALIBRATION;
use super::finding::{Ask, Findings};
use super::{Descriptor, Scene};
use crate::profile::{Property, Quarantined, describe};
use crate::risk::{Entry, Fate};
use crate::scoring::{Episodes, weight_of};
use crate::tenant::DoubtKind;
use compact_str::{CompactString, format_compact};

/// One piece of evidence, before it is put into words.
pub(super) struct Factor {
    /// The value it is about, if it is about one.
    pub(super) habit: Option<(Property, u32)>,
    /// The name in the facts.
    pub(super) kind: &'static str,
    /// How much it speaks for theft.
    pub(super) bits: f64,
    /// Whether the value was never seen before: then it is not to be learned.
    pub(super) is_new: bool,
}

impl Factor {
    /// Evidence about a value.
    pub(super) fn of(property: Property, value: u32, kind: &'static str, bits: f64, is_new: bool) -> Self {
        Self { habit: Some((property, value)), kind, bits, is_new }
    }

    /// Evidence about something that is no value.
    pub(super) fn bare(kind: &'static str, bits: f64) -> Self {
        Self { habit: None, kind, bits, is_new: false }
    }
}

/// What is worth telling of an episode.
pub(super) struct Told {
    /// What it is counted under.
    pub(super) cause: CompactString,
    /// The sum of the evidence.
    pub(super) bits: f64,
    /// What that is worth.
    pub(super) weight: f64,
}

/// Reports the evidence of one event if it is strong enough: its new values go to quarantine, and it is told unless the
/// same was told before. Gives what is to be told.
pub(super) fn report(
    scene: &Scene<'_>,
    (detector, kind): (&Descriptor, Option<DoubtKind>),
    numbers: &Episodes,
    factors: &[Factor],
    findings: &mut Findings,
) -> Option<Told> {
    let sum = |counts: fn(&&Factor) -> bool| factors.iter().filter(counts).map(|factor| factor.bits).sum::<f64>();
    let (bits, by_itself) = (sum(|_| true), sum(|factor| factor.kind != CALIBRATION));
    if by_itself < numbers.report_bits {
        return None;
    }
    let weight = weight_of(bits, numbers.even_bits, numbers.weight_cap);
    let new: Vec<(Property, u32)> =
        factors.iter().filter(|factor| factor.is_new).filter_map(|factor| factor.habit).collect();
    let cause = cause(scene, detector, &new);
    for (property, value) in &new {
        findings.asks.push(Ask::Quarantine(*property, *value, cause.clone()));
    }
    let weight = if goes_on(scene, numbers, factors) { as_before(scene, &cause, weight)? } else { weight };
    let told = tell(scene, cause, numbers, (bits, weight), findings)?;
    let is_doubtful = by_itself < numbers.even_bits;
    findings.asks.extend(kind.filter(|_| is_doubtful).map(Ask::Doubt));
    Some(told)
}

/// Whether what was held apart on an earlier day comes again, and what is new beside it says little: who changes its
/// address every day does so beside anything.
fn goes_on(scene: &Scene<'_>, numbers: &Episodes, factors: &[Factor]) -> bool {
    let (old, new): (Vec<_>, Vec<_>) = factors
        .iter()
        .filter(|factor| factor.is_new)
        .partition(|factor| factor.habit.is_some_and(|value| held_since_earlier(scene, value).is_some()));
    let fresh: f64 = new.iter().map(|factor| factor.bits.max(0.0)).sum();
    !old.is_empty() && fresh < numbers.new_detection_bits
}

/// Whether all that is new was seen on an earlier day already, and held apart since.
pub(super) fn recurs(scene: &Scene<'_>, new: &[(Property, u32)]) -> bool {
    !new.is_empty() && new.iter().all(|value| held_since_earlier(scene, *value).is_some())
}

fn held_since_earlier<'s>(scene: &'s Scene<'_>, (property, value): (Property, u32)) -> Option<&'s Quarantined> {
    let held = scene.profile.findings.quarantine.find(property, value)?;
    held.days.days().last().is_some_and(|first| first < scene.time.day()).then_some(held)
}

/// What was judged once says nothing new when it comes again: it counts as it did then, and no more once it has faded.
/// `None` if it has: a thief does not wait for weeks between one act and the next of the same kind, a workload does.
fn as_before(scene: &Scene<'_>, cause: &str, weight: f64) -> Option<f64> {
    match scene.profile.findings.ledger.find(cause, scene.now) {
        Some((entry, current)) if entry.fate == Fate::Stands => {
            (current >= entry.weight / 2.0).then_some(weight.min(entry.weight))
        }
        _ => Some(weight),
    }
}

/// Reports evidence that has a cause of its own.
pub(super) fn report_as(
    scene: &Scene<'_>,
    cause: CompactString,
    numbers: &Episodes,
    bits: f64,
    findings: &mut Findings,
) -> Option<Told> {
    if bits < numbers.report_bits {
        return None;
    }
    let weight = weight_of(bits, numbers.even_bits, numbers.weight_cap);
    tell(scene, cause, numbers, (bits, weight), findings)
}

fn tell(
    scene: &Scene<'_>,
    cause: CompactString,
    numbers: &Episodes,
    (bits, weight): (f64, f64),
    findings: &mut Findings,
) -> Option<Told> {
    match scene.standing_weight(&cause) {
        Some(standing) if !is_told_again(standing, weight, numbers) && !tips(scene, &cause, weight) => {
            findings.asks.push(Ask::Renew(cause, weight));
            None
        }
        _ => Some(Told { cause, bits, weight }),
    }
}

/// The cause that names the episode: an earlier one if it holds all that is new here, or if it stands and holds some of
/// it, for nothing counts twice; else today's. One that was cleared takes in no more than what it held: a theft after a
/// dismissal is an episode of its own, and so is one beside what is expected.
pub(super) fn cause(scene: &Scene<'_>, detector: &Descriptor, new: &[(Property, u32)]) -> CompactString {
    let findings = &scene.profile.findings;
    let held: Option<Vec<_>> =
        new.iter().map(|(property, value)| findings.quarantine.find(*property, *value)).collect();
    if let Some(first) = held.into_iter().flatten().map(|held| &held.cause).min() {
        return first.clone();
    }
    let (name, day) = (detector.risk_event_type, scene.time.day());
    let only_expected = |entry: &Entry| entry.held > 0.0 && entry.weight <= 0.0 && !scene.is_expected(name);
    let is_closed = |entry: &Entry| entry.fate != Fate::Stands || only_expected(entry);
    let stands =
        |cause: &&CompactString| findings.ledger.find(cause, scene.now).is_some_and(|(entry, _)| !is_closed(entry));
    let earlier = new.iter().filter_map(|value| held_since_earlier(scene, *value)).map(|held| &held.cause);
    if let Some(first) = earlier.filter(stands).min() {
        return first.clone();
    }
    let mut cause = format_compact!("{name}:{day}");
    let mut ordinal = 1;
    while findings.ledger.find(&cause, scene.now).is_some_and(|(entry, _)| is_closed(entry)) {
        ordinal += 1;
        cause = format_compact!("{name}:{day}.{ordinal}");
    }
    cause
}

/// Within an episode only evidence much stronger than what stands, as it has faded, is worth another detection.
fn is_told_again(standing: f64, weight: f64, numbers: &Episodes) -> bool {
    let bits = |weight: f64| -(1.0 / weight - 1.0).log2();
    bits(weight) >= bits(standing) + numbers.new_detection_bits
}

/// Whether this makes theft the likelier explanation, which it was not yet: what raises an alarm is told with its evidence.
fn tips(scene: &Scene<'_>, cause: &str, weight: f64) -> bool {
    const EVEN: f64 = 0.5;
    weight >= EVEN && scene.told_weight(cause).is_some_and(|told| told < EVEN)
}

/// The most frequent known values of a property in words, else how many are known.
pub(super) fn usual(scene: &Scene<'_>, property: Property, is_new: bool) -> CompactString {
    let known = scene.profile.habits.known(property, scene.cutoff);
    let active = scene.profile.habits.days_with(property, scene.cutoff).max(1.0);
    let words: Vec<_> = known
        .iter()
        .take(3)
        .filter_map(|(value, days)| {
            let word = describe(property, *value, &scene.engine.reference)?;
            let share = (100.0 * days / active).min(100.0);
            Some(format!("{word} ({share:.0} % of days)"))
        })
        .collect();
    let novelty = if is_new { "never this one; " } else { "" };
    match (words.is_empty(), known.len()) {
        (true, 0) => "nothing known".into(),
        (true, 1) => format_compact!("{novelty}1 value known"),
        (true, n) => format_compact!("{novelty}{n} values known"),
        (false, n) if n > 3 => format_compact!("{novelty}{} and {} more", words.join(", "), n - 3),
        (false, _) => format_compact!("{novelty}{}", words.join(", ")),
    }
}
