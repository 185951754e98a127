//! Any bytes as a file that is searched: archives within archives, encodings, binary data.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| picket_fuzz::feeds::archives(bytes));
