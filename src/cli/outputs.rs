//! Reading the files that a run or replay has written.

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// The lines of an output file that are wanted, in their order.
pub(super) fn read<T: DeserializeOwned>(
    folder: &Path,
    name: &str,
    is_wanted: impl Fn(&T) -> bool,
) -> anyhow::Result<Vec<T>> {
    let path = folder.join(name);
    let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut wanted = Vec::new();
    for (line, number) in BufReader::new(file).lines().zip(1..) {
        let line = line.with_context(|| format!("cannot read {}", path.display()))?;
        let one: T = serde_json::from_str(&line)
            .with_context(|| format!("{}:{number} was not written by Picket", path.display()))?;
        if is_wanted(&one) {
            wanted.push(one);
        }
    }
    Ok(wanted)
}
