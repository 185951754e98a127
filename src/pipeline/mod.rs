//! One micro-batch at a time: decode, attribute, judge, commit.

mod attribute;

pub use attribute::attribute;
