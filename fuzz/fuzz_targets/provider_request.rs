//! Any requests as text: a witness judges every answer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grantcheck::fuzzing::provider_request(bytes));
