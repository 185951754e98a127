//! Rules: that they load, that they match as the evaluator alone would, that their examples hold.
#![expect(clippy::expect_used, reason = "a test may fail")]

mod differential;
mod loading;
mod records;
