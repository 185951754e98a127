//! The figures of `benches/README.md`, measured on the real program: `cargo bench --bench figures -- NAME`.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

mod child;
#[expect(
    clippy::indexing_slicing,
    clippy::match_same_arms,
    reason = "a bench may fail, and each case stands for itself"
)]
mod corpus;
mod distributions;
mod end_to_end;
mod instructions;
mod latency;
mod runs;

use std::io;

/// Runs of each side; the best counts.
const ROUNDS: usize = 3;

fn main() -> io::Result<()> {
    let names: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with("--")).collect();
    if names.is_empty() {
        println!("name what to measure: end-to-end, instructions, distributions, principals, latency");
    }
    for name in names {
        match name.as_str() {
            "end-to-end" => end_to_end::measure(ROUNDS)?,
            "instructions" => instructions::measure()?,
            "distributions" => distributions::measure(ROUNDS)?,
            "principals" => distributions::principals(ROUNDS)?,
            "latency" => latency::measure()?,
            _ => return Err(io::Error::other(format!("there is no bench {name}"))),
        }
    }
    Ok(())
}
