//! Any bytes as a file of indicators: lists, CSV, Spamhaus DROP, STIX 2.1.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| picket_fuzz::feeds::indicators(bytes));
