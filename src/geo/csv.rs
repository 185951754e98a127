//! Tables of ranges: a range and what is known of it a line, parted by commas or tabs.

use super::error::GeoError;
use super::layout::Layout;
use super::ranges::{Builder, CAPACITY, Ranges};
use crate::intelligence::cells;
use std::path::Path;

/// Reads a table. It is taken whole or not at all.
pub(super) fn read(path: &Path, text: &str) -> Result<Ranges, GeoError> {
    let text = text.trim_start_matches('\u{feff}');
    let lines = (1_u32..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let (mut ranges, mut layout) = (Builder::default(), None);
    for (line, row) in lines {
        let cells = split(row);
        let Some(layout) = layout else {
            let unknown = || GeoError::Columns { path: path.to_owned(), line: line as usize };
            let named = Layout::named(&cells);
            let taken = named.or_else(|| Layout::usual(&cells)).ok_or_else(unknown)?;
            layout = Some(taken);
            if named.is_none() {
                take(&mut ranges, &taken, &cells, (path, line))?;
            }
            continue;
        };
        take(&mut ranges, &layout, &cells, (path, line))?;
    }
    if ranges.len() == 0 {
        return Err(GeoError::TellsNothing { path: path.to_owned(), kind: "a table".to_owned() });
    }
    ranges.finish(path)
}

fn take(ranges: &mut Builder, layout: &Layout, cells: &[String], (path, line): (&Path, u32)) -> Result<(), GeoError> {
    let row = |fault| GeoError::Row { path: path.to_owned(), line: line as usize, fault };
    if ranges.len() >= CAPACITY {
        return Err(GeoError::TooMany { path: path.to_owned(), most: CAPACITY });
    }
    let (first, last) = layout.range(cells).map_err(row)?;
    let located = layout.located(cells);
    if located.is_unknown() {
        return Ok(());
    }
    ranges.add(first, last, located, line).map_err(row)
}

/// The cells of a line. Where tabs part them, nothing is quoted.
fn split(row: &str) -> Vec<String> {
    if row.contains('\t') { row.split('\t').map(str::to_owned).collect() } else { cells(row) }
}
