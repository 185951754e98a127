//! What the same evidence is worth in this tenant: less where doubtful findings are common, for honest change is.
//!
//! The shipped numbers are set for so many doubtful findings in 1,000 principals a day (`alerts.doubtful`). A tenant that
//! has twice as many has, by all that is known, twice as much honest change at any strength of evidence: one bit less. An
//! operator who wants twice as many alerts asks for one bit more.

use super::Scene;
use super::episode::Factor;
use super::finding::fact;
use crate::risk::Fact;
use crate::tenant::DoubtKind;
use compact_str::format_compact;

/// The name of it among the evidence.
pub(crate) const CALIBRATION: &str = "commonHere";

/// The evidence that it is, if it is worth a word.
pub(super) fn calibration(scene: &Scene<'_>, kind: DoubtKind) -> Option<Factor> {
    const LEAST: f64 = 0.05;
    let bits = bits(scene, kind);
    (bits.abs() >= LEAST).then(|| Factor::bare(CALIBRATION, bits))
}

fn bits(scene: &Scene<'_>, kind: DoubtKind) -> f64 {
    let numbers = &scene.engine.scoring.alerts;
    let expected = match kind {
        DoubtKind::SignIn => numbers.doubtful.sign_ins,
        DoubtKind::ApiTraffic => numbers.doubtful.api_traffic,
        DoubtKind::CredentialAddition => numbers.doubtful.credential_additions,
    };
    let (findings, known) = (f64::from(scene.peers.doubts.of(kind)), thousand_principal_days(scene));
    let prior = numbers.half_known_thousand_principal_days;
    let commoner = (prior * expected + findings) / ((prior + known) * expected);
    let wanted = scene.engine.alerts_per_1000_principals_day / numbers.per_1000_principals_day;
    wanted.log2() - commoner.log2().clamp(-numbers.most_bits_less_common, numbers.most_bits_more_common)
}

fn thousand_principal_days(scene: &Scene<'_>) -> f64 {
    f64::from(scene.peers.doubts.principal_days) / 1_000.0
}

/// The evidence in words.
pub(super) fn in_words(scene: &Scene<'_>, kind: DoubtKind, bits: f64) -> Fact {
    let known = thousand_principal_days(scene).max(0.001);
    let rate = f64::from(scene.peers.doubts.of(kind)) / known;
    fact(CALIBRATION, format_compact!("{rate:.1} like it in 1,000 of the tenant's principals a day"), "", bits)
}
