//! Bytes a second of processor time, over real sources.

use crate::child::{Cost, run_to_any_end};
use crate::peers::{PEERS, on_cores, picket};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs of each side, taking turns; the best counts.
const ROUNDS: usize = 3;

/// Seconds beyond which a side has no second turn.
const PATIENCE: f64 = 60.0;

/// What is measured, as a command.
struct Side {
    name: String,
    make: Box<dyn Fn() -> Option<Command>>,
    best: Option<Cost>,
}

/// Measures all sides and prints a table.
pub(crate) fn measure(folder: &Path) -> io::Result<()> {
    let (files, bytes) = size(folder)?;
    let megabytes = bytes as f64 / 1e6;
    println!("corpus: {files} files, {megabytes:.0} MB\n");
    let mut sides = sides(folder);
    // The first reading fills the cache, for everybody.
    read_alone(folder)?;
    for _ in 0..ROUNDS {
        for side in &mut sides {
            if side.best.is_some_and(|best| best.wall > PATIENCE) {
                continue;
            }
            if let Some(mut command) = (side.make)() {
                let (cost, _) = run_to_any_end(command.stderr(std::process::Stdio::null()))?;
                side.best = Some(better(side.best, cost));
            }
        }
    }
    println!("| scanner | processor time | MB a processor second | wall time | memory |\n|---|---|---|---|---|");
    for side in &sides {
        let Some(Cost { cpu, wall, peak }) = side.best else { continue };
        let (rate, memory) = (megabytes / cpu, peak as f64 / 1e6);
        println!("| {} | {cpu:.2} s | {rate:.0} | {wall:.2} s | {memory:.0} MB |", side.name);
    }
    let of = |name: &str| sides.iter().find(|side| side.name == name).and_then(|side| side.best);
    if let (Some(read), Some(one), Some(two)) = (of("reading alone"), of("picket, 1 core"), of("picket, 2 cores")) {
        println!("\npicket costs {:.2} times reading the files alone", one.cpu / read.cpu);
        println!("two cores are {:.2} times as fast as one", one.wall / two.wall);
        let peers = sides.iter().filter(|side| PEERS.iter().any(|peer| side.name.starts_with(peer.name)));
        for (name, peer) in peers.filter_map(|side| Some((&side.name, side.best?))) {
            println!("{name} needs {:.1} times the processor time of picket", peer.cpu / one.cpu);
        }
    }
    Ok(())
}

fn sides(folder: &Path) -> Vec<Side> {
    let owned = folder.to_path_buf();
    let reading = move || {
        let itself = std::env::current_exe().ok()?;
        let mut command = on_cores(1, itself.to_str()?);
        command.arg("read").arg(&owned);
        Some(command)
    };
    let mut sides = vec![Side { name: "reading alone".to_owned(), make: Box::new(reading), best: None }];
    for cores in [1, 2] {
        let (owned, plural) = (folder.to_path_buf(), if cores == 1 { "" } else { "s" });
        let make = move || Some(picket(&owned, cores));
        sides.push(Side { name: format!("picket, {cores} core{plural}"), make: Box::new(make), best: None });
    }
    for peer in &PEERS {
        let owned = folder.to_path_buf();
        let make = move || peer.command(&owned, 1);
        sides.push(Side { name: format!("{}, 1 core", peer.name), make: Box::new(make), best: None });
    }
    sides
}

/// The least of both: what others on the machine do only ever adds.
fn better(best: Option<Cost>, cost: Cost) -> Cost {
    let Some(best) = best else { return cost };
    Cost { cpu: best.cpu.min(cost.cpu), wall: best.wall.min(cost.wall), peak: best.peak.max(cost.peak) }
}

/// Opens and reads every file, and does nothing with it.
pub(crate) fn read_alone(folder: &Path) -> io::Result<()> {
    let mut buffer = vec![0; 2 << 20];
    for path in files(folder) {
        let mut file = File::open(path)?;
        while file.read(&mut buffer)? > 0 {}
    }
    Ok(())
}

fn size(folder: &Path) -> io::Result<(usize, u64)> {
    let (mut count, mut bytes) = (0, 0);
    for path in files(folder) {
        count += 1;
        bytes += std::fs::metadata(path)?.len();
    }
    Ok((count, bytes))
}

fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path)
}
