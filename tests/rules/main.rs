//! Rules: that they load, that they match as the evaluator alone would, that their examples hold.
#![expect(clippy::print_stdout, reason = "a test says what it skips and counts")]
#![expect(clippy::expect_used, reason = "a test may fail")]

mod catalogue;
mod differential;
mod loading;
mod mutated;
mod operator;
mod records;
