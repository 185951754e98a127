//! Requests to the inbox: only who bears the token or signs the body comes in, whatever else is sent.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| picket_fuzz::feeds::requests(bytes));
