//! Any requests at all: the provider answers, never with a 5xx, and its token errors are well-formed.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reference_server::fuzzing::requests(bytes));
