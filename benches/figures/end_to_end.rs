//! File to synced commit with all detectors, beside a rule engine that keeps no state; one core and two.

use crate::child::{Cost, run};
use crate::corpus::Keys;
use crate::runs::{Cores, best, corpus, folder, on_cores, once};
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

const RECORDS: u64 = 600_000;
/// A tenant of ordinary size, and a large one.
const PRINCIPALS: [usize; 2] = [1_000, 10_000];
const DAYS: u64 = 10;

/// Prints events a processor second of both, and what the second core gives. The programs take turns.
pub(crate) fn measure(rounds: usize) -> io::Result<()> {
    PRINCIPALS.into_iter().try_for_each(|principals| measure_one(principals, rounds))
}

fn measure_one(principals: usize, rounds: usize) -> io::Result<()> {
    let file = corpus(Keys::Zipf(principals), RECORDS, DAYS)?;
    let average = file.metadata()?.len() / RECORDS;
    println!("end-to-end: {RECORDS} sign-ins of {average} bytes on average, Zipf over {principals} principals");
    let with_rules = public_rules()?;
    let (mut two, mut one, mut rules, mut both) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        two.push(once(&file, Cores(2), &[])?);
        one.push(once(&file, Cores(1), &[])?);
        if let Some(mut command) = rsigma(&file) {
            rules.push(run(&mut command)?);
        }
        if let Some(config) = &with_rules {
            both.push(once(&file, Cores(1), &["--config", config])?);
        }
    }
    let (two, one) = (best(&two), best(&one));
    print("picket run --once, two cores", two);
    print("picket run --once, one core", one);
    println!("  two cores against one: {:.2} times as fast", one.wall / two.wall);
    if rules.is_empty() {
        println!("  rsigma is not there: benches/README.md says how to install it");
        return Ok(());
    }
    let rules = best(&rules);
    print("rsigma engine eval", rules);
    // It runs on one thread, so one core against one core compares work, and two cores what an operator gets.
    let (alone, on_two) = (rules.cpu / one.cpu, rules.cpu / two.cpu);
    println!("  events a processor second: {alone:.2} times rsigma's on one core, {on_two:.2} times on two");
    if !both.is_empty() {
        let both = best(&both);
        print("picket with the same rules loaded, one core", both);
        println!("  events a processor second: {:.2} times rsigma's alone", rules.cpu / both.cpu);
    }
    Ok(())
}

fn print(what: &str, cost: Cost) {
    let (cpu, wall) = (RECORDS as f64 / cost.cpu, RECORDS as f64 / cost.wall);
    println!("  {what}: {cpu:.0} events a processor second, {wall:.0} a second, {} MiB at most", cost.peak >> 20);
}

/// A configuration that loads the public Azure rules, if they are there.
fn public_rules() -> io::Result<Option<String>> {
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = root.join("target/rsigma/bin/rsigma");
    let rules = root.join("../shared/data/sigma/azure/rules");
    if !program.exists() || !rules.exists() {
        return None;
    }
    let mut command = on_cores(Cores(2), program.to_str()?);
    command.args(["engine", "eval", "--rules"]).arg(rules);
    command.stdin(File::open(file).ok()?).stderr(Stdio::null());
    Some(command)
}
