//! Any request at all: the provider answers, never with a 5xx.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reference_server::fuzzing::request(bytes));
