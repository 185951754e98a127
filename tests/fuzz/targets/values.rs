//! Any bytes as a file of values. Where values begin and end follows from the bytes, however they come in.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| picket_fuzz::feeds::values(bytes));
