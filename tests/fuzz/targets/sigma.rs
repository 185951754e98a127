//! Any text as Sigma rules; what loads is held against a record. Picket's own rules, which take long to compile, are left out.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| picket_fuzz::feeds::sigma(bytes));
