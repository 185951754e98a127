//! Detection quality on simulated tenants: `cargo bench --bench quality --features kafka-tls,failpoints -- --help`.
//!
//! Simulates, decodes, attributes and folds with the program's own functions, and holds what was detected against the
//! truth. Two naive rivals, which live in this bench alone, judge the same records.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

mod arguments;
mod interval;
mod judged;
mod measure;
mod page;
mod picture;
mod report;
mod rivals;
mod run;
mod truth;

use arguments::Arguments;
use measure::Measured;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let Some(arguments) = Arguments::parse(std::env::args().skip(1))? else {
        println!("{}", arguments::USAGE);
        return Ok(());
    };
    let mut all = Measured::default();
    for seed in &arguments.seeds {
        let world = run::run(*seed, &arguments)?;
        println!("seed {seed}: {}", world.cost);
        all.add(measure::measure(&world));
    }
    print!("{}", report::table(&all, &arguments));
    if let Some(folder) = &arguments.docs {
        page::write(folder, &all, &arguments)?;
    }
    Ok(())
}
