//! A risk timeline: one row a principal, one cell a half day, the level as a block.

use super::print::{BOLD, DIM, level_style};
use crate::demo::Story;
use serde::Deserialize;
use std::fmt::Write;

/// What is read of a transition.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    display_name: Option<String>,
    date_time: String,
    risk_level: String,
    risk_state: String,
}

/// Half a day in microseconds.
const CELL: i64 = 12 * 3_600 * 1_000_000;

/// Draws the timeline of a story.
pub(super) fn timeline(story: &Story, transitions: &[Line]) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let (start, end) = story.days;
    let cells = end.since(start) / CELL;
    let day = |time: picket_detectors::event::EventTime| time.to_string().chars().take(10).collect::<String>();
    writeln!(
        text,
        "\n{BOLD}Risk over time{BOLD:#} {DIM}(a cell is half a day; {} to {}){DIM:#}",
        day(start),
        day(end)
    )?;
    for (name, _) in &story.cast {
        write!(text, "  {name:<15} ")?;
        for cell in 0..cells {
            let until = start.plus((cell + 1) * CELL).to_string();
            let level = level_at(transitions, name, &until);
            let style = level_style(level);
            write!(text, "{style}{}{style:#}", block(level))?;
        }
        writeln!(text, "  {}", last_state(transitions, name))?;
    }
    Ok(text)
}

/// The level that held at the end of a half day.
fn level_at<'a>(transitions: &'a [Line], name: &str, until: &str) -> &'a str {
    let of_it = |line: &&Line| line.display_name.as_deref() == Some(name) && *line.date_time < *until;
    transitions.iter().rfind(of_it).map_or("none", |line| line.risk_level.as_str())
}

fn last_state<'a>(transitions: &'a [Line], name: &str) -> &'a str {
    let last = transitions.iter().rfind(|line| line.display_name.as_deref() == Some(name));
    last.map_or("quiet", |line| line.risk_state.as_str())
}

fn block(level: &str) -> char {
    match level {
        "high" => '█',
        "medium" => '▅',
        "low" => '▂',
        _ => '·',
    }
}
