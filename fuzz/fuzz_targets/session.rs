//! Any steps through the endpoints: a witness judges every answer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grantcheck::fuzzing::session(bytes));
