//! Decoding, from the outside: every drift that exports show, hostile input, and real records.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at what it did not expect, and says what it skips"
)]

mod drift;
mod equivalence;
mod hostile;
mod mutated;
mod real_records;
mod samples;
mod summary;
