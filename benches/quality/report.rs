//! The plain table on standard output.

use crate::arguments::Arguments;
use crate::interval::Share;
use crate::measure::{Measured, Score, THRESHOLDS};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Everything, as text.
pub(crate) fn table(all: &Measured, arguments: &Arguments) -> String {
    let mut text = String::new();
    // Writing into a string never fails.
    write_table(&mut text, all, arguments).unwrap_or_default();
    text
}

fn write_table(text: &mut String, all: &Measured, arguments: &Arguments) -> std::fmt::Result {
    let set = if arguments.held_out { "held out" } else { "for tuning" };
    writeln!(
        text,
        "\nseeds {:?} ({set}), {} principals, {} days",
        arguments.seeds, arguments.principals, arguments.days
    )?;
    judge(text, "picket", &all.picket)?;
    for (count, score) in all.membership.iter().enumerate() {
        judge(text, &format!("set membership, {} new at once", count + 1), score)?;
    }
    judge(text, "peers' rules", &all.peers)?;
    writeln!(text, "\ncold starts: {}", all.cold)?;
    if arguments.held_out {
        writeln!(text, "kinds of campaigns never tuned on: {}", all.held_out_kinds)?;
    }
    breakdown(text, all)?;
    writeln!(text, "\nthreshold  recall, false rises per 1,000 principals and day")?;
    for (threshold, (found, rises)) in THRESHOLDS.iter().zip(&all.curve) {
        writeln!(text, "  {threshold:>5}  {found}  {:.2}", 1_000.0 * f64::from(*rises) / all.picket.days.max(1.0))?;
    }
    writeln!(text, "\nreliability: score of a principal's day, share that were thefts")?;
    for (bin, share) in all.reliability.iter().enumerate() {
        writeln!(text, "  {:>3} to {:>3}  {share}", bin * 10, bin * 10 + 10)?;
    }
    details(text, all, arguments.misses)
}

fn judge(text: &mut String, name: &str, score: &Score) -> std::fmt::Result {
    writeln!(text, "\n{name}")?;
    writeln!(text, "  recall within 24 h            {}", score.found)?;
    writeln!(text, "  recall at any time            {}", score.ever)?;
    writeln!(text, "  precision of rises            {}", score.precision())?;
    writeln!(text, "  false rises per 1,000 p. day  {:.2} ({})", score.rate(), score.false_rises)?;
    let early = 1_000.0 * f64::from(score.early_rises) / score.early_days.max(1.0);
    writeln!(text, "  … of principals under 14 d    {early:.2} ({})", score.early_rises)?;
    writeln!(
        text,
        "  false days at medium          {:.1} per 1,000 principal days",
        1_000.0 * score.days_at_medium / (score.days + score.early_days).max(1.0)
    )?;
    writeln!(text, "  median minutes to detect      {:.1}", score.median())
}

fn breakdown(text: &mut String, all: &Measured) -> std::fmt::Result {
    writeln!(text, "\nrecall by campaign")?;
    let mut kinds: BTreeMap<&str, [Share; 2]> = BTreeMap::new();
    for ((kind, variant), share) in &all.by_kind {
        let both = kinds.entry(kind).or_default();
        if let Some(mine) = both.get_mut(usize::from(variant == "stealthy")) {
            *mine = *share;
        }
    }
    for (kind, [loud, stealthy]) in kinds {
        writeln!(text, "  {kind:<24} loud {loud:<38} stealthy {stealthy}")?;
    }
    writeln!(text, "\nby workload: recall; false rises (new ones too) per 1,000 principals and day")?;
    for (kind, (rises, days)) in &all.false_by_workload {
        let share = all.by_workload.get(kind).copied().unwrap_or_default();
        writeln!(text, "  {kind:<20} {share:<40} {:.2} ({rises})", 1_000.0 * f64::from(*rises) / days.max(1.0))?;
    }
    Ok(())
}

fn details(text: &mut String, all: &Measured, most: usize) -> std::fmt::Result {
    writeln!(text, "\nmissed campaigns")?;
    for miss in all.misses.iter().take(most) {
        writeln!(text, "  {miss}")?;
    }
    writeln!(text, "\nfalse rises: detection: strongest evidence <- honest change [workload]; an example")?;
    let mut causes: Vec<_> = all.causes.iter().collect();
    causes.sort_by_key(|(cause, (count, _))| (std::cmp::Reverse(*count), (*cause).clone()));
    for (cause, (count, example)) in causes.into_iter().take(most) {
        writeln!(text, "  {count:>4}  {cause}   ({example})")?;
    }
    Ok(())
}
