//! Decoding, from the outside: every drift that exports show, hostile input, and real records.

mod drift;
mod equivalence;
mod hostile;
mod real_records;
mod samples;
mod summary;
