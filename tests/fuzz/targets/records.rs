//! Any bytes as records: all shapes and categories.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| picket_fuzz::feeds::records(bytes));
