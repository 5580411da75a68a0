//! Any Cookie header: what is found stands there, and nobody else is logged in by it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grantcheck::fuzzing::cookie(bytes));
