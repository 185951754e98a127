//! The table and the picture for `docs/`.

use crate::arguments::Arguments;
use crate::measure::Measured;
use crate::{picture, report};
use std::io;
use std::path::Path;

/// The page's text before the table.
const HEAD: &str = include_str!("head.md");

/// Writes `quality.md` and `quality.svg`.
pub(crate) fn write(folder: &Path, all: &Measured, arguments: &Arguments) -> io::Result<()> {
    let table = report::table(all, arguments);
    // Single misses and causes are for whoever tunes, not for the page.
    let table = table.split("\nmissed campaigns").next().unwrap_or_default();
    std::fs::write(folder.join("quality.md"), format!("{HEAD}\n```text{table}```\n"))?;
    std::fs::write(folder.join("quality.svg"), picture::draw(all))
}
