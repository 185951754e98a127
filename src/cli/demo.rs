//! `picket demo`: runs a made-up story through the real thing and shows it in the terminal.

use super::print::{self, BOLD, DIM, level_style};
use super::story_line::{Line, timeline};
use crate::demo::{Story, story};
use anyhow::Context as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};

#[derive(Debug, Deserialize)]
struct Summary {
    records: u64,
    events: u64,
    ignored: u64,
    dead_letters: u64,
    detections: u64,
    seconds: f64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detection {
    id: String,
    service_principal_display_name: String,
    risk_event_type: String,
    risk_level: String,
    activity_date_time: String,
    explanation: String,
    evidence: Evidence,
}

#[derive(Debug, Deserialize)]
struct Evidence {
    facts: Vec<Fact>,
}

#[derive(Debug, Deserialize)]
struct Fact {
    kind: String,
    observed: String,
    usual: String,
    bits: f64,
}

/// Runs the demonstration and prints it.
pub(super) fn demo(keep: Option<&Path>) -> anyhow::Result<ExitCode> {
    let temporary = std::env::temp_dir().join(format!("picket-demo-{}", std::process::id()));
    let folder = keep.unwrap_or(&temporary);
    let told = tell(folder);
    if keep.is_none() {
        // Nothing of the demonstration is worth keeping, and a folder that can't be removed is no failure of it.
        let _left_behind = std::fs::remove_dir_all(folder).is_err();
    }
    print::out(told?.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn tell(folder: &Path) -> anyhow::Result<String> {
    let story = story();
    let summary = judge(&story, folder)?;
    let detections: Vec<Detection> = read(&folder.join("out/risk-detections.ndjson"))?;
    let transitions: Vec<Line> = read(&folder.join("out/risk-transitions.ndjson"))?;
    let mut text = String::new();
    opening(&mut text, &story, &summary)?;
    fired(&mut text, &detections)?;
    text.push_str(&timeline(&story, &transitions)?);
    closing(&mut text)?;
    Ok(text)
}

/// Writes the story to files and replays them with this very program.
fn judge(story: &Story, folder: &Path) -> anyhow::Result<Summary> {
    let write = |name: &str, records: &[serde_json::Value]| {
        let lines = records.iter().map(serde_json::Value::to_string).collect::<Vec<_>>().join("\n");
        std::fs::write(folder.join(name), lines)
            .with_context(|| format!("cannot write {}", folder.join(name).display()))
    };
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    write("inventory.ndjson", &story.inventory)?;
    write("logs.ndjson", &story.records)?;
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    let output = Command::new(program)
        .args(["--log-level", "error", "replay", "--json", "--inventory"])
        .arg(folder.join("inventory.ndjson"))
        .arg(folder.join("logs.ndjson"))
        .arg("--out")
        .arg(folder.join("out"))
        .output()
        .context("cannot run the replay")?;
    anyhow::ensure!(output.status.success(), "the replay failed: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("the replay printed no summary")
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Vec<T>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn opening(text: &mut String, story: &Story, summary: &Summary) -> std::fmt::Result {
    let Summary { records, events, ignored, dead_letters, detections, seconds } = summary;
    writeln!(text, "{BOLD}Six weeks of a small tenant, made up{BOLD:#}")?;
    writeln!(
        text,
        "{DIM}{records} records = {events} events + {ignored} ignored + {dead_letters} dead letters; {detections} detections in {seconds:.2} s{DIM:#}\n"
    )?;
    for (name, fate) in &story.cast {
        writeln!(text, "  {BOLD}{name:<15}{BOLD:#} {fate}")?;
    }
    writeln!(text, "\n{BOLD}What was learned, and what fired{BOLD:#}")
}

fn fired(text: &mut String, detections: &[Detection]) -> std::fmt::Result {
    for one in detections {
        let style = level_style(&one.risk_level);
        let (when, level) = (one.activity_date_time.replace('T', " ").replace('Z', ""), &one.risk_level);
        writeln!(
            text,
            "\n  {when:.16}  {style}{level:<6}{style:#}  {BOLD}{}{BOLD:#}  {}",
            one.service_principal_display_name, one.risk_event_type
        )?;
        writeln!(text, "  {}", one.explanation)?;
        for fact in &one.evidence.facts {
            let bits = if fact.bits.abs() < 0.05 { String::new() } else { format!("{:+.1} bits", fact.bits) };
            let usual =
                if fact.usual.is_empty() { String::new() } else { format!("{DIM}usual: {}{DIM:#}", fact.usual) };
            writeln!(text, "    {:<18} {:<38} {bits:>10}  {usual}", fact.kind, fact.observed)?;
        }
        writeln!(text, "    {DIM}id {}{DIM:#}", one.id)?;
    }
    Ok(())
}

fn closing(text: &mut String) -> std::fmt::Result {
    writeln!(
        text,
        "\nNext: `picket replay YOUR-LOGS --inventory YOUR-EXPORT.json --out out/` judges your own history,"
    )?;
    writeln!(
        text,
        "`picket demo --keep DIR` keeps these files, and `picket explain ID --in DIR/out` shows a score's arithmetic."
    )
}
