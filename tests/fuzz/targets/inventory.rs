//! Exports of applications, service principals and agents: any member of any of them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| picket_fuzz::feeds::inventory(bytes));
