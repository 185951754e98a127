//! File to synced commit, beside a rule engine that keeps no state: the first three detectors on one core and two, all of
//! them, and all with the public rules loaded.

use crate::child::{Cost, run};
use crate::corpus::Keys;
use crate::runs::{Cores, best, corpus, folder, on_cores, once};
use picket_detectors::detect::DETECTORS;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

const RECORDS: u64 = 600_000;
/// A tenant of ordinary size, and a large one.
const PRINCIPALS: [usize; 2] = [1_000, 10_000];
const DAYS: u64 = 10;
/// What the figure of the first issue was asked for.
const SPINE: [&str; 3] = ["leakedCredentials", "suspiciousCredentialAddition", "suspiciousSignins"];

/// Prints events a processor second of both, and what the second core gives. The programs take turns.
pub(crate) fn measure(rounds: usize) -> io::Result<()> {
    PRINCIPALS.into_iter().try_for_each(|principals| measure_one(principals, rounds))
}

fn measure_one(principals: usize, rounds: usize) -> io::Result<()> {
    let file = corpus(Keys::Zipf(principals), RECORDS, DAYS)?;
    let average = file.metadata()?.len() / RECORDS;
    println!("end-to-end: {RECORDS} sign-ins of {average} bytes on average, Zipf over {principals} principals");
    let (spine, with_rules) = (spine()?, public_rules()?);
    let mut costs = Costs::default();
    for _ in 0..rounds {
        costs.spine_on_two.push(once(&file, Cores(2), &["--config", &spine])?);
        costs.spine.push(once(&file, Cores(1), &["--config", &spine])?);
        if let Some(mut command) = rsigma(&file) {
            costs.rules.push(run(&mut command)?);
        }
        costs.all_on_two.push(once(&file, Cores(2), &[])?);
        costs.all.push(once(&file, Cores(1), &[])?);
        if let Some(config) = &with_rules {
            costs.all_and_rules.push(once(&file, Cores(1), &["--config", config])?);
        }
    }
    costs.print();
    Ok(())
}

/// What each of the programs cost, round by round.
#[derive(Default)]
struct Costs {
    spine_on_two: Vec<Cost>,
    spine: Vec<Cost>,
    rules: Vec<Cost>,
    all_on_two: Vec<Cost>,
    all: Vec<Cost>,
    all_and_rules: Vec<Cost>,
}

impl Costs {
    fn print(&self) {
        // It runs on one thread, so one core against one core compares work, and two cores what an operator gets.
        let rules = (!self.rules.is_empty()).then(|| best(&self.rules));
        let told = [
            ("three detectors, two cores", &self.spine_on_two),
            ("three detectors, one core", &self.spine),
            ("all detectors, two cores", &self.all_on_two),
            ("all detectors, one core", &self.all),
            ("all detectors and the public rules, one core", &self.all_and_rules),
        ];
        for (what, costs) in told.into_iter().filter(|(_, costs)| !costs.is_empty()) {
            print(what, best(costs), rules);
        }
        match rules {
            Some(rules) => print("rsigma engine eval", rules, None),
            None => println!("  rsigma or its rules are not there: benches/README.md says how to install it"),
        }
        let (spine, all) = (best(&self.spine), best(&self.all));
        let (spine_on_two, all_on_two) = (best(&self.spine_on_two), best(&self.all_on_two));
        println!("  all detectors against three: {:.2} of the events a processor second", spine.cpu / all.cpu);
        let (three, every) = (spine.wall / spine_on_two.wall, all.wall / all_on_two.wall);
        println!("  two cores against one: {three:.2} times as fast with three detectors, {every:.2} with all");
    }
}

fn print(what: &str, cost: Cost, rules: Option<Cost>) {
    let (cpu, wall) = (RECORDS as f64 / cost.cpu, RECORDS as f64 / cost.wall);
    let ratio = rules.map(|rules| format!(" ({:.2} times rsigma's)", rules.cpu / cost.cpu)).unwrap_or_default();
    let peak = cost.peak >> 20;
    println!("  {what}: {cpu:.0} events a processor second{ratio}, {wall:.0} a second, {peak} MiB at most");
}

/// A configuration with the three detectors that Picket began with; the rest, and the rules, are off.
pub(crate) fn spine() -> io::Result<String> {
    let others = DETECTORS.iter().map(|detector| detector.descriptor().risk_event_type);
    let off = others.filter(|name| !SPINE.contains(name)).map(|name| format!("{name} = \"off\"\n"));
    let config = folder()?.join("three.toml");
    std::fs::write(&config, format!("[detectors]\n{}", off.collect::<String>()))?;
    Ok(config.display().to_string())
}

/// A configuration that loads the public Azure rules, if they are there.
pub(crate) fn public_rules() -> io::Result<Option<String>> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/sigma/azure/rules");
    if !rules.exists() {
        return Ok(None);
    }
    let config = folder()?.join("rules.toml");
    std::fs::write(&config, format!("[rules]\nfolders = [{:?}]\n", rules.display().to_string()))?;
    Ok(Some(config.display().to_string()))
}

/// The rule engine with the public Azure rules over the same records, if both are there.
fn rsigma(file: &Path) -> Option<Command> {
    let words = rsigma_command()?;
    let (program, arguments) = words.split_first()?;
    let mut command = on_cores(Cores(2), program);
    command.args(arguments).stdin(File::open(file).ok()?).stderr(Stdio::null());
    Some(command)
}

/// How the rule engine is started, if it and its rules are there; it reads standard input.
pub(crate) fn rsigma_command() -> Option<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = root.join("target/rsigma/bin/rsigma");
    let rules = root.join("../shared/data/sigma/azure/rules");
    if !program.exists() || !rules.exists() {
        return None;
    }
    let words = [program.to_str()?, "engine", "eval", "--rules", rules.to_str()?];
    Some(words.map(str::to_owned).to_vec())
}
