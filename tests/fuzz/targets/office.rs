//! Microsoft 365's unified audit log, as records and as rows: any member of any of them, and the text within text.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| picket_fuzz::feeds::office(bytes));
