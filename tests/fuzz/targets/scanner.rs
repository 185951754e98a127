//! Any bytes as text with secrets in it: found, and taken out.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| picket_fuzz::feeds::scanner(bytes));
