//! Any authorization request of a logged-in browser: an answer goes only where the client is registered.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grantcheck::fuzzing::authorize_request(bytes));
