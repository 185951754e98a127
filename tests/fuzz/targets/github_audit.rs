//! GitHub's audit log, as it is streamed and as it is exported: any member of any entry.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| picket_fuzz::feeds::github_audit(bytes));
