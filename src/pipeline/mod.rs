//! One micro-batch at a time: decode, attribute, judge, commit.

mod attribute;
mod cache;
mod judge;
mod judgement;
mod order;

pub use attribute::attribute;
pub use judge::{Derived, Judge, JudgeError};
pub use judgement::{Addressed, Counts, Judgement, Output};
pub use order::Order;
