//! What `picket scan` costs, beside reading the files alone and beside other scanners:
//! `cargo bench --bench secrets -- speed [FOLDER]` and `cargo bench --bench secrets -- large`.
//!
//! Without a folder, the corpus is the sources of all packages that Cargo has fetched (`cargo fetch` gets those of this
//! repository). Other scanners take part if they are on the PATH.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

#[path = "../figures/child.rs"]
#[expect(dead_code, reason = "scanners end as they like; other benches want a good end")]
mod child;
mod large;
mod peers;
mod speed;

use std::io::{self, Error};
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["speed"] => speed::measure(&fetched_sources()?),
        ["speed", folder] => speed::measure(Path::new(folder)),
        ["large"] => large::measure(),
        ["read", folder] => speed::read_alone(Path::new(folder)),
        _ => {
            println!("name what to measure: speed [FOLDER], large");
            Ok(())
        }
    }
}

/// Where Cargo keeps the sources of packages.
fn fetched_sources() -> io::Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let folder = home.map(|home| home.join("registry").join("src")).filter(|folder| folder.is_dir());
    folder.ok_or_else(|| Error::other("no sources are fetched: run `cargo fetch`, or name a folder"))
}
