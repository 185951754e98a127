//! Any text as the `KeyDescription` of a change of credentials.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| picket_fuzz::feeds::key_description(bytes));
