//! Any text as the value of a property that a directory change modified.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| picket_fuzz::feeds::properties(bytes));
