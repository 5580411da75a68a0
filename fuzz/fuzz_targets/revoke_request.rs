//! Any revocation request: a token ends by its own client and by nobody else.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| grantcheck::fuzzing::revoke_request(bytes));
