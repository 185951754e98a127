//! Git bundles: bytes as they are, or a pack made of them whose checksums are right, so that deltas, trees and commits
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| picket_fuzz::feeds::bundles(bytes));
