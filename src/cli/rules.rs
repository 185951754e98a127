//! `picket rules`: what the rules are, whether they do what they say, what they would find.

use super::args::{Common, RulesCommand};
use super::exit::UsageError;
use super::{engine, exit, print};
use crate::config::Config;
use crate::ingest::{ValueReader, find_files, open};
use crate::sigma::{
    Checked, FIELDS, Fault, Loaded, Rule, RuleFiles, catalogue, check, coverage, detector_page, navigator_layer,
    read_folders, test,
};
use anyhow::Context as _;
use picket_detectors::detect::descriptor;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

pub(super) fn rules(common: &Common, command: &RulesCommand) -> anyhow::Result<ExitCode> {
    let config = Config::check(&engine::layers(common)?)?;
    match command {
        RulesCommand::Check { paths } => return checked(&with(config.rules, paths)),
        RulesCommand::List { paths, json } => list(&with(config.rules, paths), *json)?,
        RulesCommand::Test { files, rules } => tested(&with(config.rules, rules), files, config.limits.value_bytes)?,
        RulesCommand::Coverage { navigator } => covered(&config.rules, navigator.as_deref())?,
        RulesCommand::Catalogue { detector: None } => {
            print::out(catalogue(load(&config.rules)?.rules.rules())?.as_bytes())?;
        }
        RulesCommand::Catalogue { detector: Some(name) } => {
            let unknown = || UsageError::from("there is no such detector: `picket rules catalogue` lists them");
            let detector = descriptor(name).ok_or_else(unknown)?;
            print::out(detector_page(detector, &[])?.as_bytes())?;
        }
        RulesCommand::Fields => fields()?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The configured rules and those named besides.
fn with(mut files: RuleFiles, paths: &[PathBuf]) -> RuleFiles {
    files.folders.extend_from_slice(paths);
    files
}

/// Exit code 2 where a rule is at fault: the configuration is wrong.
fn checked(files: &RuleFiles) -> anyhow::Result<ExitCode> {
    let overrides = files.overrides()?;
    let (sources, unreadable) = read_folders(&files.folders);
    let Checked { rules, examples, mut faults } = check(&sources, &overrides);
    faults.extend(unreadable.into_iter().map(Fault::Refused));
    for fault in &faults {
        print::error(&fault.to_string());
    }
    let text = format!("{rules} rules, {examples} examples, {} faults\n", faults.len());
    print::out(text.as_bytes())?;
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(exit::USAGE) })
}

fn load(files: &RuleFiles) -> anyhow::Result<Loaded> {
    let loaded = files.load()?;
    for refusal in &loaded.refused {
        print::error(&refusal.to_string());
    }
    Ok(loaded)
}

fn list(files: &RuleFiles, json: bool) -> anyhow::Result<()> {
    let loaded = load(files)?;
    let mut text = String::new();
    for rule in loaded.rules.rules().iter().chain(loaded.rules.correlations()) {
        if json {
            let line = serde_json::json!({
                "id": rule.id, "title": rule.title, "level": rule.level, "state": rule.state, "origin": rule.origin,
                "attack": rule.attack, "weight": rule.weight,
            });
            writeln!(text, "{line}")?;
        } else {
            let (level, state) = (rule.level.as_str(), rule.state.as_str());
            writeln!(text, "{:36}  {level:13}  {state:6}  {}", rule.id, rule.title)?;
        }
    }
    Ok(print::out(text.as_bytes())?)
}

fn tested(files: &RuleFiles, records: &[PathBuf], limit: usize) -> anyhow::Result<()> {
    let loaded = load(files)?;
    let mut count = BTreeMap::<&str, (&Rule, u64)>::new();
    let (mut text, mut seen, mut unsound) = (String::new(), 0_u64, 0_u64);
    for path in find_files(records)? {
        let input = open(&path, 0, &Arc::default())?.bytes;
        let mut reader = ValueReader::new(input, 0, limit);
        while let Some(piece) = reader.next_piece().with_context(|| format!("cannot read {}", path.display()))? {
            for record in test(&loaded.rules, &piece.bytes) {
                seen += 1;
                unsound += u64::from(!record.is_sound);
                for rule in record.rules {
                    count.entry(&rule.id).or_insert((rule, 0)).1 += 1;
                    let place = format!("{}:{}#{}", path.display(), piece.offset, record.index);
                    writeln!(text, "{place} ({}): {} [{}]", record.what, rule.title, rule.level.as_str())?;
                }
            }
            print::out(text.as_bytes())?;
            text.clear();
        }
    }
    let unsound = if unsound > 0 { format!(" ({unsound} cannot be decoded)") } else { String::new() };
    writeln!(text, "{seen} records{unsound}, {} rules matched", count.len())?;
    for (rule, times) in count.values() {
        writeln!(text, "{times:8}  {:36}  {}", rule.id, rule.title)?;
    }
    Ok(print::out(text.as_bytes())?)
}

fn covered(files: &RuleFiles, navigator: Option<&Path>) -> anyhow::Result<()> {
    let loaded = load(files)?;
    let coverage = coverage(loaded.rules.rules());
    let mut text = String::new();
    for (technique, by) in &coverage {
        writeln!(text, "{technique:10}  {:3}  {}", by.len(), by.join("; "))?;
    }
    writeln!(text, "{} techniques", coverage.len())?;
    print::out(text.as_bytes())?;
    if let Some(path) = navigator {
        let layer = format!("{:#}\n", navigator_layer(&coverage));
        std::fs::write(path, layer).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn fields() -> anyhow::Result<()> {
    let mut text = String::new();
    for (name, holds) in FIELDS {
        writeln!(text, "picket.{name:22}  {holds}")?;
    }
    Ok(print::out(text.as_bytes())?)
}
