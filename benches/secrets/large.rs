//! Files of a size, and in a number, that memory must not follow.

use crate::child::run_to_any_end;
use crate::peers::picket;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The most memory that any of them may take.
const BOUND: u64 = 300_000_000;

/// Fills a folder, and says with how many bytes.
type Make = fn(&Path) -> io::Result<u64>;

/// Makes each case, scans it, and removes it.
pub(crate) fn measure() -> io::Result<()> {
    println!("| case | bytes | processor time | wall time | memory |\n|---|---|---|---|---|");
    let cases: [(&str, Make); 3] = [
        ("one file of 2 GB", one_large_file),
        ("one line of 500 MB", one_long_line),
        ("one million small files", many_files),
    ];
    for (name, make) in cases {
        let folder = folder()?;
        let bytes = make(&folder)?;
        let (cost, status) = run_to_any_end(&mut picket(&folder, 2))?;
        let (cpu, wall, memory) = (cost.cpu, cost.wall, cost.peak as f64 / 1e6);
        println!("| {name} | {bytes} | {cpu:.1} s | {wall:.1} s | {memory:.0} MB |");
        fs::remove_dir_all(&folder)?;
        if status.code() != Some(0) || cost.peak > BOUND {
            return Err(io::Error::other(format!("{name}: {status}, {memory:.0} MB: not what it should be")));
        }
    }
    Ok(())
}

/// An empty folder below `target`, which nobody commits.
fn folder() -> io::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("secrets");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

const CODE: &str = "fn sum(a: &[u32], key: usize) -> u32 { a.iter().skip(key).map(|token| token * 31 + 7).sum() }";

fn one_large_file(folder: &Path) -> io::Result<u64> {
    repeat(&folder.join("large.rs"), "\n", 2_000_000_000)
}

fn one_long_line(folder: &Path) -> io::Result<u64> {
    repeat(&folder.join("min.js"), ";", 500_000_000)
}

fn repeat(path: &Path, end: &str, bytes: u64) -> io::Result<u64> {
    let piece = [CODE, end].concat();
    let mut file = BufWriter::new(fs::File::create(path)?);
    let count = bytes / piece.len() as u64;
    for _ in 0..count {
        file.write_all(piece.as_bytes())?;
    }
    file.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(count * piece.len() as u64)
}

fn many_files(folder: &Path) -> io::Result<u64> {
    const FOLDERS: u32 = 1_000;
    for outer in 0..FOLDERS {
        let inner = folder.join(outer.to_string());
        fs::create_dir(&inner)?;
        for number in 0..FOLDERS {
            fs::write(inner.join(number.to_string()), CODE)?;
        }
    }
    Ok(u64::from(FOLDERS) * u64::from(FOLDERS) * CODE.len() as u64)
}
