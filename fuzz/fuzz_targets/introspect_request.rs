//! Any introspection request: tokens are described only to those who may know.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grantcheck::fuzzing::introspect_request(bytes));
