//! Why a file of places can't be used, and what to do about it.

use std::path::PathBuf;

/// Why a file of places can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GeoError {
    /// It can't be read.
    #[error("cannot read {}: {source}; name a file that is there in geo.files", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is an archive.
    #[error("{} is compressed: unpack it and name what comes out in geo.files", path.display())]
    Compressed {
        /// The file.
        path: PathBuf,
    },
    /// A database that is broken.
    #[error("{} is no whole MaxMind database ({source}): fetch it again", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: maxminddb::MaxMindDbError,
    },
    /// A file of something else, or of nothing.
    #[error("{} ({kind}) tells neither countries nor cities nor AS numbers: name a file that does", path.display())]
    TellsNothing {
        /// The file.
        path: PathBuf,
        /// What it calls itself.
        kind: String,
    },
    /// A table without columns that are known.
    #[error(
        "{}:{line}: give the columns names in a first line: start and end, or network, and of country, city and asn what there is",
        path.display()
    )]
    Columns {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
    },
    /// A row that is none.
    #[error("{}:{line}: {fault}: correct or remove the line", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What is wrong.
        fault: RowFault,
    },
    /// Two rows that speak of one address.
    #[error("{}:{line}: the range overlaps that of line {other}: remove one of them", path.display())]
    Overlap {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The line of the other.
        other: usize,
    },
    /// More rows than memory is meant for.
    #[error("{} has more than {most} ranges: take an .mmdb database instead", path.display())]
    TooMany {
        /// The file.
        path: PathBuf,
        /// How many are taken.
        most: usize,
    },
}

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// No range.
    #[error("the row begins with no two addresses, and no network like 203.0.113.0/24")]
    NoRange,
    /// Its ends are of two kinds.
    #[error("a range begins as IPv4 and ends as IPv6")]
    Mixed,
    /// Its end comes first.
    #[error("the range ends before it begins")]
    Backwards,
}
