//! Taking records in: files and folders, standard input, the HTTP inbox.
//!
//! A source cuts what it reads into values (a line, a whole document or the elements of one that is too long, a body) and
//! knows the position after each. It never looks into a value; that is decoding.

mod batch;
mod cut;
mod error;
mod files;
mod follow;
mod inbox;
mod input;
mod open;
mod outline;
mod position;
mod reader;
mod seek;
mod source;
mod stdin;
mod utf16;
mod wake;
mod walk;

pub use batch::{Batch, BatchBuilder, BatchLimits, Part};
pub use error::IngestError;
pub use files::{FileSource, Resume};
pub use inbox::{Accepted, Inbox, InboxLimits, InboxSource};
pub use open::{GZIP, Opened, open};
pub use position::FilePosition;
pub use reader::{Piece, ValueReader};
pub use source::{Filled, Source};
pub use stdin::StdinSource;
pub use wake::Wake;
pub use walk::find_files;
