//! Any Authorization header: only credentials that are exactly right open anything.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grantcheck::fuzzing::authorization_header(bytes));
