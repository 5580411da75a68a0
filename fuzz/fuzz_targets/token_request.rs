//! Any token request: a token only for a credential that fits.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grantcheck::fuzzing::token_request(bytes));
