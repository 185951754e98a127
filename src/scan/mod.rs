//! Finding credentials in files, archives and git repositories.
//!
//! A *source* gives work in a fixed order: files of a folder (`walk`), commits of a repository (`git`), one stream.
//! Workers take it in batches, read each document in windows (`window`) and search it (`inspect`); what they find
//! comes out in the order of the work ([`run`]), so that the number of threads changes nothing.
//!
//! Invariants: memory is bounded by the windows, whatever the size of a file, of a line or of an archive; no finding and
//! no notice holds a secret; nothing that can't be read stops the rest.

mod allow;
mod archive;
mod baseline;
mod encoding;
mod error;
mod finding;
mod inspect;
mod lines;
mod notice;
mod order;
mod owners;
mod run;
mod unpack;
mod walk;
mod window;

pub mod git;
pub mod report;
pub mod verify;

pub use baseline::{Baseline, BaselineWriter};
pub use error::ScanError;
pub use finding::{Commit, Finding, Span};
pub use inspect::{Inspector, Work};
pub use notice::{Notice, Trouble};
pub use order::{Outcome, Tally};
pub use owners::{Belonging, Owners, Step};
pub use run::{Source, run};
pub use walk::{Files, Ignoring};
