//! Throughput by key distribution, and its dependence on the number of principals.

use crate::child::Cost;
use crate::corpus::Keys;
use crate::runs::{Cores, best, corpus, once};
use std::io;

const RECORDS: u64 = 600_000;
const DAYS: u64 = 10;

/// Prints the throughput of Zipf, uniform and hot-key traffic over as many principals.
pub(crate) fn measure(rounds: usize) -> io::Result<()> {
    const PRINCIPALS: usize = 10_000;
    println!("distributions: {RECORDS} sign-ins, {PRINCIPALS} principals, two cores");
    let keys = [Keys::Zipf(PRINCIPALS), Keys::Uniform(PRINCIPALS), Keys::Hot(PRINCIPALS)];
    let [zipf, _, hot] = compare(keys, RECORDS, rounds)?;
    println!("  hot key against Zipf: {:.2} of the throughput", zipf.wall / hot.wall);
    Ok(())
}

/// Prints the throughput with 1,000 and with 500,000 principals, and the memory and stored state of a million.
pub(crate) fn principals(rounds: usize) -> io::Result<()> {
    const FEW: usize = 1_000;
    const MANY: usize = 500_000;
    const ALL: usize = 1_000_000;
    println!("principals: {RECORDS} sign-ins, two cores");
    let [few, many] = compare([Keys::Zipf(FEW), Keys::Zipf(MANY)], RECORDS, rounds)?;
    println!("  {MANY} principals against {FEW}: {:.2} of the throughput (wall)", few.wall / many.wall);
    println!("  {MANY} principals against {FEW}: {:.2} of the throughput (processor)", few.cpu / many.cpu);
    let records = 2 * ALL as u64;
    println!("memory: {records} sign-ins, every one of {ALL} principals at least once");
    compare([Keys::Every(ALL)], records, 1)?;
    Ok(())
}

/// The distributions take turns.
fn compare<const N: usize>(keys: [Keys; N], records: u64, rounds: usize) -> io::Result<[Cost; N]> {
    let mut costs = keys.map(|_| Vec::new());
    for _ in 0..rounds {
        for (keys, costs) in keys.iter().zip(&mut costs) {
            costs.push(once(&corpus(*keys, records, DAYS)?, Cores(2), &[])?);
        }
    }
    let costs = costs.map(|costs| best(&costs));
    for (keys, cost) in keys.iter().zip(&costs) {
        let (cpu, wall) = (records as f64 / cost.cpu, records as f64 / cost.wall);
        println!(
            "  {}: {wall:.0} events a second, {cpu:.0} a processor second, {} MiB at most",
            keys.name(),
            cost.peak >> 20
        );
    }
    Ok(costs)
}
