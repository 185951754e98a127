//! One micro-batch at a time: decode, attribute, judge, commit.

mod attribute;
mod cache;
mod commit;
mod control;
mod dead_letter;
mod decoding;
mod judge;
mod judgement;
mod merge;
mod order;
mod prepare;
mod scorer;
mod stages;
mod stream_clock;
mod tally;
mod ticks;
mod totals;

pub use attribute::attribute;
pub use commit::{Committer, file_position, stream_clock};
pub use control::Control;
pub use dead_letter::dead_letter;
pub use decoding::{Closed, Decoding};
pub use judge::{Derived, Judge, JudgeError};
pub use judgement::{Addressed, Counts, Judgement, Output};
pub use merge::Merge;
pub use order::Order;
pub use prepare::{Prepared, PreparedEvent, Timing, prepare};
pub use scorer::{ScoreError, Scored, Scorer};
pub use stages::{Clocking, Committed, PipelineError, Stages, Watch, read_batches};
pub use stream_clock::{PassedHours, StreamClock};
pub use tally::Tally;
pub use ticks::{DueIndex, Ticks};
pub use totals::Totals;
