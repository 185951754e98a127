//! Instructions a record, counted by valgrind: the same on a busy machine as on a quiet one.

use crate::corpus::Keys;
use crate::end_to_end::{public_rules, rsigma_command, spine};
use crate::runs::{corpus, folder};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What starting costs is told apart by two lengths.
const SHORT: usize = 10_000;
const LONG: usize = 40_000;
const PRINCIPALS: usize = 1_000;

/// Prints the instructions of every program over the same records.
pub(crate) fn measure() -> io::Result<()> {
    let file = corpus(Keys::Zipf(PRINCIPALS), 600_000, 10)?;
    let (short, long) = (head(&file, SHORT)?, head(&file, LONG)?);
    println!("instructions a record, one thread, Zipf over {PRINCIPALS} principals (valgrind):");
    let spine = spine()?;
    let mut told = vec![("three detectors", picket(&["--config", &spine])), ("all detectors", picket(&[]))];
    let rules = public_rules()?;
    if let Some(rules) = &rules {
        told.push(("all detectors and the public rules", picket(&["--config", rules])));
    }
    for (what, command) in told {
        let between = count(&command, &long, false)? - count(&command, &short, false)?;
        println!("  picket, {what}: {}", between / (LONG - SHORT) as u64);
    }
    if let Some(command) = rsigma_command() {
        let between = count(&command, &long, true)? - count(&command, &short, true)?;
        println!("  rsigma engine eval: {}", between / (LONG - SHORT) as u64);
    }
    Ok(())
}

/// The first lines of a file, in a file of their own.
fn head(file: &Path, lines: usize) -> io::Result<PathBuf> {
    let path = file.with_extension(format!("{lines}.ndjson"));
    let mut out = BufWriter::new(File::create(&path)?);
    for line in BufReader::new(File::open(file)?).lines().take(lines) {
        writeln!(out, "{}", line?)?;
    }
    out.flush()?;
    Ok(path)
}

fn picket(extra: &[&str]) -> Vec<String> {
    let fixed = [env!("CARGO_BIN_EXE_picket"), "run", "--once", "--log-level", "warn", "--threads", "1"];
    fixed.into_iter().chain(extra.iter().copied()).map(str::to_owned).collect()
}

/// The instructions of one run, which reads the file by its name or from standard input.
fn count(command: &[String], file: &Path, by_stdin: bool) -> io::Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]).args(command);
    if by_stdin {
        valgrind.stdin(File::open(file)?);
    } else {
        let work = folder()?.join("work");
        if work.exists() {
            std::fs::remove_dir_all(&work)?;
        }
        valgrind.arg("--data").arg(work.join("data")).arg("--out").arg(work.join("out")).arg(file);
    }
    let output = valgrind.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find_map(|line| line.split("I   refs:").nth(1).or_else(|| line.split("I refs:").nth(1)));
    let digits: String = line.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    digits.parse().map_err(|_| io::Error::other(format!("valgrind counted nothing: {}", text.trim())))
}
