//! What a replay came to: a table for people, or one JSON object.

use super::print::{BOLD, DIM, level_style};
use crate::pipeline::Totals;
use picket_detectors::event::TenantId;
use serde::Serialize;
use std::fmt::Write;

/// The summary as JSON. `records` is the sum of `events`, `ignored` and `dead_letters`.
#[derive(Debug, Serialize)]
struct Summary {
    records: u64,
    events: u64,
    ignored: u64,
    dead_letters: u64,
    observations: u64,
    detections: u64,
    principals: u64,
    seconds: f64,
    /// Whose records are taken to be that name no tenant, where the logs had to say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
}

/// One JSON object on one line.
pub(super) fn json(totals: &Totals, seconds: f64, tenant: Option<&TenantId>) -> serde_json::Result<Vec<u8>> {
    let summary = Summary {
        records: totals.tally.records,
        events: totals.tally.event_count(),
        ignored: totals.tally.ignored_count(),
        dead_letters: totals.tally.dead_count(),
        observations: totals.observations,
        detections: totals.detection_count(),
        principals: totals.principals,
        seconds: (seconds * 1_000.0).round() / 1_000.0,
        tenant: tenant.map(ToString::to_string),
    };
    let mut line = serde_json::to_vec(&summary)?;
    line.push(b'\n');
    Ok(line)
}

/// A table.
pub(super) fn table(totals: &Totals, seconds: f64, folder: &std::path::Path, tenant: Option<&TenantId>) -> String {
    let tally = &totals.tally;
    let mut text = String::new();
    let rate = tally.records as f64 / seconds.max(0.001);
    row(&mut text, 0, "records", tally.records, &format!("in {seconds:.1} s, {rate:.0} a second"));
    section(&mut text, "events", tally.event_count(), &tally.events);
    section(&mut text, "ignored", tally.ignored_count(), &tally.ignored);
    section(&mut text, "dead letters", tally.dead_count(), &tally.dead);
    let seen_before = format!("{} seen before, {} late", totals.duplicates, totals.late);
    row(&mut text, 0, "observations", totals.observations, &seen_before);
    row(&mut text, 0, "principals", totals.principals, "");
    section(&mut text, "detections", totals.detection_count(), &totals.detections);
    if !totals.shadowed.is_empty() {
        section(&mut text, "in shadow", totals.shadowed.values().sum(), &totals.shadowed);
    }
    row(&mut text, 0, "changes of risk", totals.transitions.values().sum(), "");
    for level in ["high", "medium", "low", "none"] {
        if let Some(count) = totals.transitions.get(level) {
            let style = level_style(level);
            push(&mut text, format_args!("  {style}{:<38}{style:#} {count:>12}\n", format!("to {level}")));
        }
    }
    if let Some(tenant) = tenant {
        push(&mut text, format_args!("{DIM}records that name no tenant count for {tenant}, as the logs do{DIM:#}\n"));
    }
    push(&mut text, format_args!("{DIM}outputs are in {}{DIM:#}\n", folder.display()));
    text
}

type Counts = std::collections::BTreeMap<compact_str::CompactString, u64>;

fn section(text: &mut String, name: &str, all: u64, counts: &Counts) {
    row(text, 0, name, all, "");
    let mut sorted: Vec<_> = counts.iter().collect();
    sorted.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
    for (name, count) in sorted {
        row(text, 2, name, *count, "");
    }
}

fn row(text: &mut String, indent: usize, name: &str, count: u64, note: &str) {
    let style = if indent == 0 { BOLD } else { anstyle::Style::new() };
    let width = 40 - indent;
    // Names come from input: nothing in them may steer the terminal.
    let name: String = name.chars().filter(|c| !c.is_control()).take(width).collect();
    push(text, format_args!("{:indent$}{style}{name:<width$}{style:#} {count:>12}", ""));
    push(text, format_args!("{}{DIM}{note}{DIM:#}\n", if note.is_empty() { "" } else { "   " }));
}

/// Writing to a string can't fail.
fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _infallible = text.write_fmt(arguments).is_ok();
}
